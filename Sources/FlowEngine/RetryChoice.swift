internal import FlowJSON
internal import FlowSpec

/// What becomes of each node and leg of an earlier run.
struct RetryChoice {
    enum Fate: Sendable {
        case kept, anew
        /// A matrix of which some legs are kept, or a workflow that goes on inside.
        case open
    }

    /// What becomes of a leg of an open node.
    struct Leg {
        /// Its place in the matrix of today.
        let place: Int
        /// Of a workflow that goes on inside: its params of today; nil: the leg is kept.
        var params: JSONObject?
    }

    private let old: RunState
    /// The earlier run with the paths and the legs that the new one has for its nodes.
    private(set) var new: RunState
    /// Of the nodes of workflows that are looked into.
    private(set) var fates: [Int: Fate] = [:]
    /// By what they were; those of open nodes that the new run has too.
    private(set) var legs: [LegID: Leg] = [:]
    /// Of open nodes.
    private(set) var expansions: [Int: MatrixExpansion] = [:]
    private var wholes: Set<Int> = []
    private var named: Set<LegID> = []
    /// Legs inside which something is named.
    private var entered: Set<LegID> = []

    init(_ state: RunState, redo: [NodeAddress]) {
        old = state
        new = state
        new.status = .running
        for address in redo {
            if let leg = address.leg {
                named.insert(LegID(node: address.place, leg: leg))
            } else {
                wholes.insert(address.place)
            }
            var frame = state.nodes[address.place].frame
            while let parent = state.frames[frame].parent {
                entered.insert(parent)
                frame = state.nodes[parent.node].frame
            }
        }
    }

    /// - Parameters:
    ///   - workflow: what the new run carries out.
    ///   - contexts: what its expressions look at.
    mutating func choose(_ workflow: Workflow, _ contexts: ContextBuilder) {
        choose(0, workflow, contexts, wasCancelled: old.isCancelling || old.status == .cancelled)
    }

    /// - Parameters:
    ///   - frame: a workflow of the earlier run.
    ///   - workflow: what stands for it in the new one.
    private mutating func choose(
        _ frame: Int, _ workflow: Workflow, _ contexts: ContextBuilder, wasCancelled: Bool
    ) {
        let nodes = workflow.byID
        for place in order(of: frame) {
            guard let node = nodes[old.definition(place).id],
                node.stands(for: old.definition(place)),
                old.graph.needs[place].allSatisfy({ fates[$0] == .kept })
            else {
                fates[place] = .anew
                continue
            }
            if isKept(place, node, wasCancelled: wasCancelled) {
                fates[place] = .kept
                for leg in old.nodes[place].legs.indices { keepInside(place, leg, as: leg) }
            } else {
                let isOpen = open(place, node, contexts, wasCancelled: wasCancelled)
                fates[place] = isOpen ? .open : .anew
            }
        }
    }

    /// The nodes of a workflow, each behind what it needs.
    private func order(of frame: Int) -> [Int] {
        let range = old.frames[frame].nodes
        var unmet = range.map { old.graph.needs[$0].count }
        var order = range.filter { unmet[$0 - range.lowerBound] == 0 }
        var next = 0
        while next < order.count {
            for dependent in old.graph.dependents[order[next]] {
                unmet[dependent - range.lowerBound] -= 1
                if unmet[dependent - range.lowerBound] == 0 { order.append(dependent) }
            }
            next += 1
        }
        return order
    }

    // MARK: What is kept whole

    private func isKept(_ place: Int, _ node: Node, wasCancelled: Bool) -> Bool {
        guard let settlement = old.nodes[place].settlement, !wholes.contains(place),
            !old.nodes[place].legs.indices.contains(where: { isNamed(place, $0) })
        else { return false }
        return switch settlement.result {
        case .success: node.standsInside(for: old.definition(place))
        case .failure: settlement.isTolerated && node.standsInside(for: old.definition(place))
        case .skipped: settlement.isTolerated || !wasCancelled
        case .cancelled: false
        }
    }

    private func isNamed(_ place: Int, _ leg: Int) -> Bool {
        let id = LegID(node: place, leg: leg)
        return named.contains(id) || entered.contains(id)
    }

    /// What is inside a leg that is kept is kept as well.
    private mutating func keepInside(_ place: Int, _ leg: Int, as newLeg: Int) {
        guard let frame = old.nodes[place].legs[leg].frame else { return }
        move(frame, to: LegID(node: place, leg: newLeg))
        for inner in old.frames[frame].nodes {
            fates[inner] = .kept
            for leg in old.nodes[inner].legs.indices { keepInside(inner, leg, as: leg) }
        }
    }

