internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowText

struct ModelDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two models, on the same test rows where that can be.",
        examples: [
            ("flow model diff", "the model in service and the one trained last"),
            ("flow model diff 3f2a 9bc1", "any two, by the beginnings of their hashes"),
        ])

    @Argument(
        help: "two models; the one in service and the last one unless given", valueName: "hash",
        isRequired: false)
    var models: [String]
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard models.count <= 2 else {
            throw UsageError("two models at most", command: "flow model diff")
        }
        let workspace = try Place.workspace()
        let found = try ModelDesk.diff(models.first, models.dropFirst().first, in: workspace)
        if json {
            Print.line(found.text(.pretty))
            return 0
        }
        show(found)
        ModelCourse.print(try ModelDesk.list(workspace).snapshots)
        return 0
    }

    private func show(_ found: JSON) {
        func short(_ side: String) -> Substring {
            (found[side]?["hash"]?.stringValue ?? "").prefix(12)
        }
        Print.line("from \(short("from"))  to \(short("to"))")
        guard let same = found["same_rows"] else {
            Print.line("they cannot both be asked here: what each was measured to be when trained")
            for side in ["from", "to"] {
                Print.line(
                    "\(short(side))  macro-F1 "
                        + ModelSheet.figure(found[side]?["metrics"]?["f1_macro"]))
            }
            return
        }
        Print.line("on \(same["rows"]?.intValue ?? 0) test rows of now:")
        for (key, name) in ModelSheet.figures {
            Print.line(
                "  \(ModelSheet.figure(same["from"]?[key])) → \(ModelSheet.figure(same["to"]?[key]))"
                    + "  \(name)")
        }
        Print.line(
            "  \(same["better"]?.intValue ?? 0) rows better, \(same["worse"]?.intValue ?? 0) worse, "
                + "McNemar's p \(ModelSheet.figure(same["mcnemar_p"]))")
        for (key, word) in [("labels_added", "new label"), ("labels_removed", "label gone")] {
            for label in found[key]?.arrayValue ?? [] {
                Print.line("\(word): \(VisibleText.safe(label.stringValue ?? ""))")
            }
        }
        for label in found["labels_changed"]?.arrayValue ?? [] {
            Print.line(
                "F1 \(ModelSheet.figure(label["from"])) → \(ModelSheet.figure(label["to"]))  "
                    + VisibleText.safe(label["label"]?.stringValue ?? ""))
        }
    }
}
