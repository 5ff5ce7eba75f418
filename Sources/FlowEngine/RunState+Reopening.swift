internal import FlowSpec

extension RunState {
    /// The nodes that have not ended, by their paths.
    package var unsettled: [String] {
        paths.indices.filter { nodes[$0].settlement == nil }.map { paths[$0] }
    }

    /// Whether every node of a workflow succeeded; the run's own is 0.
    package func hasSucceeded(frame: Int) -> Bool {
        frames[frame].nodes.allSatisfy { nodes[$0].settlement?.result == .success }
    }

    /// Takes up a run that has ended badly: nodes that failed or were cancelled, and what was skipped
    /// behind them, are open again; everything that succeeded stays, the legs of a matrix too, and so
    /// it is within a workflow that is a node.
    ///
    /// Costs O(nodes + needs).
    mutating func reopen() {
        readied = []
        var endings: [Int: NodeResult] = [0: status == .cancelled ? .cancelled : .failure]
        // A workflow that is a node stands behind the one it is in.
        for frame in frames.indices {
            guard let ending = endings[frame] else { continue }
            reopen(frame, wasCancelled: ending == .cancelled, &endings)
        }
    }

    /// - Parameter endings: how each workflow ended that goes on where it stopped, by its frame.
    private mutating func reopen(
        _ frame: Int, wasCancelled: Bool, _ endings: inout [Int: NodeResult]
    ) {
        let range = frames[frame].nodes
        let (open, behind) = opened(range, wasCancelled: wasCancelled)
        for place in range where open.contains(place) {
            // Only failure() looks further up than at what the node needs.
            let looksUp = definition(place).condition?.usesFailure == true
            let waits = graph.needs[place].contains {
                open.contains($0) || looksUp && behind.contains($0)
            }
            reopen(place, waits: waits, &endings)
        }
        for place in range {
            nodes[place].unmet = graph.needs[place].count(where: behind.contains)
            nodes[place].failedAbove = false
        }
        frames[frame].openNodes = nodes[range].count { $0.settlement == nil }
    }

    /// The nodes of a workflow that are open again, and with them all that are behind one of them.
    private func opened(
        _ range: Range<Int>, wasCancelled: Bool
    ) -> (open: Set<Int>, behind: Set<Int>) {
        var open = Set(
            range.filter { place in
                guard let settlement = nodes[place].settlement else { return true }
                return switch settlement.result {
                case .success: false
                case .cancelled: true
                case .failure: !settlement.isTolerated
                // Because the run was cancelled: looked at anew, like every other skip.
                case .skipped: wasCancelled && !settlement.isTolerated
                }
            })
        var reached = Array(open)
        var behind = open
        while let place = reached.popLast() {
            for dependent in graph.dependents[place] where behind.insert(dependent).inserted {
                if nodes[dependent].settlement?.result == .skipped { open.insert(dependent) }
                reached.append(dependent)
            }
        }
        return (open, behind)
    }

    /// - Parameter waits: whether a need is open again too, so that condition and matrix are looked
    ///   at anew when it is settled.
    private mutating func reopen(
        _ place: Int, waits: Bool, _ endings: inout [Int: NodeResult]
    ) {
        nodes[place].settlement = nil
        nodes[place].hasFailed = false
        guard !nodes[place].legs.isEmpty, !waits, nodes[place].gate == nil else {
            nodes[place].phase = .waiting
            return
        }
        nodes[place].phase = .expanded
        nodes[place].openLegs = 0
        for leg in nodes[place].legs.indices where nodes[place].legs[leg].result != .success {
            reopen(leg, of: place, &endings)
        }
    }

    private mutating func reopen(
        _ leg: Int, of place: Int, _ endings: inout [Int: NodeResult]
    ) {
        if let frame = nodes[place].legs[leg].frame {
            endings[frame] = nodes[place].legs[leg].result ?? .cancelled
            nodes[place].legs[leg].phase = .running
        } else {
            nodes[place].legs[leg].phase = .pending
        }
        nodes[place].legs[leg].result = nil
        nodes[place].legs[leg].isTolerated = false
        nodes[place].legs[leg].outputs = []
        // The tries begin anew.
        nodes[place].legs[leg].lost = nodes[place].legs[leg].attempts
        nodes[place].openLegs += 1
    }
}