    /// Gives the nodes of a workflow the paths that they have in the new run.
    private mutating func move(_ frame: Int, to leg: LegID) {
        let prefix = new.prefix(leg)
        for place in old.frames[frame].nodes {
            new.paths[place] = prefix + old.definition(place).id
        }
    }

    // MARK: What goes on

    /// Looks at a node anew as far as the new run would before it starts a leg, and chooses what of
    /// its legs it has already.
    /// - Returns: whether it has any; the new run does the rest, and says what cannot be evaluated.
    private mutating func open(
        _ place: Int, _ node: Node, _ contexts: ContextBuilder, wasCancelled: Bool
    ) -> Bool {
        guard !wholes.contains(place), !old.nodes[place].legs.isEmpty,
            old.nodes[place].gate == nil
        else { return false }
        let places: [Int: Int]
        let needs: JSON
        do throws(ExpressionError) {
            guard try contexts.skipReason(node, place, new, isCancelled: false) == nil else {
                return false
            }
            places = try expand(place, node, contexts)
            needs = try contexts.needs(node, new, place: place)
        } catch {
            return false
        }
        let isCancelled = wasCancelled || old.nodes[place].failFast && old.nodes[place].hasFailed
        for (leg, newLeg) in places {
            choose(
                LegID(node: place, leg: leg), newLeg, node, contexts, needs,
                wasCancelled: isCancelled)
        }
        return places.keys.contains { legs[LegID(node: place, leg: $0)] != nil }
    }

    /// The legs that the node has in the new run too: their places there, by those of before.
    private mutating func expand(_ place: Int, _ node: Node, _ contexts: ContextBuilder)
        throws(ExpressionError) -> [Int: Int]
    {
        guard let matrix = node.matrix else { return [0: 0] }
        let expansion = try contexts.expand(matrix, node, place, new)
        expansions[place] = expansion
        let before = Dictionary(
            old.nodes[place].legs.enumerated().map { ($1.key, $0) },
            uniquingKeysWith: { first, _ in first })
        var places: [Int: Int] = [:]
        for (newLeg, leg) in expansion.legs.enumerated() {
            guard let old = before[leg.key], self.old.nodes[place].legs[old].matrix == leg.values
            else { continue }
            places[old] = newLeg
        }
        new.nodes[place].legs = expansion.legs.map {
            RunState.LegState(key: $0.key, matrix: $0.values)
        }
        new.nodes[place].maxParallel = expansion.maxParallel
        new.nodes[place].failFast = expansion.failFast
        return places
    }

    /// - Parameters:
    ///   - newLeg: its place in the new run.
    ///   - wasCancelled: whether a leg that had not ended was about to be cancelled.
    private mutating func choose(
        _ id: LegID, _ newLeg: Int, _ node: Node, _ contexts: ContextBuilder, _ needs: JSON,
        wasCancelled: Bool
    ) {
        let leg = old.nodes[id.node].legs[id.leg]
        if named.contains(id) { return }
        if leg.phase == .settled, leg.result == .success, !entered.contains(id),
            node.standsInside(for: old.definition(id.node))
        {
            legs[id] = Leg(place: newLeg)
            keepInside(id.node, id.leg, as: newLeg)
            return
        }
        let newID = LegID(node: id.node, leg: newLeg)
        guard let frame = leg.frame, case .workflow(let inner, let with) = node.work,
            let params = try? contexts.params(inner, with, newID, node, new, needs: needs)
        else { return }
        legs[id] = Leg(place: newLeg, params: params)
        move(frame, to: newID)
        choose(
            frame, inner.workflow, contexts.entering(inner.workflow, params: params),
            wasCancelled: leg.result.map { $0 == .cancelled } ?? wasCancelled)
    }
}

extension Workflow {
    fileprivate var byID: [String: Node] {
        Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Node {
    /// Whether what an earlier node of the same name has done may stand for this one.
    fileprivate func stands(for old: Node) -> Bool {
        guard needs == old.needs, (matrix == nil) == (old.matrix == nil) else { return false }
        switch (work, old.work) {
        case (.workflow, .workflow), (.approve, .approve): return true
        case (.workflow, _), (_, .workflow), (.approve, _), (_, .approve): return false
        default: return true
        }
    }

    /// The same for all that is inside the two, if they are workflows: each of the nodes is there, and
    /// no other.
    fileprivate func standsInside(for old: Node) -> Bool {
        guard case .workflow(let part, _) = work, case .workflow(let oldPart, _) = old.work else {
            return true
        }
        let nodes = oldPart.workflow.byID
        return part.workflow.nodes.count == nodes.count
            && part.workflow.nodes.allSatisfy { node in
                guard let old = nodes[node.id] else { return false }
                return node.stands(for: old) && node.standsInside(for: old)
            }
    }
}
