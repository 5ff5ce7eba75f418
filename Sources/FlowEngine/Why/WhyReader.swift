internal import FlowJSON
internal import FlowSpec

/// Reads from a run's events why things came about. Pure, but for reading outputs by content.
package struct WhyReader {
    let events: [Event]
    let state: RunState
    private let contexts: [ContextBuilder]

    func contexts(of place: Int) -> ContextBuilder { contexts[state.nodes[place].frame] }

    /// - Parameters:
    ///   - events: the run's, whole.
    ///   - state: what they come to.
    ///   - contexts: those of the run's own workflow.
    package init(_ events: [Event], _ state: RunState, contexts: ContextBuilder) {
        self.events = events
        self.state = state
        self.contexts =
            [contexts]
            + state.frames.dropFirst().map { contexts.entering($0.workflow, params: $0.params) }
    }

    package func why(_ address: NodeAddress) -> Why {
        let place = address.place
        let node = state.nodes[place]
        var result = node.settlement?.result
        if let leg = address.leg { result = node.legs[leg].result ?? result }
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
            why.sentence = "it succeeded because it was " + (node.settlement?.reason ?? "approved")
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
    }

    /// Why a node was let run.
    private func startReason(_ place: Int, _ because: inout [Why.Cause]) -> String {
        let node = state.definition(place)
        for need in state.graph.needs[place] {
            let result = state.nodes[need].settlement?.result.rawValue ?? ""
            because.append(Why.Cause(.need, state.paths[need], ["result": .string(result)]))
        }
        guard let condition = node.condition else {
            switch node.needs.count {
            case 0: return "it needs nothing"
            case 1: return "\(node.needs[0]) succeeded"
            default: return "all that it needs succeeded: \(node.needs.joined(separator: ", "))"
            }
        }
        let values = values(readBy: condition.expression, place)
        because.append(
            Why.Cause(.condition, "if", ["expression": .string(condition.expression.source)]))
        because += values
        return "its condition is true: \(condition.expression.source)" + Self.shown(values)
    }

    /// What kept an earlier result from standing for the leg, or for the first such leg.
    private func misses(_ address: NodeAddress, _ because: inout [Why.Cause]) -> String {
        let fields = lastAttempts(of: address).lazy.compactMap {
            $0.data["cache_misses"]?.arrayValue?.compactMap(\.stringValue)
        }.first { !$0.isEmpty }
        guard let fields else { return "" }
        because += fields.map { Why.Cause(.change, $0) }
        return ", and no earlier result stands for it: \(fields.joined(separator: ", ")) changed"
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
        } else if node.gate != nil, case .approve(let gate) = state.definition(address.place).work {
            let who = gate.reviewers.isEmpty ? "" : " by \(gate.reviewers.joined(separator: ", "))"
            why.sentence = "it waits for approval\(who)"
            why.because = [Why.Cause(.approval, why.node)]
        } else {
            let legs = address.leg.map { [node.legs[$0]] } ?? node.legs
            if legs.contains(where: { $0.phase == .running }) {
                why.sentence = "it runs"
            } else if let pool = state.definition(address.place).pool, !legs.isEmpty {
                why.sentence = "it waits for a place in the pool \(pool)"
                why.because = [Why.Cause(.waited, "pool \(pool)")]
            } else {
                why.sentence = "it waits for its turn"
            }
        }
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
