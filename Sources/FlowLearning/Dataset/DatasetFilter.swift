/// Which lines of a dataset somebody wants.
package struct DatasetFilter: Sendable, Hashable {
    /// The least confidence; 0 asks for none. Beyond that a line whose confidence is not known is not
    /// kept, for unknown is not enough.
    package var minConfidence: Double
    /// Only lines that a person has looked at and not rejected.
    package var onlyReviewed: Bool
    /// nil: of every source.
    package var source: String?

    package init(minConfidence: Double = 0, onlyReviewed: Bool = false, source: String? = nil) {
        self.minConfidence = minConfidence
        self.onlyReviewed = onlyReviewed
        self.source = source
    }

    package func keeps(_ example: TrainingExample) -> Bool {
        (minConfidence <= 0 || (example.metrics.confidence ?? -1) >= minConfidence)
            && (!onlyReviewed || example.state.isReviewed)
            && (source ?? example.source) == example.source
    }
}
