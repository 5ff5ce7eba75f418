extension RunState {
    /// Takes up a run that has ended badly: nodes that failed or were cancelled, and what was skipped
    /// behind them, are open again; everything that succeeded stays, the legs of a matrix too.
    ///
    /// Costs O(nodes + needs).
    mutating func reopen() {
        var isOpen = nodes.map { node in
            node.settlement?.result == .cancelled
                || node.settlement?.result == .failure && node.settlement?.isTolerated == false
                // Skipped because the run was cancelled: looked at anew, like every other skip.
                || status == .cancelled && node.settlement?.result == .skipped
                    && node.settlement?.isTolerated == false
        }
        var reached = nodes.indices.filter { isOpen[$0] }
        var seen = Set(reached)
        while let place = reached.popLast() {
            for dependent in graph.dependents[place] where seen.insert(dependent).inserted {
                if nodes[dependent].settlement?.result == .skipped { isOpen[dependent] = true }
                reached.append(dependent)
            }
        }
        for place in nodes.indices where isOpen[place] {
            reopen(place, waits: graph.needs[place].contains { isOpen[$0] })
        }
        readied = []
        for place in nodes.indices {
            nodes[place].unmet = graph.needs[place].count { nodes[$0].settlement == nil }
            nodes[place].failedAbove = false
            if nodes[place].phase == .waiting, nodes[place].unmet == 0 { readied.append(place) }
        }
        openNodes = nodes.count { $0.settlement == nil }
    }

    /// - Parameter waits: whether a need is open again too, so that condition and matrix are looked
    ///   at anew when it is settled.
    private mutating func reopen(_ place: Int, waits: Bool) {
        nodes[place].settlement = nil
        guard !nodes[place].legs.isEmpty, !waits else {
            nodes[place].phase = .waiting
            return
        }
        nodes[place].phase = .expanded
        nodes[place].openLegs = 0
        for leg in nodes[place].legs.indices where nodes[place].legs[leg].result != .success {
            nodes[place].legs[leg].phase = .pending
            nodes[place].legs[leg].result = nil
            nodes[place].legs[leg].isTolerated = false
            nodes[place].legs[leg].outputs = []
            // The tries begin anew.
            nodes[place].legs[leg].lost = nodes[place].legs[leg].attempts
            nodes[place].openLegs += 1
        }
    }
}
