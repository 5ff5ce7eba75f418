/// Keeps what people have taken out of groups apart while the keys of a part become coarser or move to
/// another part, where the type before their text is another.
struct SplitGuard {
    private let part: Miner.Part
    private let place: Miner.Part
    private let splits: GroupSplits
    private let givesUp: Bool
    private var known: [Miner.Part: [MessageKey: Set<UInt64>]] = [:]
    /// The parts that were given up.
    private(set) var lost: Set<String> = []

    /// - Parameters:
    ///   - place: the part that the keys come to; nil: they stay.
    ///   - givesUp: whether keys become what they are told to, and splits may be lost.
    init(
        _ part: Miner.Part, _ splits: GroupSplits, to place: Miner.Part? = nil, givesUp: Bool
    ) {
        self.part = part
        self.place = place ?? part
        self.splits = splits
        self.givesUp = givesUp
    }

    /// What tells keys apart that must stay apart.
    mutating func kind(of key: MessageKey) -> Set<UInt64> { givesUp ? [] : found(key, in: part) }

    /// The marks of the splits that find a key; costs a match for each split, once a key.
    private mutating func found(_ key: MessageKey, in part: Miner.Part) -> Set<UInt64> {
        if splits.rules.isEmpty { return key.marks }
        if let found = known[part]?[key] { return found }
        let found = splits.found(key, part.text(of: key))
        known[part, default: [:]][key] = found
        return found
    }

    /// What a key becomes so that the same splits find it: with the marks of those that its own texts
    /// tell no more.
    /// - Returns: nil where a split would find it that finds none of the messages it stands for.
    mutating func kept(_ key: MessageKey, as coarser: MessageKey) -> MessageKey? {
        let new = coarser.unmarked
        let (before, after) = (found(key, in: part), found(new, in: place))
        if before == after { return new }
        if givesUp {
            lose(before.symmetricDifference(after))
            return new
        }
        return after.isSubset(of: before) ? new.marked(before.subtracting(after)) : nil
    }

    /// What a key becomes that must move though it cannot be made coarser: with the marks that it can
    /// have. Splits that then find it, or find it no more, are lost.
    mutating func moved(_ key: MessageKey) -> MessageKey {
        let (before, after) = (found(key, in: part), found(key.unmarked, in: place))
        let new = key.unmarked.marked(before.subtracting(after))
        lose(before.symmetricDifference(found(new, in: place)))
        return new
    }

    private mutating func lose(_ marks: Set<UInt64>) {
        lost.formUnion(splits.rules.filter { marks.contains($0.mark) }.map(\.part))
    }
}
