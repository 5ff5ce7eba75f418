internal import FlowJSON
internal import FlowStages
internal import FlowText

/// Figures of models as the terminal shows them.
enum ModelSheet {
    /// The flat figures of a measurement, or a warning each where there are none.
    static func print(
        _ measured: ModelDesk.Measured, json: Bool, title: (JSON) -> String
    ) {
        for warning in measured.warnings { Print.note("warning: \(VisibleText.safe(warning))") }
        if json { return Print.line(measured.json.text(.pretty)) }
        conflicts(measured.json["conflicts"]?.arrayValue ?? [])
        Print.line(VisibleText.safe(title(measured.json)))
        let rows = measured.json["rows"]?.intValue ?? 0
        guard rows > 0 else { return Print.line("nothing was measured") }
        Print.line("rows                        \(rows)")
        for (key, name) in figures {
            Print.line(name.padding(28) + figure(measured.json[key]))
        }
        for pair in confused(measured.json["confusion"]).prefix(most) {
            Print.line(
                VisibleText.safe("\(pair.truth) answered with \(pair.answer): \(pair.count)"))
        }
    }

    /// Texts that are shown; JSON has them all.
    private static let most = 5

    private static func conflicts(_ conflicts: [JSON]) {
        for conflict in conflicts.prefix(most) {
            let labels = conflict["labels"]?.arrayValue?.compactMap(\.stringValue) ?? []
            Print.note(
                "conflict: \(VisibleText.quoted(conflict["text"]?.stringValue ?? "")) stands under "
                    + labels.map { VisibleText.quoted($0) }.joined(separator: ", "))
        }
        if conflicts.count > most {
            Print.note("conflicts: \(conflicts.count - most) more; --json lists them all")
        }
    }

    /// Keys of JSON and what people call them.
    static let figures = [
        ("accuracy", "accuracy"), ("macro_precision", "macro precision"),
        ("macro_recall", "macro recall"), ("macro_f1", "macro-F1"),
        ("ece", "expected calibration error"),
    ]

    /// Four digits.
    static func figure(_ value: JSON?) -> String {
        guard let number = value?.doubleValue else { return "–" }
        let digits = String(Int((number * 10_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return padded.dropLast(4) + "." + padded.suffix(4)
    }

    private static func confused(_ matrix: JSON?) -> [(truth: String, answer: String, count: Int)] {
        var pairs: [(truth: String, answer: String, count: Int)] = []
        for (truth, row) in (matrix?.objectValue ?? [:]).members {
            for (answer, count) in (row.objectValue ?? [:]).members where answer != truth {
                pairs.append((truth, answer, count.intValue ?? 0))
            }
        }
        return pairs.sorted { ($1.count, $0.truth, $0.answer) < ($0.count, $1.truth, $1.answer) }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
