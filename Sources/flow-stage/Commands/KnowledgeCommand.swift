internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct KnowledgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knowledge", abstract: "Solved cases: index them, and find those that help.",
        examples: [
            ("flow knowledge index skills/knowledge --out .flow/knowledge", "indexes your cases"),
            ("flow knowledge search 'no space left' --index .flow/knowledge", "finds the best"),
        ],
        subcommands: [KnowledgeIndexCommand.self, KnowledgeSearchCommand.self])

    func run() -> Int32 { 0 }
}

struct KnowledgeIndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Make an index of solved cases.",
        discussion: """
            Cases are YAML (one entry, or a list), JSONL or CSV, by the ends of their names; a folder
            stands for its files. The fields are those of knowledge entries unless they are named.
            """,
        examples: [
            ("flow knowledge index skills/knowledge --out .flow/knowledge", "indexes entries"),
            (
                "flow knowledge index bugs.csv --out .flow/bugs --id Key --title Summary --text Body",
                "a table of a bug tracker"
            ),
        ])

    @Argument(help: "files, folders, or patterns in quotes", valueName: "path") var paths: [String]
    @Option(help: "the folder of the index; made where it is missing", valueName: "folder")
    var out: String?
    @Option(help: "the field that tells cases apart", valueName: "field") var id: String?
    @Option(help: "the field with the title", valueName: "field") var title: String?
    @Option(help: "the field with the text", valueName: "field") var text: String?
    @Flag(help: "print what was made as JSON") var json: Bool

    func run() throws -> Int32 {
        guard let out, !out.isEmpty else {
            throw UsageError(
                "say where the index goes: --out FOLDER", command: "flow knowledge index")
        }
        let made = try KnowledgeDesk.index(paths, into: out, id: id, title: title, text: text)
        if json {
            Print.line(made.text(.pretty))
        } else {
            func number(_ key: String) -> Int { made[key]?.intValue ?? 0 }
            Print.line(
                "\(number("cases")) cases of \(number("files")) files, \(number("bytes")) bytes in "
                    + VisibleText.safe(made["index"]?.stringValue ?? ""))
        }
        return 0
    }
}

struct KnowledgeSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find the solved cases that fit a text best.",
        discussion: """
            With --queries: one answer a line of a JSONL file of {id, title, text}, never the case with
            the question's own id.
            """,
        examples: [
            ("flow knowledge search 'no space left' --index .flow/knowledge", "the ten best"),
            (
                "flow knowledge search --queries new.jsonl --index .flow/bugs --limit 3",
                "one JSON object a question"
            ),
        ])

    @Argument(help: "what went wrong, in words or as the program wrote it", valueName: "text")
    var text: String?
    @Option(help: "the folder of the index", valueName: "folder") var index: String?
    @Option(help: "a JSONL file of questions", valueName: "file") var queries: String?
    @Option(help: "how many cases at most", valueName: "n") var limit = 10
    @Flag(help: "one JSON object a question") var json: Bool

    func run() throws -> Int32 {
        let command = "flow knowledge search"
        guard let index else {
            throw UsageError("say which index to search: --index FOLDER", command: command)
        }
        guard (text == nil) != (queries == nil) else {
            throw UsageError("give a text or --queries FILE, one of them", command: command)
        }
        guard limit > 0 else { throw UsageError("--limit takes a number from 1", command: command) }
        var desk = try KnowledgeDesk(index: index)
        if let queries {
            try desk.answers(queries, limit: limit, Print.lines)
        } else if let text {
            show(desk.answer(text, limit: limit))
        }
        return 0
    }

    private func show(_ answer: JSON) {
        if json { return Print.line(answer.text()) }
        let results = answer["results"]?.arrayValue ?? []
        if results.isEmpty { Print.note("no case shares a word with that") }
        for result in results {
            func shown(_ key: String) -> String {
                VisibleText.safe(result[key]?.stringValue ?? "")
            }
            let percent = Int(((result["score"]?.doubleValue ?? 0) * 100).rounded())
            Print.line("\(percent) %  \(shown("id"))  \(shown("title"))\n      \(shown("why"))")
        }
    }
}
