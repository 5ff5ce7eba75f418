/// Keys without their names.
///
/// The messages of one shape differ in names only: in columns that stage 2 of the grouping decides
/// on.
enum MessageShape {
    /// Keys with one token instead of the texts of a column that is a variable whatever other
    /// messages come: one that has enough texts, or where a message has a value for sure.
    ///
    /// The grouping makes the same templates of these as of the keys.
    /// - Parameters:
    ///   - all: every column in which messages of one shape differ, which may join templates.
    ///   - found: the splits that find a key. Keys that others find stay apart, each kind with the
    ///     texts that all of it has.
    /// - Returns: the keys that change, and what they become, without marks.
    static func folded(
        _ keys: [MessageKey], all: Bool, by found: (MessageKey) -> Set<UInt64>
    ) -> [MessageKey: MessageKey] {
        var folded: [MessageKey: MessageKey] = [:]
        for members in Dictionary(grouping: keys, by: \.shape).values where members.count > 1 {
            let lists = members.map(\.unmarked.slices)
            let columns = lists[0].indices.filter { column in
                let tokens = Set(lists.map { $0[column] })
                return tokens.count > 1 && (all || isVariable(tokens, isFirst: column == 0))
            }
            if columns.isEmpty { continue }
            for alike in Dictionary(grouping: members.indices, by: { found(members[$0]) }).values {
                let own = columns.filter { column in
                    alike.contains { lists[$0][column] != lists[alike[0]][column] }
                }
                if own.isEmpty { continue }
                for place in alike {
                    folded[members[place]] = MessageKey.folded(own, lists[place])
                }
            }
        }
        return folded
    }

    /// Whether no other text makes the column less than a variable.
    private static func isVariable(_ tokens: Set<ArraySlice<UInt8>>, isFirst: Bool) -> Bool {
        let kinds = tokens.map(MessageKey.kind)
        if kinds.contains(.many) || !isFirst && kinds.contains(.sure) { return true }
        let texts = Set(
            tokens.map { MessageKey.kind($0).isMasked ? [] : $0.dropFirst(3) })
        return texts.count >= GroupingRules.standard.values
    }
}

extension MessageKey {
    /// The tokens as they are packed.
    var slices: [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var at = 0
        while at + 3 <= packed.count {
            let end = at + 3 + (Int(packed[at]) << 8 | Int(packed[at + 1]))
            result.append(packed[at..<end])
            at = end
        }
        return result
    }

    static func kind(_ slice: ArraySlice<UInt8>) -> Kind {
        Kind(rawValue: slice[slice.startIndex + 2] & 7) ?? .mark
    }

    private static func isConstant(_ slice: ArraySlice<UInt8>) -> Bool {
        kind(slice) == .word || kind(slice) == .mark
    }

    /// A token without text, with the blank of another.
    private static func masked(_ slice: ArraySlice<UInt8>, _ kind: Kind) -> [UInt8] {
        [0, 0, kind.rawValue | slice[slice.startIndex + 2] & 8]
    }

    /// The key with every name masked.
    var shape: MessageKey {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(packed.count)
        for slice in slices {
            if Self.isConstant(slice) {
                bytes += slice
            } else {
                bytes += Self.masked(slice, Self.kind(slice) == .rest ? .rest : .sure)
            }
        }
        return MessageKey(packed: bytes)
    }

    fileprivate static func folded(_ columns: [Int], _ slices: [ArraySlice<UInt8>]) -> MessageKey {
        var slices = slices
        for column in columns { slices[column] = masked(slices[column], .many)[...] }
        return MessageKey(packed: Array(slices.joined()))
    }

    /// Its first tokens, and one that stands for whatever follows, if anything does.
    func cut(after count: Int) -> MessageKey {
        MessageKey(packed: slices.prefix(count).joined() + [0, 0, Kind.rest.rawValue])
    }

    /// The traits of a key that became this one.
    func traits(_ old: [UInt8]) -> [UInt8] {
        let slices = slices
        guard let last = slices.last, Self.kind(last) == .rest else { return old }
        return old.prefix(slices.count - 1) + [MessageLexer.loose | MessageLexer.more]
    }

    private static func isCoarse(_ slice: ArraySlice<UInt8>) -> Bool {
        kind(slice) == .many || kind(slice) == .rest
    }

