/// Settings of a training that go together.
package struct TrainingPreset: Sendable, Hashable {
    /// How decisions are to become probabilities.
    package enum Method: Sendable, Hashable {
        /// A classifier for each of some folds, with a sigmoid for each of its columns, and their
        /// mean; where a label has too few texts, as `temperature`.
        case sigmoids
        /// One classifier and one softmax.
        case temperature
    }

    package let name: String
    /// Each is a part of the columns.
    package let terms: [TermSettings]
    /// The SVM's C: what an error costs against a large weight.
    package let cost: Double
    let balance: LinearSVM.Balance
    /// How exact the classifiers are: `DualDescent.solve`. At 1e-8 decisions are right to about 1e-7.
    let tolerance: Double
    package let method: Method
    /// Parts for calibration.
    package let folds: Int

    /// Words 1–3, 10,000 terms, sigmoids over 5 folds.
    package static let seed = TrainingPreset(
        name: "seed", terms: [TermSettings(.words(1...3), limit: 10_000)], cost: 1,
        balance: .labels, tolerance: 1e-8, method: .sigmoids, folds: 5)

    /// Words 1–2 beside 2–5 characters within words, both sublinear; one classifier, one softmax.
    ///
    /// The tolerance is LIBLINEAR's own; cross-validated on Banking77, what is more exact is no better.
    ///
    /// The characters find a word again in another form, or misspelt, which the few texts of a new
    /// label need most; a word is found by both parts, so words are shorter. The limits hold memory;
    /// no set of 10,000 short texts reaches them.
    package static let standard = TrainingPreset(
        name: "default",
        terms: [
            TermSettings(.words(1...2), isSublinear: true, limit: 1 << 17, length: 0.7),
            TermSettings(.charactersInWords(2...5), isSublinear: true, limit: 1 << 18),
        ], cost: 2, balance: .columns, tolerance: 0.1, method: .temperature, folds: 5)

    package static let all = [standard, seed]

    /// The preset of a name; nil where there is none.
    package static func named(_ name: String) -> TrainingPreset? { all.first { $0.name == name } }
}
