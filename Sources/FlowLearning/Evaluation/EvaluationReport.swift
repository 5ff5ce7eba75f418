package import FlowJSON
internal import FlowText

/// An evaluation for people: a page of Markdown with two pictures, and the same as JSON.
///
/// It holds no time, so the same answers give the same bytes.
package struct EvaluationReport: Sendable {
    private let evaluation: Evaluation
    /// What was evaluated and on what, as rows of a table; may be others' text.
    private let facts: [(name: String, value: String)]
    private let warnings: [String]
    private let conflicts: [TrainingSet.Conflict]
    /// What `metrics.json` says.
    private let metrics: JSON

    /// - Parameter conflicts: of the samples of the training, where it is about one.
    package init(
        _ evaluation: Evaluation, facts: [(name: String, value: String)], warnings: [String],
        conflicts: [TrainingSet.Conflict] = [], metrics: JSON
    ) {
        self.evaluation = evaluation
        self.facts = facts
        self.warnings = warnings
        self.conflicts = conflicts
        self.metrics = metrics
    }

    /// `report.md`, `metrics.json`, `reliability.svg` and `confusion.svg`.
    package var files: [(name: String, bytes: [UInt8])] {
        [
            ("report.md", Array(markdown.utf8)),
            ("metrics.json", metrics.bytes(.pretty) + [UInt8(ascii: "\n")]),
            ("reliability.svg", Array(ReliabilityDiagram.svg(evaluation).utf8)),
            ("confusion.svg", Array(ConfusionHeatMap.svg(evaluation).utf8)),
        ]
    }

    /// Rows that a table shows at most; all of them are in `metrics.json`.
    private static let most = 50

    var markdown: String {
        let parts = [
            "# Evaluation of a triage model", head,
            warnings.map { "- \(VisibleText.safe($0))" }.joined(separator: "\n"),
            "## Labels\n\nThe lowest F1 first.\n\n" + labels,
            "## Confusions\n\n" + confusions + "\n\n![Confusion matrix](confusion.svg)",
            "## Calibration\n\n" + bins + "\n\n![Reliability diagram](reliability.svg)",
            "## Wrong answers\n\n" + wrong,
            conflicts.isEmpty ? "" : "## Conflicts\n\n" + conflicting,
            """
            Macro figures are unweighted means over the labels that occur as truth or answer; a \
            quotient by zero is 0. The expected calibration error has 15 equal-width bins of the \
            probability of the label that was given. Everything is in `metrics.json`.
            """,
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var head: String {
        let figures = [
            ("rows", "\(evaluation.rows)"), ("accuracy", Figure.text(evaluation.accuracy)),
            ("macro precision", Figure.text(evaluation.precision)),
            ("macro recall", Figure.text(evaluation.recall)),
            ("macro-F1", Figure.text(evaluation.f1)),
            ("expected calibration error", Figure.text(evaluation.calibrationError)),
        ]
        return Self.table(
            ["", ""],
            facts.map { [$0.name, MarkdownText.code($0.value)] }
                + figures.map { [$0.0, $0.1] })
    }

    private var labels: String {
        let order = evaluation.labels.indices.sorted {
            let (one, other) = (evaluation.labels[$0].f1, evaluation.labels[$1].f1)
            return one != other ? one < other : $0 < $1
        }
        return Self.table(
            ["label", "precision", "recall", "F1", "rows"],
            order.map { place in
                let label = evaluation.labels[place]
                return [
                    MarkdownText.code(label.label), Figure.text(label.precision),
                    Figure.text(label.recall), Figure.text(label.f1), "\(label.support)",
                ]
            })
    }

    private var confusions: String {
        if evaluation.confusions.isEmpty { return "None." }
        return Self.table(
            ["it is", "answered", "rows"],
            evaluation.confusions.prefix(Self.most).map {
                [MarkdownText.code($0.truth), MarkdownText.code($0.answer), "\($0.count)"]
            })
    }

    private var bins: String {
        Self.table(
            ["probability", "rows", "mean probability", "share right"],
            evaluation.calibration.bins.filter { $0.rows > 0 }.map {
                [
                    "\(Figure.text($0.from)) to \(Figure.text($0.to))", "\($0.rows)",
                    Figure.text($0.probability), Figure.text($0.accuracy),
                ]
            })
    }

    private var wrong: String {
        if evaluation.misclassified.isEmpty { return "None." }
        let shown = evaluation.misclassified.prefix(Self.most)
        let table = Self.table(
            ["text", "it is", "answered", "probability"],
            shown.map {
                [
                    MarkdownText.code($0.text), MarkdownText.code($0.truth),
                    MarkdownText.code($0.label), Figure.text($0.probability),
                ]
            })
        return "The surest first.\n\n" + table + Self.more(evaluation.misclassified.count)
    }

    private var conflicting: String {
        let table = Self.table(
            ["text", "labels"],
            conflicts.prefix(Self.most).map { conflict in
                [
                    MarkdownText.code(conflict.text),
                    conflict.labels.map { MarkdownText.code($0) }.joined(separator: ", "),
                ]
            })
        return "Texts with more than one label; a model can be right for one of them only.\n\n"
            + table + Self.more(conflicts.count)
    }

    private static func more(_ count: Int) -> String {
        count > most ? "\n\n\(count - most) more are in `metrics.json`." : ""
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

extension TrainedModel {
    /// The files of a model's folder that are about it: at least `metrics.json`.
    var reportFiles: [(name: String, bytes: [UInt8])] {
        guard let evaluation else {
            return [("metrics.json", report.bytes(.pretty) + [UInt8(ascii: "\n")])]
        }
        let facts = [
            ("preset", model.preset), ("labels", "\(model.labels.count)"),
            ("terms", "\(model.termCount)"), ("rows it learned from", "\(set.fitted.count)"),
            ("samples (SHA-256)", set.hash), ("test rows (SHA-256)", set.heldHash),
        ]
        return EvaluationReport(
            evaluation, facts: facts, warnings: evaluation.alerts() + warnings,
            conflicts: set.conflicts, metrics: report
        ).files
    }
}
