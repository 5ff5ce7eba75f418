internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

/// What lists and searches can be limited to.
enum SkillKind: String, CaseIterable, ExpressibleByArgument { case guardrail, fixer, procedure }

enum SkillStatus: String, CaseIterable, ExpressibleByArgument {
    case proposed, experimental, approved, deprecated
}

extension SkillDesk.Order: ExpressibleByArgument {}

struct SkillsSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find skills by words, the best first.",
        discussion: "Name and tags count as much as all else that a skill's document says.",
        examples: [
            ("flow skills search no connection", "what there is about it, and why it was found"),
            ("flow skills search deploy --kind procedure --json", "one JSON object a line"),
        ])

    @Argument(help: "what it is about", valueName: "word") var words: [String]
    @Option(help: "only skills of this kind", valueName: "kind") var kind: SkillKind?
    @Option(help: "only procedures with this tag or category", valueName: "tag") var tag: String?
    @Option(help: "only skills of this status", valueName: "status") var status: SkillStatus?
    @Option(help: "skills, at most", valueName: "n") var limit = 10
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        guard limit >= 1 else {
            throw UsageError("--limit begins at 1", command: "flow skills search")
        }
        let desk = try SkillDesk(try Place.workspace(), now: SystemClock().now())
        let found = try desk.search(
            words.joined(separator: " "),
            .init(kind: kind?.rawValue, status: status?.rawValue, tag: tag), limit: limit)
        for one in found {
            if json {
                Print.line(one.json.text())
            } else {
                Self.show(one)
            }
        }
        if found.isEmpty { Print.note("no skill of \(desk.rows.count) has any of these words") }
        for problem in desk.problems { Print.note(VisibleText.safe(problem)) }
        return desk.problems.isEmpty ? 0 : 1
    }

    private static func show(_ found: SkillDesk.Found) {
        let row = found.row
        let line =
            "\(VisibleText.safe(row.id))  \(SkillLines.confidence(row.confidence))  "
            + "\(row.status.padded(12))  \(VisibleText.safe(row.name))"
        Print.line(line.cut(SkillLines.width))
        Print.line("    \(VisibleText.safe(found.why))".cut(SkillLines.width))
    }
}
