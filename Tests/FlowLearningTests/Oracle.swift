import FlowSystem
import FlowTestSupport
import Testing

/// Where `Scripts/setup test` puts scikit-learn.
enum Oracle {
    static let python = Path.join(BuiltPrograms.checkout, ".build/oracles/bin/python3")

    /// Whether scikit-learn can be imported there.
    static let hasScikitLearn =
        Files.isExecutable(python) && Python.run("import sklearn", by: python) != nil

    static let absent: Comment = "skipped: Scripts/setup test could not install scikit-learn"
}
