/// One text with the answer that a model should give to it.
package struct TrainingSample: Sendable, Hashable {
    package var text: String
    package var label: String
    /// As how many rows it counts, 1 for most; a training refuses what is not above zero.
    package var weight: Double
    package var split: DatasetSplit

    package init(text: String, label: String, weight: Double = 1, split: DatasetSplit) {
        self.text = text
        self.label = label
        self.weight = weight
        self.split = split
    }

    /// What a sample weighs by where it comes from: corrected by a person × 2, a confidence (0 to 1)
    /// of at least 0.8 × 1.2.
    package static func weight(isCorrected: Bool, confidence: Double?) -> Double {
        (isCorrected ? 2 : 1) * ((confidence ?? 0) >= 0.8 ? 1.2 : 1)
    }
}
