/// A pattern as a tree. Groups are not kept: nothing asks for what they matched.
indirect enum Pattern {
    case empty
    case set(CharacterSet)
    case assertion(Assertion)
    case sequence([Pattern])
    /// The first that leads to a match wins.
    case choice([Pattern])
    case repetition(Pattern, least: Int, most: Int?, isGreedy: Bool)
}

/// What must hold between two characters.
enum Assertion: Sendable, Hashable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    func holds(between before: UInt32?, _ after: UInt32?) -> Bool {
        switch self {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == 0x0A
        case .lineEnd: after == nil || after == 0x0A
        case .wordBoundary: Self.isWord(before) != Self.isWord(after)
        case .noWordBoundary: Self.isWord(before) == Self.isWord(after)
        }
    }

    private static func isWord(_ value: UInt32?) -> Bool {
        value.map { value in CharacterSet.words.contains { $0.contains(value) } } ?? false
    }
}
