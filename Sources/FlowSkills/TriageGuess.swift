package import FlowJSON

/// The skill that the triage model finds nearest to an error.
package struct TriageGuess: Sendable, Hashable {
    /// A skill's id.
    package let skill: String
    /// From 0 to 1.
    package let probability: Double

    /// - Returns: nil where the model's label is no skill's id.
    package init?(skill: String, probability: Double) {
        guard SkillName.isID(skill), (0...1).contains(probability) else { return nil }
        self.skill = skill
        self.probability = probability
    }

    /// As stages hand it over: `{skill, probability}`.
    package init?(json: JSON?) {
        self.init(
            skill: json?["skill"]?.stringValue ?? "",
            probability: json?["probability"]?.doubleValue ?? -1)
    }

    package var json: JSON {
        [
            "skill": .string(skill),
            "probability": .number((probability * 10_000).rounded() / 10_000),
        ]
    }

    /// For a reviewer; the model has no answer "none of these".
    var sentence: String {
        "The triage model thinks of \(skill) (\(Int((probability * 100).rounded())) %); it always names "
            + "one of the skills that it knows."
    }
}
