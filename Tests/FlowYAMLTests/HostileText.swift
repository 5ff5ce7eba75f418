import FlowJSON
import FlowTestSupport

/// Makes values that are hard to write down.
struct HostileText {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let pieces = [
        "\0", "\u{1}", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{2029}",
        "\u{feff}", "\u{fffe}", "\u{ffff}", "\u{1fffe}", "\u{202e}", "\u{200d}", "\u{e000}", "😀",
        "é", "e\u{301}", "日本", "\t", "\n", "\r", "\r\n", "\n\n", " ", "  ", "\"", "'", "\\", "\\n",
        ":", ": ", " #", "#", "-", "- ", "---", "...", "?", "? ", "|", ">", "|-", "&a", "*a", "!",
        "!!int", "%", "@", "`", "{", "}", "[", "]", ",", "<<", "=", "~", "null", "true", "yes",
        "No", "on", "y", "0", "1", "0x1F", "0o7", "1e3", "1.5", "12:30", "2025-11-01",
        "2025-11-01T08:12:44Z", ".inf", ".nan", ".5", "+1", "1_000", "_", "a", "b c", "Key", "/x",
        "./y", "${{ z }}", "Closes #12", "@me", "</td>", "word",
    ]

    mutating func text() -> String {
        let count = Int.random(in: 0...6, using: &generator)
        return (0..<count).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
    }

    mutating func key() -> String {
        Int.random(in: 0..<60, using: &generator) == 0
            ? String(repeating: "long key ", count: 150) + text() : text()
    }

    mutating func value(depth: Int = 4) -> JSON {
        let limit = depth > 0 ? 12 : 8
        switch Int.random(in: 0..<limit, using: &generator) {
        case 0:
            return [nil, true, false].randomElement(using: &generator) ?? nil
        case 1: return .integer(Int(truncatingIfNeeded: generator.next()))
        case 2:
            let value = Double(bitPattern: generator.next())
            return value.isFinite ? .double(value) : .double(-0.0)
        case 3..<8: return .string(text())
        case 8, 9:
            let count = Int.random(in: 0...4, using: &generator)
            return .array((0..<count).map { _ in value(depth: depth - 1) })
        default:
            let count = Int.random(in: 0...4, using: &generator)
            return .object(JSONObject((0..<count).map { _ in (key(), value(depth: depth - 1)) }))
        }
    }
}
