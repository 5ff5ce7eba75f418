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
            ("flow skills validate", "checks all skills and open proposals"),
            ("flow skills extract", "procedures that runs keep following"),
        ],
        subcommands: [
            SkillsListCommand.self, SkillsValidateCommand.self, SkillsExtractCommand.self,
        ],
        defaultSubcommand: SkillsListCommand.self)

    func run() -> Int32 { 0 }
}

struct SkillsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the skills with their confidence.",
        examples: [("flow skills list --json", "one JSON object a line")])

    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        for skill in try SkillShelf.list(try Place.workspace()) {
            if json {
                Print.line(skill.text())
                continue
            }
            func text(_ key: String) -> String { VisibleText.safe(skill[key]?.stringValue ?? "") }
            let confidence = skill["confidence"]?.doubleValue ?? 0
            Print.line(
                "\(text("id"))  \(text("status"))  \(text("kind"))  "
                    + "confidence \((confidence * 100).rounded() / 100)  \(text("name"))")
        }
        return 0
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
            ? try SkillShelf.checkAll(try Place.workspace()) : try SkillShelf.check(files: files)
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
