internal import FlowJSON
internal import FlowSpec

/// Reads from a run's events why things came about. Pure, but for reading outputs by content.
package struct WhyReader {
    let events: [Event]
    let state: RunState
    private let status: RunStatus
    private let contexts: [ContextBuilder]

    func contexts(of place: Int) -> ContextBuilder { contexts[state.nodes[place].frame] }

    /// - Parameters:
    ///   - events: the run's, whole.
    ///   - state: what they come to.
    ///   - status: how the run stands; the log does not tell that its flow was killed.
    ///   - contexts: those of the run's own workflow.
    package init(
        _ events: [Event], _ state: RunState, status: RunStatus, contexts: ContextBuilder
    ) {
        self.events = events
        self.state = state
        self.status = status
        self.contexts =
            [contexts]
            + state.frames.dropFirst().map { contexts.entering($0.workflow, params: $0.params) }
    }

    package func why(_ address: NodeAddress) -> Why {
        let place = address.place
        let node = state.nodes[place]
        var result = node.settlement?.result
        if let leg = address.leg {
            // One that had not begun when the node was over never will.
            result = node.legs[leg].result ?? (result == nil ? nil : .cancelled)
        }
        var why = Why(
            node: state.paths[place],
            leg: address.leg.map { node.legs[$0].key.isEmpty ? String($0) : node.legs[$0].key },
            result: result, sentence: "", because: [])
        switch result {
        case .skipped: skipped(place, &why)
        case .success: succeeded(address, &why)
        case .failure: failed(address, &why)
        case .cancelled: cancelled(address, &why)
        case nil: open(address, &why)
        }
        if let from = keptFrom(address) {
            why.because.insert(Why.Cause(.kept, from), at: 0)
            why.sentence = "it is kept from the run \(from), where " + why.sentence
        }
        return why
    }

    // MARK: What did not run

    private func skipped(_ place: Int, _ why: inout Why) {
        let node = state.definition(place)
        let reason = state.nodes[place].settlement?.reason ?? ""
        if state.nodes[place].settlement?.isTolerated == true {
            why.sentence = "it was skipped because it was not selected with --only or --from"
            why.because = [Why.Cause(.selection, why.node)]
        } else if let condition = node.condition, reason.hasPrefix("its condition is false") {
            let values = values(readBy: condition.expression, place)
            why.sentence =
                "it was skipped because its condition is false: \(condition.expression.source)"
                + Self.shown(values)
            why.because =
                [Why.Cause(.condition, "if", ["expression": .string(condition.expression.source)])]
                + values
        } else if let need = unmet(place) {
            var words: [String] = []
            for place in chain(from: need) {
                let settlement = state.nodes[place].settlement
                let result = settlement?.result ?? .cancelled
                words.append("\(state.paths[place]) \(result.past)")
                why.because.append(
                    Why.Cause(
                        .need, state.paths[place],
                        [
                            "result": .string(result.rawValue),
                            "reason": .string(settlement?.reason ?? ""),
                        ]))
            }
            why.sentence = "it was skipped because " + words.joined(separator: ", because ")
            if let root = chain(from: need).last { why.sentence += rootReason(root) }
        } else {
            let by = cancelledBy
            why.sentence = "it was skipped because the run was cancelled by \(by) before it began"
            why.because = [Why.Cause(.cancelled, "run", ["by": .string(by)])]
        }
    }

    /// The first need that `success()` does not count.
    private func unmet(_ place: Int) -> Int? {
        guard state.definition(place).condition?.usesStatusFunction != true,
            !(state.nodes[place].settlement?.reason ?? "").hasPrefix("the run was cancelled")
        else { return nil }
        return state.graph.needs[place].first {
            state.nodes[$0].settlement?.letsDependentsGoOn != true
        }
    }

    /// A need, the need for which that one was skipped, and so on to the top.
    private func chain(from place: Int) -> [Int] {
        var chain = [place]
        while let last = chain.last, state.nodes[last].settlement?.result == .skipped,
            let next = unmet(last)
        {
            chain.append(next)
        }
        return chain
    }

    /// Why the node at the top of a chain ended as it did.
    private func rootReason(_ place: Int) -> String {
        let reason = state.nodes[place].settlement?.reason ?? ""
        guard let condition = state.definition(place).condition,
            reason.hasPrefix("its condition is false")
        else { return reason.isEmpty ? "" : ": \(reason)" }
        return ": \(reason)" + Self.shown(values(readBy: condition.expression, place))
    }

    private var cancelledBy: String {
        events.last { $0.type == EventType.runCancelling }?.data["by"]?.stringValue ?? "somebody"
    }

    private func cancelled(_ address: NodeAddress, _ why: inout Why) {
        let node = state.nodes[address.place]
        if node.isMatrix, node.failFast,
            let failed = node.legs.firstIndex(where: { $0.result == .failure && !$0.isTolerated })
        {
            let leg = NodeAddress(place: address.place, leg: failed).text(in: state)
            why.sentence = "it was cancelled because \(leg) failed and fail-fast ends the others"
            why.because = [
                Why.Cause(.failure, leg, ["reason": .string(node.legs[failed].reason)])
            ]
        } else {
            why.sentence = "it was cancelled because the run was cancelled by \(cancelledBy)"
            why.because = [Why.Cause(.cancelled, "run", ["by": .string(cancelledBy)])]
        }
    }

    // MARK: What ran

    private func succeeded(_ address: NodeAddress, _ why: inout Why) {
        let node = state.nodes[address.place]
        if let gate = node.gate {
            why.sentence =
                "it succeeded because it was " + (node.settlement?.reason ?? "approved")
                + (gate.merges?.problem.map { " (\($0))" } ?? "")
            why.because = gate.decisions.map { decision in
                Why.Cause(
                    .approval, decision.by,
                    ["verdict": .string(decision.verdict.rawValue), "via": .string(decision.via)])
            }
            return
        }
        let cached =
            address.leg.map { node.legs[$0].cachedFrom } ?? node.settlement?.cachedFrom
        if let cached {
            why.sentence =
                "it did not run, since nothing that its result depends on has changed since the "
                + "run \(cached), whose result stands for it"
            why.because = [Why.Cause(.cached, cached)]
            return
        }
        if node.isMatrix, node.legs.isEmpty {
            why.sentence = "it succeeded without running, since its matrix is empty"
            return
        }
        why.sentence = "it ran because " + startReason(address.place, &why.because)
        why.sentence += misses(address, &why.because)
        why.sentence += waits(address, &why.because)
        why.sentence += tries(address, ", and succeeded", &why.because)
    }

    /// Why a node was let run.
    private func startReason(_ place: Int, _ because: inout [Why.Cause]) -> String {
        let node = state.definition(place)
        for need in state.graph.needs[place] {
            let settlement = state.nodes[need].settlement
            because.append(
                Why.Cause(
                    .need, state.paths[need],
                    [
                        "result": .string(settlement?.result.rawValue ?? ""),
                        "tolerated": .bool(settlement?.isTolerated == true),
                    ]))
        }
        guard let condition = node.condition else { return needsReason(place) }
        let values = values(readBy: condition.expression, place)
        because.append(
            Why.Cause(.condition, "if", ["expression": .string(condition.expression.source)]))
        because += values
        return "its condition is true: \(condition.expression.source)" + Self.shown(values)
    }

    /// How what it needs ended, where that is all that counts.
    private func needsReason(_ place: Int) -> String {
        let ends = state.graph.needs[place].map { need in
            let settlement = state.nodes[need].settlement
            let name = state.paths[need]
            guard settlement?.isTolerated == true else {
                return "\(name) \(settlement?.result.past ?? "ended")"
            }
            return settlement?.result == .skipped
                ? "\(name) was not selected, which counts as passed"
                : "\(name) failed, which is tolerated (continue-on-error)"
        }
        let isPlain = state.graph.needs[place].allSatisfy {
            state.nodes[$0].settlement?.result == .success
        }
        switch ends.count {
        case 0: return "it needs nothing"
        case 2... where isPlain:
            let names = state.graph.needs[place].map { state.paths[$0] }
            return "all that it needs succeeded: \(names.joined(separator: ", "))"
        default: return ends.joined(separator: ", and ")
        }
    }

    /// What kept an earlier result from standing for the leg, or for the first such leg.
    private func misses(_ address: NodeAddress, _ because: inout [Why.Cause]) -> String {
        let reasons = lastAttempts(of: address).lazy.compactMap {
            $0.data["cache_misses"]?.arrayValue?.compactMap(\.stringValue)
        }.first { !$0.isEmpty }
        guard let reasons else { return "" }
        let miss = CacheMiss(reasons)
        because += miss.causes
        return ", and \(miss.words)"
    }

    /// How many tries it took; nothing is said of one.
    private func tries(
        _ address: NodeAddress, _ what: String, _ because: inout [Why.Cause]
    ) -> String {
        let node = state.nodes[address.place]
        let legs = address.leg.map { [node.legs[$0]] } ?? (node.isMatrix ? [] : node.legs)
        let tries = legs.map { $0.attempts - $0.lost }.max() ?? 0
        guard tries > 1 else { return "" }
        because.append(
            Why.Cause(.attempts, state.paths[address.place], ["count": .integer(tries)]))
        return "\(what) at attempt \(tries)"
    }

    private func failed(_ address: NodeAddress, _ why: inout Why) {
        let node = state.nodes[address.place]
        let leg = address.leg.map { node.legs[$0] }
        let reason = leg?.reason ?? node.settlement?.reason ?? ""
        why.sentence = "it failed" + (reason.isEmpty ? "" : ": \(reason)")
        why.because = [Why.Cause(.failure, why.node, ["reason": .string(reason)])]
        for decision in node.gate?.decisions ?? [] {
            why.because.append(
                Why.Cause(
                    .approval, decision.by,
                    ["verdict": .string(decision.verdict.rawValue), "via": .string(decision.via)]))
        }
        if leg?.isTolerated ?? node.settlement?.isTolerated ?? false {
            why.sentence += ", which is tolerated (continue-on-error)"
        }
        let tries = lastAttempts(of: address).compactMap(\.draft.attempt).max() ?? 0
        let lost = leg?.lost ?? node.legs.first?.lost ?? 0
        if tries - lost > 1 {
            why.sentence += " (at the last of \(tries - lost) attempts)"
            why.because.append(Why.Cause(.attempts, why.node, ["count": .integer(tries - lost)]))
        }
        for leg in node.legs.indices where address.leg == nil && node.isMatrix {
            guard node.legs[leg].result == .failure else { continue }
            why.because.append(
                Why.Cause(
                    .failure, NodeAddress(place: address.place, leg: leg).text(in: state),
                    ["reason": .string(node.legs[leg].reason)]))
        }
        _ = misses(address, &why.because)
    }

    // MARK: What has not ended

    private func open(_ address: NodeAddress, _ why: inout Why) {
        let node = state.nodes[address.place]
        let waiting = state.graph.needs[address.place].filter { state.nodes[$0].settlement == nil }
        if !waiting.isEmpty {
            let names = waiting.map { state.paths[$0] }
            why.sentence = "it waits for \(names.joined(separator: ", "))"
            why.because = names.map { Why.Cause(.waited, $0) }
        } else if let gate = node.gate {
            why.sentence = "it \(gate.waiting)"
            why.because = [Why.Cause(.approval, why.node, gate.merges?.data ?? [:])]
        } else {
            begun(address, &why)
        }
    }

    private var interrupted: String {
        state.isCancelling
            ? "it ran when the run was interrupted, which was being cancelled; flow resume ends that, "
                + "and after it goes on"
            : "it ran when the run was interrupted; flow resume runs it again"
    }

    /// Of what is ready, or has begun.
    private func begun(_ address: NodeAddress, _ why: inout Why) {
        let node = state.nodes[address.place]
        let legs = address.leg.map { [node.legs[$0]] } ?? node.legs
        if legs.contains(where: { $0.phase == .running }) {
            why.sentence = status == .interrupted ? interrupted : "it runs"
        } else if status == .interrupted {
            why.sentence = "the run was interrupted before it started; flow resume goes on"
            why.because = [Why.Cause(.waited, Wait(kind: .resumption).field)]
        } else if let leg = legs.first(where: { $0.isToBeTriedAgain }) {
            why.sentence = "it waits for another attempt, after \(leg.reason)"
            why.because = [Why.Cause(.failure, why.node, ["reason": .string(leg.reason)])]
        } else if legs.isEmpty {
            why.sentence = "it is about to be looked at"
        } else {
            let wait = wait(address)
            why.sentence = "it waits for \(wait.words)"
            why.because = [
                Why.Cause(
                    .waited, wait.field,
                    ["held_by": .array(wait.holders.map(JSON.string))])
            ]
        }
    }
}

extension RunState.LegState {
    fileprivate var isToBeTriedAgain: Bool {
        if case .retrying = phase { true } else { false }
    }
}

extension NodeResult {
    fileprivate var past: String {
        switch self {
        case .success: "succeeded"
        case .failure: "failed"
        case .cancelled: "was cancelled"
        case .skipped: "was skipped"
        }
    }
}
