internal import FlowArguments
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct SkillsDeprecateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deprecate", abstract: "Retire a skill: it is not used or judged any more.",
        discussion: """
            One commit on the default branch, with a line in the ledger. The next run of \
            integrate.yaml takes it out of dataset and catalog.
            """,
        examples: [
            (
                "flow skills deprecate GR-9F3C2A1B --reason 'the module is gone'",
                "it stays in skills/, with status deprecated"
            )
        ])

    @Argument(help: "the skill's id", valueName: "id") var id: String
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?

    func run() throws -> Int32 {
        guard let reason, !reason.isEmpty else {
            throw UsageError("say why: --reason TEXT", command: "flow skills deprecate")
        }
        let done = try LibraryDesk(try Place.workspace()).deprecate(id, reason: reason)
        Print.line(done.map { $0.words(id, "deprecated") } ?? "\(id) was deprecated already")
        return 0
    }
}

struct SkillsDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a deprecated skill's file.",
        discussion: """
            One commit on the default branch. What the ledger knows of it stays, and it is not proposed \
            again until flow proposals reopen says so.
            """,
        examples: [("flow skills delete GR-9F3C2A1B", "once it is deprecated")])

    @Argument(help: "the skill's id", valueName: "id") var id: String
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?
    @Flag(help: "also one that is not deprecated") var force: Bool

    func run() throws -> Int32 {
        let done = try LibraryDesk(try Place.workspace())
            .delete(id, reason: reason ?? "", isForced: force)
        Print.line(done.words(id, "deleted"))
        return 0
    }
}

extension LibraryDesk.Done {
    fileprivate func words(_ id: String, _ what: String) -> String {
        let short = commit.prefix(7)
        return isWaiting
            ? "\(id) \(what) in \(short), which waits on flow/sync"
            : "\(id) \(what) in \(short); git revert \(short) takes it back"
    }
}
