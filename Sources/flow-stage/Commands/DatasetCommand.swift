internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset", abstract: "The training dataset: stats, check, import, export.",
        examples: [
            ("flow dataset stats", "how much there is, of which source, how clean"),
            ("flow dataset import answers.csv --source forum --dry-run", "what would come in"),
            ("flow dataset export --format chat > tuning.jsonl", "conversations for fine-tuning"),
        ],
        subcommands: [
            DatasetStatsCommand.self, DatasetCheckCommand.self, DatasetImportCommand.self,
            DatasetExportCommand.self,
        ],
        defaultSubcommand: DatasetStatsCommand.self)

    func run() -> Int32 { 0 }
}

/// The dataset of the work tree, or a file that is named.
private func desk(_ file: String?) throws -> DatasetDesk {
    DatasetDesk(try Place.workspace(), file: file)
}

struct DatasetStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count what there is, and how clean it is.",
        discussion: """
            Size and states; texts on each side of a training; the share of each source and what it should \
            be; growth by week; labels; texts that stand twice, or under two labels.
            """,
        examples: [("flow dataset stats --json", "one JSON object")])

    @Argument(help: "a dataset; that of the work tree unless given", valueName: "file")
    var file: String?
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let desk = try desk(file)
        let stats = try desk.stats()
        if json {
            Print.line(stats.text(.pretty))
        } else {
            DatasetSheet(stats: stats, name: desk.name).print()
        }
        return 0
    }
}

struct DatasetCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find every problem of the dataset.",
        discussion: """
            Lines that cannot be read, lines for one error, lines without a text, texts without a label \
            of their own. Exit 1 where there is one.
            """,
        examples: [("flow dataset check", "file:line: what is wrong")])

    @Argument(help: "a dataset; that of the work tree unless given", valueName: "file")
    var file: String?
    @Flag(help: "one JSON object a problem") var json: Bool

    func run() throws -> Int32 {
        let desk = try desk(file)
        let problems = try desk.problems()
        for problem in problems { Self.print(problem, json: json) }
        if problems.isEmpty, !json { Print.line("\(VisibleText.safe(desk.name)): ok") }
        return problems.isEmpty ? 0 : 1
    }

    static func print(_ problem: DatasetDesk.Problem, json: Bool) {
        if json { return Print.line(problem.json.text()) }
        Print.note(VisibleText.safe("\(problem.file):\(problem.line): \(problem.message)"))
    }
}

/// Refuses a word that an option does not take.
private func require(_ word: String?, _ option: String, of words: [String], _ command: String)
    throws
{
    guard let word, !words.contains(word) else { return }
    let all = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    throw UsageError("\(option) takes \(all)", command: command)
}

struct DatasetImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in examples of a forum, or made by hand.",
        discussion: """
            Files are CSV by their name's end, else JSONL, with lines as the dataset has them or flat \
            ones: label, text, error_pattern, component, output. All come in, or none where anything \
            is wrong; what is there already keeps its split. What is private is masked. The dataset is \
            a file of the work tree: look at git diff, and commit it.
            """,
        examples: [
            ("flow dataset import answers.csv --source forum --dry-run", "what would come in"),
            ("flow dataset import mine.jsonl --source manual", "examples of your own"),
        ])

    @Argument(help: "files to import", valueName: "file") var files: [String]
    @Option(help: "the source of records that name none: forum or manual", valueName: "name")
    var source: String?
    @Option(
        help: "the state of records that name none; pending of a forum, else approved",
        valueName: "state")
    var state: String?
    @Option(
        help: "the dataset to import into; that of the work tree unless given", valueName: "file")
    var into: String?
    @Flag(help: "only say what would change") var dryRun: Bool
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let command = "flow dataset import"
        try require(source, "--source", of: DatasetDesk.sources, command)
        try require(state, "--state", of: DatasetDesk.states, command)
        let desk = try desk(into)
        let done = try desk.importing(
            files, source: source, state: state, now: SystemClock().now(), isDryRun: dryRun)
        if json {
            Print.line(done.json.text(.pretty))
        } else {
            for problem in done.problems { DatasetCheckCommand.print(problem, json: false) }
            Print.line(sentence(done))
        }
        return done.problems.isEmpty ? 0 : 1
    }

    private func sentence(_ done: DatasetDesk.Imported) -> String {
        guard done.problems.isEmpty else {
            return "\(done.records) records, \(done.problems.count) problems: nothing was imported"
        }
        return "\(done.records) records: \(dryRun ? "would add" : "added") \(done.added), "
            + "\(dryRun ? "change" : "changed") \(done.updated), "
            + "\(done.unchanged) unchanged, \(done.repeated) known already; "
            + "\(done.total) lines in all"
    }
}

struct DatasetExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the dataset for other tools.",
        discussion: """
            jsonl: the lines as they are. csv: a table that import reads back. chat: a conversation a \
            line, {"messages": [...]}, of lines that teach. samples: the texts of a training. A side is \
            that of a training, whatever the format: models are measured on test.
            """,
        examples: [
            ("flow dataset export --format csv --out dataset.csv", "a table"),
            (
                "flow dataset export --format chat --split train --min-confidence 0.6",
                "what fine-tuning may see"
            ),
        ])

    @Argument(help: "a dataset; that of the work tree unless given", valueName: "file")
    var file: String?
    @Option(help: "jsonl, csv, chat or samples", valueName: "name") var format = "jsonl"
    @Option(help: "only lines of this confidence or a higher one", valueName: "number")
    var minConfidence = 0.0
    @Flag(help: "only lines that a person has reviewed") var onlyReviewed: Bool
    @Option(help: "only lines of one source", valueName: "name") var source: String?
    @Option(help: "only texts of one side: train, val or test", valueName: "side")
    var split: String?
    @Option(help: "the file to write; standard output unless given", valueName: "file")
    var out: String?
    @Flag(help: "with --out: what was written, as one JSON object") var json: Bool

    func run() throws -> Int32 {
        let command = "flow dataset export"
        guard (0...1).contains(minConfidence) else {
            throw UsageError("--min-confidence takes a number from 0 to 1", command: command)
        }
        guard !json || out != nil else {
            throw UsageError("--json says what was written with --out FILE", command: command)
        }
        try require(format, "--format", of: DatasetDesk.formats, command)
        try require(split, "--split", of: DatasetDesk.splits, command)
        let (bytes, lines) = try desk(file).export(
            format, minConfidence: minConfidence, onlyReviewed: onlyReviewed, source: source,
            split: split)
        guard let out else {
            Print.lines(bytes)
            return 0
        }
        try Files.write(bytes, to: out)
        if json {
            let written: JSON = [
                "out": .string(out), "format": .string(format), "lines": .integer(lines),
                "bytes": .integer(bytes.count),
            ]
            Print.line(written.text(.pretty))
        } else {
            Print.line("\(lines) lines in \(VisibleText.safe(out))")
        }
        return 0
    }
}
