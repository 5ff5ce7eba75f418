internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// A word on a gate, checked before anything is written.
struct GateDecision {
    let path: String
    let approves: Bool
    let by: Person
    /// What an approval fills in; of a rejection its reason.
    let form: JSONObject

    /// - Parameters:
    ///   - node: nil: the only open gate.
    ///   - fields: `--form name=value`.
    ///   - approvers: whose verdicts count where the gate names nobody; empty: everybody's.
    /// - Throws: `Misuse` that says what can be decided, by whom, and with which fields.
    static func approval(
        of node: String?, in run: RecordedRun, by: Person,
        fields: [(name: String, text: String)], approvers: [String]
    ) throws -> GateDecision {
        let gate = try find(node, in: run)
        try check(by, may: gate, approvers: approvers)
        if gate.state.hasApproved(by) { throw repeated(by, gate) }
        return GateDecision(
            path: gate.path, approves: true, by: by, form: try form(fields, of: gate))
    }

    static func rejection(
        of node: String?, in run: RecordedRun, by: Person, reason: String?, approvers: [String]
    ) throws -> GateDecision {
        let gate = try find(node, in: run)
        try check(by, may: gate, approvers: approvers)
        return GateDecision(
            path: gate.path, approves: false, by: by,
            form: reason.map { ["reason": .string($0)] } ?? [:])
    }

    var request: RunRequest {
        .decide(node: path, approves: approves, by: by.description, via: .cli, form: form)
    }

    /// The event that stands for it where nobody else writes the log.
    var draft: EventDraft {
        .decision(
            on: path, approves ? .approved : .rejected, by: by.description,
            via: Gate.Channel.cli.rawValue, form: form)
    }

    var verb: String { approves ? "approved" : "rejected" }

    /// - Parameter missing: how many more people must approve.
    func json(run: String, missing: Int) -> JSON {
        [
            "run": .string(run), "node": .string(path), "verdict": .string(verb),
            "by": .string(by.description), "form": .object(form), "missing": .integer(missing),
        ]
    }

    // MARK: What became of it

    /// What the decision has come to in a run that has taken it in.
    /// - Returns: how many more people must approve; 0: the gate is closed by it.
    /// - Throws: `Misuse` that says what counted instead, where somebody was quicker.
    func missing(in run: RecordedRun) throws -> Int {
        let isCounted = run.state.place(of: path).flatMap { run.state.nodes[$0].gate }
            .map { $0.decisions.contains(where: isSame) }
        let open = OpenGate.all(of: run.state).first { $0.path == path }
        if isCounted == true { return open?.missing ?? 0 }
        throw Self.repeated(by, try Self.find(path, in: run))
    }

    /// How many more people must approve once the run has taken the decision in.
    /// - Parameter run: as it was before.
    func missing(after run: RecordedRun) -> Int {
        let gate = OpenGate.all(of: run.state).first { $0.path == path }
        return approves ? max(0, (gate?.missing ?? 1) - 1) : 0
    }

    private func isSame(_ other: GateState.Decision) -> Bool {
        (other.verdict == .approved) == approves && other.via == Gate.Channel.cli.rawValue
            && other.by == by.description && other.form == form
    }

    // MARK: Which gate

    private static func find(_ node: String?, in run: RecordedRun) throws -> OpenGate {
        let open = OpenGate.all(of: run.state)
        if let node { return try find(node, among: open, in: run) }
        guard let first = open.first else {
            let closed = run.state.paths.indices.compactMap { place in
                ending(of: place, in: run).map {
                    "\(run.state.paths[place]): \(VisibleText.safe($0))"
                }
            }
            throw Misuse(
                (["no gate of the run \(run.id) is open"] + closed).joined(separator: "\n"),
                code: Program.failed)
        }
        guard open.count == 1 else {
            throw UsageError(
                "\(open.count) gates of the run \(run.id) are open; name one of them: "
                    + open.map(\.path).joined(separator: ", "))
        }
        return first
    }

