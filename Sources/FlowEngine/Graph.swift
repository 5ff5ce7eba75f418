package import FlowSpec

/// Who waits for whom. Nodes are named by their place in the workflow.
package struct Graph: Sendable {
    /// The places of the nodes that each node needs.
    package let needs: [[Int]]
    /// The places of the nodes that need each node.
    package let dependents: [[Int]]
    /// How long the longest chain of nodes from each node to an end is, itself included: what is
    /// started first where several could be.
    package let height: [Int]

    /// The graph of nodes whose needs all exist and form no cycle. Costs O(nodes + needs).
    package init(_ nodes: [Node]) {
        let places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.id, $0) })
        var dependents = [[Int]](repeating: [], count: nodes.count)
        needs = nodes.map { node in node.needs.compactMap { places[$0] } }
        for (place, needed) in needs.enumerated() {
            for need in needed { dependents[need].append(place) }
        }
        self.dependents = dependents
        height = Self.heights(needs: needs, dependents: dependents)
    }

    /// Walks from the ends towards the starts (Kahn 1962).
    private static func heights(needs: [[Int]], dependents: [[Int]]) -> [Int] {
        var height = [Int](repeating: 1, count: needs.count)
        var open = dependents.map(\.count)
        var ends = open.indices.filter { open[$0] == 0 }
        while let place = ends.popLast() {
            for need in needs[place] {
                height[need] = max(height[need], height[place] + 1)
                open[need] -= 1
                if open[need] == 0 { ends.append(need) }
            }
        }
        return height
    }
}
