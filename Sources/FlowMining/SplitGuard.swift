/// Keeps what people have taken out of groups apart while the keys of a part become coarser.
struct SplitGuard {
    private let part: Miner.Part
    private let splits: GroupSplits
    private let givesUp: Bool
    private var known: [MessageKey: Set<UInt64>] = [:]
    /// The parts that were given up.
    private(set) var lost: Set<String> = []

    /// - Parameter givesUp: whether keys become what they are told to, and splits may be lost.
    init(_ part: Miner.Part, _ splits: GroupSplits, givesUp: Bool) {
        self.part = part
        self.splits = splits
        self.givesUp = givesUp
    }

    /// What tells keys apart that must stay apart.
    mutating func kind(of key: MessageKey) -> Set<UInt64> { givesUp ? [] : found(key) }

    /// The marks of the splits that find a key; costs a match for each split, once a key.
    private mutating func found(_ key: MessageKey) -> Set<UInt64> {
        if splits.rules.isEmpty { return key.marks }
        if let found = known[key] { return found }
        let found = splits.found(key, part.text(of: key))
        known[key] = found
        return found
    }

    /// What a key becomes so that the same splits find it: with the marks of those that its own texts
    /// tell no more.
    /// - Returns: nil where a split would find it that finds none of the messages it stands for.
    mutating func kept(_ key: MessageKey, as coarser: MessageKey) -> MessageKey? {
        let new = coarser.unmarked
        let (before, after) = (found(key), found(new))
        if before == after { return new }
        if givesUp {
            let marks = before.symmetricDifference(after)
            lost.formUnion(splits.rules.filter { marks.contains($0.mark) }.map(\.part))
            return new
        }
        return after.isSubset(of: before) ? new.marked(before.subtracting(after)) : nil
    }
}
