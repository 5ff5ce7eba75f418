internal import FlowSystem

extension RunStore {
    /// The weight of the newest duration is one over the number of those kept, but no less than this.
    private static let memory = 5

    /// How long each node of a workflow takes when it succeeds: milliseconds by the node's path. A
    /// mean in which a duration of n runs ago counts 4/5 of the one after it, so that it follows
    /// changes. Costs about a microsecond a node.
    package func durations(of workflow: String) throws(StoreError) -> [String: Int] {
        var found: [String: Int] = [:]
        try database.each(
            "SELECT node, mean FROM durations WHERE workflow = ?", [.text(workflow)]
        ) { row in
            if let node = row[0].text, let mean = row[1].int { found[node] = mean }
        }
        return found
    }

    /// Adds what a run measured: the milliseconds of each node's successful attempt. In one
    /// transaction, so only after the last `commit` of a log of this store.
    package func keep(durations: [String: Int], of workflow: String) throws(StoreError) {
        guard !durations.isEmpty else { return }
        try database.transaction { () throws(StoreError) in
            for (node, milliseconds) in durations {
                try database.run(
                    """
                    INSERT INTO durations (workflow, node, mean, count) VALUES (?1, ?2, ?3, 1)
                    ON CONFLICT DO UPDATE SET count = count + 1,
                      mean = round(mean + (?3 - mean) * 1.0 / min(count + 1, ?4))
                    """,
                    [
                        .text(workflow), .text(node), .integer(Int64(milliseconds)),
                        .integer(Int64(Self.memory)),
                    ])
            }
        }
    }
}
