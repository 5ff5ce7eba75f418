internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct ProposalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proposals", abstract: "Review proposed skills.",
        examples: [
            ("flow proposals list", "what waits, and what was decided"),
            ("flow proposals show GR-9F3C2A1B", "evidence and document of one"),
            ("flow proposals approve GR-9F3C2A1B", "merges it into the default branch"),
        ],
        subcommands: [
            ProposalsListCommand.self, ProposalsShowCommand.self, ProposalsApproveCommand.self,
            ProposalsRejectCommand.self, ProposalsReopenCommand.self,
        ], defaultSubcommand: ProposalsListCommand.self)

    func run() -> Int32 { 0 }
}

struct ProposalsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the proposals, those that wait for you first.",
        examples: [("flow proposals list --json", "one JSON object a line")])

    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let now = SystemClock().now()
        let desk = try ReviewDesk(try Place.workspace())
        for proposal in try desk.proposals(at: now) {
            if json {
                Print.line(proposal.json.text())
                continue
            }
            let age = proposal.opened.map { "\(max(0, now.day - $0.day)) d" } ?? ""
            func shown(_ hits: Int?) -> String { hits.map(String.init) ?? "?" }
            let counts =
                proposal.runs.map { "\($0) runs" }
                ?? "\(shown(proposal.hits7d)) hits in 7 d, \(shown(proposal.hits30d)) in 30 d"
            Print.line(
                "\(proposal.id)  \(proposal.verdict)  \(counts)  \(age)  "
                    + VisibleText.safe(proposal.name))
            for problem in proposal.mistakes + [proposal.conflict].compactMap(\.self) {
                Print.line("    " + VisibleText.safe(problem))
            }
        }
        for problem in desk.problems { Print.note(VisibleText.safe(problem)) }
        return desk.problems.isEmpty ? 0 : 1
    }
}

struct ProposalsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a proposal's evidence and its document.",
        examples: [("flow proposals show GR-9F3C2A1B", "counts, examples, and the skill itself")])

    @Argument(help: "the proposal's id", valueName: "id") var id: String
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let proposal = try ReviewDesk(try Place.workspace()).show(id)
        if json {
            Print.line(proposal.json.text())
            return 0
        }
        Print.line(VisibleText.safe(proposal.message, lines: true))
        for (commit, by, subject) in proposal.reviewers {
            Print.line(
                "\(commit) by \(VisibleText.safe(by)): \(VisibleText.safe(subject))")
        }
        Print.line("\(VisibleText.safe(proposal.path)):\n")
        Print.line(VisibleText.safe(proposal.document, lines: true))
        return 0
    }
}

struct ProposalsApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Merge proposals into the default branch.",
        discussion: "The next run of integrate.yaml makes skills of them.",
        examples: [("flow proposals approve GR-9F3C2A1B FX-0AADC631", "approves two")])

    @Argument(help: "the proposals' ids", valueName: "id") var ids: [String]
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        for id in ids {
            let commit = try ReviewDesk(try Place.workspace()).approve(id)
            Decision(id: id, commit: commit).print("approved", asJSON: json)
        }
        return 0
    }
}

struct ProposalsRejectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Reject a proposal for good; the ledger remembers why.",
        examples: [
            (
                "flow proposals reject GR-9F3C2A1B --reason 'the caller is at fault'",
                "it is not proposed again"
            )
        ])

    @Argument(help: "the proposal's id", valueName: "id") var id: String
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard let reason, !reason.isEmpty else {
            throw UsageError("say why: --reason TEXT", command: "flow proposals reject")
        }
        let commit = try ReviewDesk(try Place.workspace()).reject(id, reason: reason)
        Decision(id: id, commit: commit).print("rejected", asJSON: json)
        return 0
    }
}

struct ProposalsReopenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Let a rejected or withdrawn skill be proposed again.",
        examples: [("flow proposals reopen GR-9F3C2A1B", "the next run may propose it")])

    @Argument(help: "the proposal's id", valueName: "id") var id: String
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let commit = try ReviewDesk(try Place.workspace()).reopen(id)
        Decision(id: id, commit: commit).print("reopened", asJSON: json)
        return 0
    }
}

/// What a person has decided on a proposal.
private struct Decision {
    let id: String
    /// nil: it was so already.
    let commit: String?

    func print(_ what: String, asJSON: Bool) {
        if asJSON {
            let json: JSON = [
                "id": .string(id), "commit": commit.map(JSON.string) ?? .null,
            ]
            Print.line(json.text())
        } else if let commit {
            Print.line("\(id) \(what) in \(commit.prefix(7))")
        } else {
            Print.line("\(id) was \(what) already")
        }
    }
}