    private static func find(_ node: String, among open: [OpenGate], in run: RecordedRun) throws
        -> OpenGate
    {
        let address = try run.address(node)
        let path = run.state.paths[address.place]
        if let gate = open.first(where: { $0.path == path }) { return gate }
        guard case .approve = run.state.definition(address.place).work else {
            throw Misuse("the node \(path) is no gate: there is nothing to decide")
        }
        if let reason = ending(of: address.place, in: run) {
            throw Misuse(
                "the gate \(path) is closed: \(VisibleText.safe(reason))", code: Program.failed)
        }
        let waits = run.state.graph.needs[address.place]
            .filter { run.state.nodes[$0].settlement == nil }.map { run.state.paths[$0] }
        throw Misuse(
            "the gate \(path) is not open yet"
                + (waits.isEmpty ? "" : ": it waits for \(waits.joined(separator: ", "))"),
            code: Program.failed)
    }

    /// How a gate ended, also one of which the run has not taken notice yet; nil: it has not, or the
    /// node is none.
    private static func ending(of place: Int, in run: RecordedRun) -> String? {
        guard case .approve = run.state.definition(place).work else { return nil }
        let node = run.state.nodes[place]
        if let settlement = node.settlement { return settlement.reason }
        return node.phase == .expanded ? node.gate?.ending?.reason : nil
    }

    // MARK: Who, and with what

    private static func repeated(_ by: Person, _ gate: OpenGate) -> Misuse {
        Misuse(
            "\(by) has approved \(gate.path) already; \(missing(gate.missing)), by somebody else",
            code: Program.failed)
    }

    /// `1 more approval is missing`
    static func missing(_ count: Int) -> String {
        count == 1 ? "1 more approval is missing" : "\(count) more approvals are missing"
    }

    private static func check(_ by: Person, may gate: OpenGate, approvers: [String]) throws {
        guard gate.gate.via.contains(.cli) else {
            throw Misuse(
                "the gate \(gate.path) waits for \(gate.wish) and nothing else: "
                    + "its 'via' does not name cli", code: Program.failed)
        }
        if let deadline = gate.state.deadline, deadline <= SystemClock().now() {
            throw Misuse(
                "the time to decide \(gate.path) was over at \(deadline.rfc3339); flow resume acts "
                    + "on that", code: Program.failed)
        }
        let names = gate.gate.reviewers.isEmpty ? approvers : gate.gate.reviewers
        guard names.isEmpty || by.isOne(of: names) else {
            throw Misuse(
                "\(by) may not decide \(gate.path): \(names.joined(separator: ", ")) may "
                    + "(\(gate.gate.reviewers.isEmpty ? "flow.yaml" : "its reviewers")); "
                    + "--as NAME says who you are", code: Program.failed)
        }
    }

    /// The form's fields, typed. What is not given stays as others who approved gave it, else as the
    /// form has it.
    private static func form(_ given: [(name: String, text: String)], of gate: OpenGate) throws
        -> JSONObject
    {
        var mistakes: [String] = []
        var form = gate.state.form(gate.gate)
        let fields = gate.gate.form
        for (place, (name, text)) in given.enumerated() {
            if given[..<place].contains(where: { $0.name == name }) {
                mistakes.append("the field '\(VisibleText.safe(name))' is given twice")
                continue
            }
            guard let field = fields.first(where: { $0.name == name }) else {
                let names = fields.map(\.name)
                mistakes.append(
                    "the form of \(gate.path) has no field \(VisibleText.quoted(name))"
                        + (names.isEmpty ? ": it has none" : Nearest.hint(name, among: names)))
                continue
            }
            do {
                form[name] = try field.parsed(text)
            } catch {
                mistakes.append("the field '\(name)' \(error)")
            }
        }
        for field in fields
        where form[field.name] == nil && !given.contains(where: { $0.name == field.name }) {
            mistakes.append(
                "the field '\(field.name)' has no default; give it with "
                    + "--form \(field.name)=VALUE")
        }
        guard mistakes.isEmpty else { throw Misuse(mistakes.joined(separator: "\n")) }
        return gate.gate.ordered(form)
    }
}

extension Gate {
    /// The fields in the order of the form.
    fileprivate func ordered(_ values: JSONObject) -> JSONObject {
        JSONObject(form.compactMap { field in values[field.name].map { (field.name, $0) } })
    }
}
