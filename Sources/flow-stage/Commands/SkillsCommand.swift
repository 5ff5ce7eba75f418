internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct SkillsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skills", abstract: "The library of skills.",
        examples: [
            ("flow skills list", "the skills and their confidence"),
            ("flow skills show GR-9F3C2A1B", "why one is trusted, and a chart of its errors"),
            ("flow skills validate", "checks all skills and open proposals"),
            ("flow skills extract", "procedures that runs keep following"),
            ("flow skills search no connection", "what there is about it"),
            ("flow skills apply PR-1A2B3C4D -p path=a.txt", "goes through one again"),
        ],
        subcommands: [
            SkillsListCommand.self, SkillsShowCommand.self, SkillsValidateCommand.self,
            SkillsExtractCommand.self, SkillsApplyCommand.self, SkillsSearchCommand.self,
            SkillsDeprecateCommand.self, SkillsDeleteCommand.self, SkillsExportCommand.self,
            SkillsImportCommand.self,
        ],
        defaultSubcommand: SkillsListCommand.self)

    func run() -> Int32 { 0 }
}

struct SkillsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the skills and how far each is trusted.",
        examples: [
            ("flow skills list --json", "one JSON object a line"),
            ("flow skills list --kind procedure --sort uses", "the most used procedures first"),
        ])

    @Option(help: "only skills of this kind", valueName: "kind") var kind: SkillKind?
    @Option(help: "only procedures with this tag or category", valueName: "tag") var tag: String?
    @Option(help: "only skills of this status", valueName: "status") var status: SkillStatus?
    @Option(help: "the order: path, uses (most first) or confidence (highest first)")
    var sort: SkillDesk.Order = .path
    @Flag(help: "one JSON object a line") var json: Bool
    @Option(help: "the time to judge at; now by itself", valueName: "time") var now: String?

    func run() throws -> Int32 {
        let desk = try SkillDesk(
            try Place.workspace(), now: try Moment.read(now, "flow skills list"))
        let rows = desk.rows(
            .init(kind: kind?.rawValue, status: status?.rawValue, tag: tag), by: sort)
        if json {
            for row in rows { Print.line(row.json.text()) }
        } else {
            SkillLines.print(rows)
        }
        return Moment.end(desk)
    }
}

struct SkillsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show why a skill is trusted, its errors before and after, or its steps.",
        examples: [
            ("flow skills show GR-9F3C2A1B", "confidence, reason, and a chart as text"),
            ("flow skills show GR-9F3C2A1B --svg effect.svg", "the chart as a picture"),
            ("flow skills show PR-0A1B2C3D --mermaid", "the steps of a procedure, for Markdown"),
        ])

    @Argument(help: "the skill's id or name", valueName: "id|name") var name: String
    @Flag(help: "one JSON object") var json: Bool
    @Option(
        help: "draw the chart, or a procedure's steps, into a file instead; - is standard output",
        valueName: "file")
    var svg: String?
    @Flag(help: "the steps of a procedure as a Mermaid flowchart") var mermaid: Bool
    @Option(help: "the time to judge at; now by itself", valueName: "time") var now: String?

    func run() throws -> Int32 {
        guard [json, svg != nil, mermaid].count(where: { $0 }) <= 1 else {
            throw UsageError(
                "take one of --json, --svg and --mermaid", command: "flow skills show")
        }
        let desk = try SkillDesk(
            try Place.workspace(), now: try Moment.read(now, "flow skills show"))
        let sheet = try desk.sheet(
            name, columns: svg == nil ? EffectText.columns : EffectPicture.columns)
        if json {
            Print.line(sheet.json.text())
        } else if mermaid {
            guard let steps = sheet.steps else {
                throw UsageError("only procedures have steps", command: "flow skills show")
            }
            Print.lines(Array(steps.mermaid.utf8))
        } else if let svg {
            let text = sheet.steps?.svg ?? EffectPicture.text(of: sheet)
            if svg == "-" { Print.lines(Array(text.utf8)) } else { try Files.write(text, to: svg) }
        } else {
            SkillSheet(sheet: sheet).print()
        }
        return Moment.end(desk)
    }
}

/// What both commands begin and end with.
private enum Moment {
    static func read(_ text: String?, _ command: String) throws -> Timestamp {
        guard let text else { return SystemClock().now() }
        guard let time = Timestamp(text) else {
            throw UsageError("--now is no time; write 2026-11-20T02:00:00Z", command: command)
        }
        return time
    }

    /// Names what could not be used.
    static func end(_ desk: SkillDesk) -> Int32 {
        for problem in desk.problems { Print.note(VisibleText.safe(problem)) }
        return desk.problems.isEmpty ? 0 : 1
    }
}

struct SkillsValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Find every mistake in skill documents.",
        discussion: "Without files: all skills of the default branch and all open proposals.",
        examples: [("flow skills validate skills/*.yaml", "checks files of the work tree")])

    @Argument(help: "skill documents", valueName: "file", isRequired: false) var files: [String]
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let checked =
            files.isEmpty
            ? try SkillShelf.checkAll(try Place.workspace()) : SkillShelf.check(files: files)
        for file in checked {
            if json {
                Print.line(file.json.text())
            } else if file.mistakes.isEmpty {
                Print.line("\(VisibleText.safe(file.path)): ok")
            } else {
                for mistake in file.mistakes { Print.note(VisibleText.safe(mistake)) }
            }
        }
        return checked.allSatisfy(\.mistakes.isEmpty) ? 0 : 2
    }
}
