package import FlowJSON

/// What a model says of one text.
package struct Prediction: Sendable, Hashable {
    package struct Guess: Sendable, Hashable {
        package let label: String
        /// From 0 to 1; over all labels they sum to 1.
        package let probability: Double
    }

    /// A term of the text and how much it spoke for the likeliest label, in units of the decision.
    package struct Word: Sendable, Hashable {
        package let term: String
        package let weight: Double
    }

    /// The likeliest first.
    package let guesses: [Guess]
    /// The terms that spoke for the likeliest label, the strongest first.
    package let words: [Word]
    /// How many terms of the text the model knows. With 0 the guesses are only how the labels lay
    /// in training: the text is none that the model can say something of.
    package let knownTerms: Int

    package var json: JSON {
        [
            "labels": .array(
                guesses.map {
                    ["label": .string($0.label), "probability": .number($0.probability)]
                }),
            "words": .array(
                words.map { ["term": .string($0.term), "weight": .number($0.weight)] }),
            "known_terms": .integer(knownTerms),
        ]
    }
}
