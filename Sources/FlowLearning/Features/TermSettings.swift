/// Which terms of texts are columns, and how their counts weigh.
package struct TermSettings: Sendable, Hashable {
    package let analyzer: TextAnalyzer
    /// Whether a count of n weighs 1 + ln n instead of n.
    package let isSublinear: Bool
    /// Only this many terms, the most frequent, are kept.
    package let limit: Int
    /// Terms of fewer texts are left out (`min_df`, a count).
    package let minimumTexts: Int
    /// The length of a row's part in these terms (`transformer_weights` of a `FeatureUnion`).
    package let length: Double

    package init(
        _ analyzer: TextAnalyzer, isSublinear: Bool = false, limit: Int, minimumTexts: Int = 1,
        length: Double = 1
    ) {
        self.analyzer = analyzer
        self.isSublinear = isSublinear
        self.limit = limit
        self.minimumTexts = minimumTexts
        self.length = length
    }
}