    /// Whether it stands for several messages that the lexer tells apart.
    var isCoarse: Bool { slices.contains(where: Self.isCoarse) }

    /// The splits (`GroupSplits.Rule.mark`) that find its messages by texts that stand in it no more.
    ///
    /// Eight bytes each in place of a text of the first token that stands for several; the grouping
    /// does not look at them.
    var marks: Set<UInt64> {
        guard let slice = slices.first(where: Self.isCoarse), slice.count > 3 else { return [] }
        return Set(
            stride(from: slice.startIndex + 3, to: slice.endIndex, by: 8).map { start in
                slice[start..<min(start + 8, slice.endIndex)].reduce(0) { $0 << 8 | UInt64($1) }
            })
    }

    /// The same with other marks; none stay where it stands for one message.
    func marked(_ marks: Set<UInt64>) -> MessageKey {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(packed.count + 8 * marks.count)
        var left = marks.sorted()
        for slice in slices {
            guard Self.isCoarse(slice) else {
                bytes += slice
                continue
            }
            let length = 8 * left.count
            bytes += [
                UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
                slice[slice.startIndex + 2],
            ]
            for mark in left { withUnsafeBytes(of: mark.bigEndian) { bytes += $0 } }
            left = []
        }
        return MessageKey(packed: bytes)
    }

    /// The same without marks.
    var unmarked: MessageKey { marks.isEmpty ? self : marked([]) }

    /// Whether it stands for a key of the lexer.
    func covers(_ other: MessageKey) -> Bool {
        let (slices, others) = (slices, other.slices)
        for (place, slice) in slices.enumerated() {
            if Self.kind(slice) == .rest { return true }
            guard place < others.count else { return false }
            let same = others[place]
            let fits =
                Self.kind(slice) == .many
                ? !Self.isConstant(same)
                    && Self.masked(same, .many) == Self.masked(slice, .many)
                : same == slice
            if !fits { return false }
        }
        return slices.count == others.count
    }
}

/// The shapes of some keys as a tree: a node is a beginning, and its children are the tokens that
/// follow it.
struct ShapeTree {
    /// Sorted, so that the shapes below a node are side by side.
    private let shapes: [(tokens: [ArraySlice<UInt8>], keys: [MessageKey])]

    init(_ keys: some Sequence<MessageKey>) {
        shapes = Dictionary(grouping: keys, by: \.shape).sorted { $0.key < $1.key }
            .map { ($0.key.slices, $0.value) }
    }

    var count: Int { shapes.count }

    /// Shapes that are left where every beginning with more than `breadth` tokens after it is cut,
    /// and those that were cut before.
    func count(cutAt breadth: Int) -> Int {
        var count = 0
        visit(shapes.indices, 0, breadth) { _, _ in count += 1 }
        return count
    }

    /// What those keys become that are cut so.
    func cuts(_ breadth: Int) -> [MessageKey: MessageKey] {
        var cuts: [MessageKey: MessageKey] = [:]
        visit(shapes.indices, 0, breadth) { members, depth in
            guard let depth else { return }
            for shape in shapes[members] {
                for key in shape.keys { cuts[key] = key.cut(after: depth) }
            }
        }
        return cuts
    }

    /// Calls `take` once for each shape that is left: with the shapes that it stands for and the
    /// tokens that stay of them, or nil where all do.
    private func visit(
        _ members: Range<Int>, _ depth: Int, _ breadth: Int, _ take: (Range<Int>, Int?) -> Void
    ) {
        if members.count < 2 {
            if !members.isEmpty { take(members, nil) }
            return
        }
        var children: [Range<Int>] = []
        var start = members.lowerBound
        while start < members.upperBound {
            let token = token(start, depth)
            if token.map(MessageKey.kind) == .rest { return take(members, depth) }
            var end = start + 1
            while end < members.upperBound, self.token(end, depth) == token { end += 1 }
            children.append(start..<end)
            start = end
        }
        if children.count > breadth { return take(members, depth) }
        for child in children {
            // a message that ends here has no next token
            if token(child.lowerBound, depth) == nil {
                take(child, nil)
            } else {
                visit(child, depth + 1, breadth, take)
            }
        }
    }

    private func token(_ shape: Int, _ depth: Int) -> ArraySlice<UInt8>? {
        depth < shapes[shape].tokens.count ? shapes[shape].tokens[depth] : nil
    }
}
