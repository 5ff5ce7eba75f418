package import FlowSpec

/// Who waits for whom. Nodes are named by their place: those of the run's own workflow come first,
/// those of a workflow that is a node are added when it begins.
package struct Graph: Sendable {
    /// The places of the nodes that each node needs.
    package private(set) var needs: [[Int]] = []
    /// The places of the nodes that need each node.
    package private(set) var dependents: [[Int]] = []
    /// How much lies between the beginning of each node and the end of the run, in the unit of the
    /// weights: what is started first where several could be (the critical path; Kelley, Walker 1959).
    package private(set) var height: [Int] = []

    /// The graph of one workflow, every node as heavy as the others.
    package init(_ workflow: Workflow) {
        add(workflow, weights: Array(repeating: 1, count: workflow.nodes.count))
    }

    init() {}

    /// Adds the nodes of one workflow, whose needs all exist among them and form no circle. Costs
    /// O(nodes + needs).
    /// - Parameters:
    ///   - weights: how long each node takes, in any unit.
    ///   - tail: what comes after the last of them.
    mutating func add(_ workflow: Workflow, weights: [Int], tail: Int = 0) {
        let base = needs.count
        dependents += [[Int]](repeating: [], count: workflow.nodes.count)
        needs.reserveCapacity(base + workflow.nodes.count)
        for (place, node) in workflow.nodes.enumerated() {
            let needed = node.needs.compactMap { id in workflow.places[id].map { base + $0 } }
            needs.append(needed)
            for need in needed { dependents[need].append(base + place) }
        }
        addHeights(from: base, weights: weights, tail: tail)
    }

    /// Walks from the ends towards the starts (Kahn 1962).
    private mutating func addHeights(from base: Int, weights: [Int], tail: Int) {
        height += weights.map { $0 + tail }
        var open = dependents[base...].map(\.count)
        var ends = open.indices.filter { open[$0] == 0 }
        while let end = ends.popLast() {
            for need in needs[base + end] {
                height[need] = max(height[need], height[base + end] + weights[need - base])
                open[need - base] -= 1
                if open[need - base] == 0 { ends.append(need - base) }
            }
        }
    }
}
