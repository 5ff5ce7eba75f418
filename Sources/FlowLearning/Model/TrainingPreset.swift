/// Settings of a training that go together.
package struct TrainingPreset: Sendable, Hashable {
    package let name: String
    package let analyzer: TextAnalyzer
    /// Whether a count of n weighs 1 + ln n.
    package let isSublinear: Bool
    /// Only this many terms, the most frequent, are kept.
    package let maxFeatures: Int
    /// The SVM's C: what an error costs against a large weight.
    package let cost: Double
    /// Parts for calibration.
    package let folds: Int

    /// Words 1–3, 10,000 terms, sigmoids over 5 folds.
    package static let seed = TrainingPreset(
        name: "seed", analyzer: .words(1...3), isSublinear: false, maxFeatures: 10_000, cost: 1,
        folds: 5)
}
