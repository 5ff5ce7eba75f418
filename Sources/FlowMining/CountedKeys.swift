/// The keys of one part, asked under which of them a message is counted.
struct CountedKeys {
    private let part: Miner.Part
    private let splits: GroupSplits
    private let keys: Set<MessageKey>
    private let coarse: [MessageKey]

    /// Costs a look at each key.
    init(_ part: Miner.Part, _ keys: some Sequence<MessageKey>, _ splits: GroupSplits) {
        self.part = part
        self.splits = splits
        self.keys = Set(keys)
        coarse = self.keys.filter(\.isCoarse).sorted()
    }

    /// The key that counts a message, itself or for several; nil where none like it was counted. Of
    /// several that may stand for it the one that the same splits find. Costs a comparison with each
    /// key that stands for several.
    func key(of message: MessageKey) -> MessageKey? {
        if keys.contains(message) { return message }
        let covering = coarse.filter { $0.covers(message) }
        if covering.count < 2 || splits.rules.isEmpty { return covering.first }
        let found = splits.found(message, part.text(of: message))
        return covering.first { splits.found($0, part.text(of: $0)) == found } ?? covering.first
    }
}
