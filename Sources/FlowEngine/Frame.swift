package import FlowJSON
package import FlowSpec

/// One workflow that is being carried out: the run's own, or one that stands as a node in another.
package struct Frame: Sendable {
    package let workflow: Workflow
    /// The leg that this workflow is; nil: the run's own workflow.
    package let parent: LegID?
    /// What the paths of its nodes begin with: `deploy/`, in leg 2 of a matrix `deploy.2/`.
    package let prefix: String
    /// The places of its nodes.
    package let nodes: Range<Int>
    package let params: JSONObject
    /// Nodes that are not settled.
    package internal(set) var openNodes: Int
}

extension RunState {
    /// Adds the nodes of a workflow that begins. Costs O(its nodes + needs).
    mutating func enter(_ workflow: Workflow, as parent: LegID?, params: JSONObject) {
        let prefix = parent.map(prefix) ?? ""
        let base = nodes.count
        let isRoot = parent == nil
        let paths = workflow.nodes.map { isRoot ? $0.id : prefix + $0.id }
        if isRoot { places = workflow.places }
        nodes.reserveCapacity(base + paths.count)
        let tail = parent.map { graph.height[$0.node] - weight(path: self.paths[$0.node]) } ?? 0
        graph.add(workflow, weights: paths.map(weight), tail: tail)
        for offset in workflow.nodes.indices {
            var added = NodeState(unmet: graph.needs[base + offset].count, frame: frames.count)
            if !isRoot {
                // Beginning anew, a workflow goes on counting its attempts.
                let earlier = places[paths[offset]].map {
                    nodes[$0].legs.map(\.attempts).max() ?? nodes[$0].attemptsBefore
                }
                added.attemptsBefore = earlier ?? 0
                places[paths[offset]] = base + offset
            }
            nodes.append(added)
            if added.unmet == 0 { readied.append(base + offset) }
        }
        self.paths += paths
        if let parent { nodes[parent.node].legs[parent.leg].frame = frames.count }
        frames.append(
            Frame(
                workflow: workflow, parent: parent, prefix: prefix, nodes: base..<nodes.count,
                params: params, openNodes: workflow.nodes.count))
    }

    /// What the paths of the nodes begin with of a workflow that is this leg.
    func prefix(_ leg: LegID) -> String {
        paths[leg.node] + (nodes[leg.node].isMatrix ? ".\(leg.leg)/" : "/")
    }

    /// How long a node is expected to take: what it took, or what the others took on the mean.
    private func weight(path: String) -> Int { durations[path] ?? usualDuration }
}
