internal import FlowArguments
internal import FlowJSON
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

    @Argument(help: "the skill's id or name", valueName: "id|name") var name: String
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?
    @Flag(help: "print the skill and the commit as JSON") var json: Bool

    func run() throws -> Int32 {
        guard let reason, !reason.isEmpty else {
            throw UsageError("say why: --reason TEXT", command: "flow skills deprecate")
        }
        let done = try LibraryDesk(try Place.workspace()).deprecate(name, reason: reason)
        Print.line(json ? done.json.text() : done.words("deprecated"))
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

    @Argument(help: "the skill's id or name", valueName: "id|name") var name: String
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?
    @Flag(help: "print the skill and the commit as JSON") var json: Bool
    @Flag(help: "also one that is not deprecated") var force: Bool

    func run() throws -> Int32 {
        let done = try LibraryDesk(try Place.workspace())
            .delete(name, reason: reason ?? "", isForced: force)
        Print.line(json ? done.json.text() : done.words("deleted"))
        return 0
    }
}

extension LibraryDesk.Done {
    fileprivate func words(_ what: String) -> String {
        guard let commit else { return "\(id) was \(what) already" }
        let short = commit.prefix(7)
        return isWaiting
            ? "\(id) \(what) in \(short), which waits on flow/sync"
            : "\(id) \(what) in \(short); git revert \(short) takes it back"
    }
}
