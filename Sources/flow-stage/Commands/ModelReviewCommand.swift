internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowText

struct ModelReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "List the errors of whose label the model is unsure.",
        discussion: """
            The groups of errors of the newest mining that no approved skill covers and nobody has \
            labelled yet, the most harmful first, and imported lines of the dataset that wait for a \
            review; then what became of the answers that people looked at. flow model correct says \
            which label is right.
            """,
        examples: [("flow model review --below 0.8", "also those that it is fairly sure of")])

    @Option(help: "the probability below which it is unsure", valueName: "number") var below = 0.6
    @Option(help: "at most so many", valueName: "n") var limit = 20
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard (0...1).contains(below) else {
            throw UsageError("--below takes a number from 0 to 1", command: "flow model review")
        }
        let found = try ModelDesk.review(
            ErrorPlace.workspace(), below: below, limit: max(0, limit))
        if json {
            Print.line(found.text(.pretty))
            return 0
        }
        for guess in found["predictions"]?.arrayValue ?? [] { show(guess) }
        let (total, shown) = (
            found["total"]?.intValue ?? 0, found["predictions"]?.arrayValue?.count ?? 0
        )
        Print.line(
            total == 0
                ? "there is no error of whose label the model is unsure"
                : "\(total) errors of whose label the model is unsure"
                    + (total > shown ? ", \(shown) shown" : ""))
        show(corrections: found["corrections"])
        return 0
    }

    private func show(_ guess: JSON) {
        let known = guess["known_terms"]?.intValue ?? 0
        let percent = Bar.percent(guess["probability"]?.doubleValue ?? 0)
        let label = VisibleText.safe(guess["label"]?.stringValue ?? "")
        let said = known == 0 ? "no word known" : "\(label) \(percent)"
        Print.line(
            "\((guess["fingerprint"]?.stringValue ?? "").prefix(8))  \(said)  "
                + (guess["source"] == "mining"
                    ? "\(guess["hits_7d"]?.intValue ?? 0) hits  "
                    : "of \(VisibleText.safe(guess["source"]?.stringValue ?? ""))  ")
                + VisibleText.safe((guess["template"]?.stringValue ?? "").prefix(80)))
    }

    private func show(corrections: JSON?) {
        guard let counts = corrections, let rate = counts["rate"]?.doubleValue else { return }
        Print.line(
            "people looked at \(counts["reviewed"]?.intValue ?? 0) answers and changed "
                + "\(counts["changed"]?.intValue ?? 0) (\(Bar.percent(rate)))")
        for pair in (counts["confused"]?.arrayValue ?? []).prefix(5) {
            Print.line(
                VisibleText.safe(
                    "  \(pair["predicted"]?.stringValue ?? "") should have been "
                        + "\(pair["label"]?.stringValue ?? ""): \(pair["count"]?.intValue ?? 0)"))
        }
    }
}

struct ModelCorrectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct", abstract: "Say which label an error has.",
        discussion: """
            It is noted in the ledger and becomes a line of the dataset that counts twice in a \
            training, in one commit on the default branch, as a rejection is. Naming the label that \
            the model gave confirms it.
            """,
        examples: [
            ("flow model correct 8f14e45f GR-DD53EAC3 --note 'the cart again'", "and why")
        ])

    @Argument(
        help: "the beginning of the error's fingerprint, or of an imported line's id",
        valueName: "id") var id: String
    @Argument(help: "a skill, or another label of the dataset", valueName: "label")
    var label: String
    @Option(help: "a sentence on it", valueName: "text") var note: String?

    func run() throws -> Int32 {
        let done = try ModelDesk.correct(
            id, label: label, note: note ?? "", in: ErrorPlace.workspace())
        let act =
            switch done.predicted {
            case nil: "labelled \(label)"
            case label?: "confirmed as \(label)"
            case let other?: "corrected from \(other) to \(label)"
            }
        Print.line(
            VisibleText.safe("\(done.fingerprint.prefix(8)) \(act) in \(done.commit.prefix(7))"))
        return 0
    }
}
