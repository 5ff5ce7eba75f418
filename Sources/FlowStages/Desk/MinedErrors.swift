internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowStore
internal import FlowText

/// All errors that are kept of the sources, for questions about single groups.
struct MinedErrors {
    /// The source that was read last comes first.
    private let miners: [Miner]
    private let aliases: Aliases

    init(_ workspace: Workspace, _ aliases: Aliases) throws {
        let masks = try MessageMasks(of: workspace.root)
        miners = try MemoryStore(try StateFolder(workspace.state)).sources().compactMap {
            document in
            try? MinedSource(
                json: try JSON.read(document), masks: masks, splits: aliases.groupSplits
            ).miner
        }
        self.aliases = aliases
    }

    /// The groups that the grouping and the splits make, whatever they were merged into.
    var groups: Set<String> {
        Set(miners.flatMap(\.fingerprints))
    }

    /// What the groups that go by a fingerprint are, each by itself; empty where none was counted.
    func explanations(of fingerprint: String) -> [MessageExplanation] {
        for miner in miners {
            let found = miner.explanations(of: fingerprint, named: aliases.newest)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// What the group of a message is.
    func explanation(of message: String, component: String?) -> MessageExplanation? {
        miners.lazy.compactMap {
            $0.explanation(of: message, component: component, named: aliases.newest)
        }.first
    }

    /// What a pattern takes out of the groups that go by a fingerprint; nil where none was counted.
    func division(of fingerprint: String, _ regex: LinearRegex) -> GroupDivision? {
        miners.lazy.compactMap {
            $0.division(of: fingerprint, regex, named: aliases.newest)
        }.first
    }
}
