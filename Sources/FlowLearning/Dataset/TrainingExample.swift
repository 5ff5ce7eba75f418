package import FlowJSON
package import FlowSystem

/// One line of the training dataset: what one skill, forum answer or person teaches.
package struct TrainingExample: Sendable, Hashable {
    /// The sources that flow itself writes; a team's own importer may name another.
    package enum Source {
        package static let production = "skillsmith-production"
        package static let forum = "forum"
        package static let manual = "manual"
    }

    /// What is given.
    package struct Input: Sendable, Hashable {
        /// The signature's template, or a pattern; it is one of the texts a model learns from.
        package var errorPattern: String
        package var component: String
        /// When the rule applies: `pre_execution_check`.
        package var context: String

        package init(errorPattern: String, component: String, context: String) {
            self.errorPattern = errorPattern
            self.component = component
            self.context = context
        }
    }

    /// What was measured when the line was written; nil is unknown, not zero.
    package struct Metrics: Sendable, Hashable {
        package var hits7d: Int?
        package var hits30d: Int?
        package var impactScore: Double?
        /// From 0 to 1.
        package var confidence: Double?

        package init(
            hits7d: Int? = nil, hits30d: Int? = nil, impactScore: Double? = nil,
            confidence: Double? = nil
        ) {
            self.hits7d = hits7d
            self.hits30d = hits30d
            self.impactScore = impactScore
            self.confidence = confidence
        }
    }

    /// The skill's id; never empty.
    package var id: String
    package var source: String
    /// `guardrail`, `fixer` or `procedure`.
    package var kind: String
    /// A slug such as `prevent_keyerror_in_sale_order` (`TaskSlug`).
    package var task: String
    package var input: Input
    /// The answer to be learned, as its kind shapes it: `action` and `message` of a guardrail.
    package var output: JSONObject
    package var metrics: Metrics
    package var fingerprint: String
    package var tags: [String]
    /// When the line was first written or last changed.
    package var timestamp: Timestamp?
    /// The time of the approving commit.
    package var approvedAt: Timestamp?
    package var description: String
    /// Raw messages with secrets masked.
    package var examples: [String]
    /// The side of the whole line, from the first fingerprint of the alias chain.
    package var split: DatasetSplit
    /// What a model should answer; the skill's id.
    package var label: String
    package var state: ExampleState
    /// Whether a person has set the label right after a model or a program had chosen another, or has
    /// confirmed it.
    package var isCorrected = false
    /// How much each text of the line counts; nil: as `weight` says.
    package var givenWeight: Double?
    /// Members that flow does not know, kept as they are.
    package var other: JSONObject

    /// A line as flow makes it. `firstFingerprint` is the oldest of the alias chain, where the
    /// fingerprint was ever regrouped; it fixes the split.
    package init(
        id: String, source: String, kind: String, task: String, input: Input, output: JSONObject,
        metrics: Metrics, fingerprint: String, firstFingerprint: String? = nil, tags: [String],
        timestamp: Timestamp?, approvedAt: Timestamp?, description: String, examples: [String],
        label: String? = nil, state: ExampleState
    ) {
        self.id = id
        self.source = source
        self.kind = kind
        self.task = task
        self.input = input
        self.output = output
        self.metrics = metrics
        self.fingerprint = fingerprint
        self.tags = tags
        self.timestamp = timestamp
        self.approvedAt = approvedAt
        self.description = description
        self.examples = examples
        self.split = DatasetSplit(of: firstFingerprint ?? fingerprint)
        self.label = label ?? id
        self.state = state
        self.other = JSONObject()
    }

    /// The same example in another state.
    /// - Throws: `forbiddenMove` where that state cannot follow the present one.
    package func moved(to next: ExampleState) throws(LearningError) -> TrainingExample {
        guard next != state else { return self }
        guard state.successors.contains(next) else {
            let allowed = state.successors.map(\.rawValue).sorted().joined(separator: ", ")
            throw LearningError(
                .forbiddenMove, doing: "move \(id) to '\(next.rawValue)'",
                "it is '\(state.rawValue)', after which only \(allowed) can come")
        }
        var result = self
        result.state = next
        return result
    }

    /// Whether a model would learn the same from both.
    func teachesTheSame(as other: TrainingExample) -> Bool {
        input == other.input && output == other.output && examples == other.examples
            && label == other.label && isCorrected == other.isCorrected
            && givenWeight == other.givenWeight
    }

    /// How much each text of the line counts in a training.
    package var weight: Double {
        givenWeight
            ?? TrainingSample.weight(isCorrected: isCorrected, confidence: metrics.confidence)
    }

    /// Unicode scalars that a label may have.
    static let longestLabel = 256
}
