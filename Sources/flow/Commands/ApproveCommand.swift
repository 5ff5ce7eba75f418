internal import FlowArguments
internal import FlowEngine
internal import FlowSpec
internal import FlowStore

struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve what a run waits for, and go on with the run.",
        examples: [
            ("flow approve last", "the only open gate of the newest run"),
            ("flow approve last sign-off --form ticket=OPS-7", "with a field of its form"),
            ("flow approve last deploy/sign-off --no-resume", "a gate inside a node; only writes"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Argument(help: "the gate; needed where several are open", valueName: "node") var node: String?
    @Option(help: "a field of the gate's form", valueName: "name=value") var form: [String]
    @OptionGroup var deciding: DecidingOptions

    func run() throws -> Int32 {
        let fields = try Pairs.read(form, option: "--form")
        return try deciding.decide(name) { run, person, approvers in
            try .approval(of: node, in: run, by: person, fields: fields, approvers: approvers)
        }
    }
}

struct RejectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject what a run waits for, and go on with the run: the gate is a failure.",
        examples: [("flow reject last sign-off --reason \"not on a Friday\"", "says why")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Argument(help: "the gate; needed where several are open", valueName: "node") var node: String?
    @Option(help: "why, in a sentence", valueName: "text") var reason: String?
    @OptionGroup var deciding: DecidingOptions

    func run() throws -> Int32 {
        try deciding.decide(name) { run, person, approvers in
            try .rejection(of: node, in: run, by: person, reason: reason, approvers: approvers)
        }
    }
}

/// What approving and rejecting have in common.
struct DecidingOptions: ParsableArguments {
    @Option(name: ["--as"], help: "who decides; git's identity unless given", valueName: "name")
    var author: String?
    @Flag(help: "write the decision down, and let a later flow resume go on") var noResume: Bool
    @Option(help: "attempts at once", valueName: "n") var maxParallel: Int?
    @Flag(help: "one JSON object") var json: Bool

    init() {}

    /// - Parameter decision: checks who wants what of the run as it stands.
    func decide(
        _ name: String, _ decision: (RecordedRun, Person, [String]) throws -> GateDecision
    ) throws -> Int32 {
        let capacity = try RunCapacity.checked(maxParallel)
        let session = try Session()
        let store = try session.runs()
        let run = try RecordedRun(store.find(name), store, session.workspace)
        if run.state.status.isFinal {
            throw Misuse(
                "the run \(run.id) has ended: \(run.state.status.rawValue)", code: Program.failed)
        }
        let person = try Person.current(author, gitFolder: session.workspace.gitFolder)
        let approvers = try session.settings().approvers
        let decided = try decision(run, person, approvers)
        while true {
            if let taken = try TakenRun.take(
                run.id, of: store, session, capacity: capacity, progressToError: json)
            {
                // Somebody may have been quicker.
                return try carryOut(decision(taken.run, person, approvers), taken, store, session)
            }
            switch try store.deliver(decided.request, to: run.id) {
            case .taken:
                let now = try RecordedRun(store.find(run.id), store, session.workspace)
                return say(decided, run.id, try decided.missing(in: now), "the run goes on")
            case .unanswered:
                Output.note(Delivery.silence)
                return say(decided, run.id, decided.missing(after: run), "the run goes on")
            case .unowned: try store.withdraw(decided.request, run: run.id)
            }
        }
    }

    /// Where nobody else is at the run.
    private func carryOut(
        _ decided: GateDecision, _ taken: TakenRun, _ store: RunStore, _ session: Session
    ) throws -> Int32 {
        let id = taken.run.id
        try taken.write(decided.draft)
        // To go on is the later wish.
        try store.withdrawCancels(run: id)
        if noResume {
            let now = try RecordedRun(store.find(id), store, session.workspace)
            return say(
                decided, id, try decided.missing(in: now), "go on with flow resume \(id)")
        }
        do {
            return try taken.goOn().finish(asJSON: json)
        } catch {
            Output.note("\(decided.verb) \(decided.path), but the run \(id) did not go on")
            throw error
        }
    }

    private func say(_ decision: GateDecision, _ run: String, _ missing: Int, _ next: String)
        -> Int32
    {
        if json {
            Output.print(decision.json(run: run, missing: missing))
        } else {
            let rest = missing == 0 ? next : GateDecision.missing(missing)
            Output.print(
                "\(decision.verb) \(decision.path) of the run \(run) as \(decision.by); \(rest)")
        }
        return Program.succeeded
    }
}
