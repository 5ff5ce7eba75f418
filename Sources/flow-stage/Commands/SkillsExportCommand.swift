internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct SkillsExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write skills for other libraries and for agents.",
        discussion: """
            json holds the whole document, agent-skills is a folder with a SKILL.md that agents read \
            (https://agentskills.io) and the document beside it. flow skills import takes both.
            """,
        examples: [
            ("flow skills export GR-9F3C2A1B --out -", "one JSON object a line"),
            (
                "flow skills export PR-0AADC631 --out agents --format agent-skills",
                "a folder that agents understand"
            ),
        ])

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json
        case agentSkills = "agent-skills"
    }

    @Argument(help: "skills' ids or names", valueName: "id|name") var names: [String]
    @Option(help: "the folder to write to; - is standard output", valueName: "folder")
    var out: String?
    @Option(help: "what to write", valueName: "format") var format: Format = .json

    private static let command = "flow skills export"

    func run() throws -> Int32 {
        guard let out, !out.isEmpty else {
            throw UsageError("say where: --out FOLDER, or --out -", command: Self.command)
        }
        guard out != "-" || format == .json else {
            throw UsageError("an Agent Skill is a folder: name one", command: Self.command)
        }
        let desk = try ExportDesk(names, in: try Place.workspace())
        if out == "-" {
            for package in try desk.packages() { Print.line(package.text()) }
            return 0
        }
        let written =
            switch format {
            case .json: try desk.writePackages(to: out)
            case .agentSkills: try desk.writeAgentSkills(to: out)
            }
        for path in written { Print.line(VisibleText.safe(path)) }
        return 0
    }
}

struct SkillsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Propose skills of another library.",
        discussion: """
            Takes a JSON file or an Agent Skills folder, or a folder of either. Each skill becomes a \
            branch proposal/<ID>, for a person to read before it counts. With a mistake anywhere nothing \
            is proposed.
            """,
        examples: [
            ("flow skills import skills.json", "what flow skills export wrote"),
            ("flow skills import agents/release-pr-0aadc631", "an Agent Skills folder"),
        ])

    @Argument(help: "a JSON file or a folder", valueName: "path") var path: String
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let desk = ImportDesk(path)
        guard desk.mistakes.isEmpty else {
            for mistake in desk.mistakes { Print.note(VisibleText.safe(mistake, lines: true)) }
            return 2
        }
        for file in desk.left { Print.note("not imported: \(VisibleText.safe(file))") }
        let outcomes = try desk.propose(in: try Place.workspace())
        for outcome in outcomes {
            Print.line(json ? outcome.json.text() : VisibleText.safe(outcome.words))
        }
        return outcomes.allSatisfy { $0.branch != nil || $0.isThere } ? 0 : 1
    }
}

extension ImportDesk.Outcome {
    var words: String {
        guard let branch else { return "\(id) not proposed: \(reason)" }
        return "\(id) waits on \(branch): flow proposals show \(id)"
    }
}
