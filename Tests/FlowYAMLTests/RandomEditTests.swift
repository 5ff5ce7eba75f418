import FlowJSON
import FlowTestSupport
import FlowYAML
import Testing

/// Writes the same value in many layouts, with comments at the ends of lines and between them.
struct ManyStyles {
    private(set) var generator: SeededGenerator
    private(set) var text = ""
    private var comments = 0
    private let lineBreak: String

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        lineBreak = generator.next() % 3 == 0 ? "\r\n" : "\n"
    }

    mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &generator) == 0 }

    mutating func document() -> String {
        let lines = lineBreak
        if chance(5) { text += "---" + lines }
        block(depth: 3, indent: 0)
        // A text block without the last line break is another text once something follows it.
        if !endsInLiteral, chance(4) { text.removeLast() }
        return text
    }

    private mutating func scalar(inFlow: Bool) -> String {
        let plain = ["x", "two words", "12", "1.5", "true", "~", "\"q: # \\n\"", "'it''s'", "é😀"]
        return (inFlow ? plain : plain + ["", "a:b"]).randomElement(using: &generator) ?? ""
    }

    private mutating func endLine() {
        if chance(4) {
            comments += 1
            text += " # comment \(comments)"
        }
        text += lineBreak
        if chance(8) {
            comments += 1
            text += String(repeating: " ", count: Int.random(in: 0...4, using: &generator))
            text += "# comment \(comments)" + lineBreak
        }
        if chance(8) { text += lineBreak }
    }

    private mutating func flow(depth: Int) -> String {
        let count = Int.random(in: 0...3, using: &generator)
        switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &generator) {
        case 2:
            return "[" + (0..<count).map { _ in flow(depth: depth - 1) }.joined(separator: ", ")
                + "]"
        case 3:
            return "{"
                + (0..<count).map { "k\($0): " + flow(depth: depth - 1) }.joined(separator: ",  ")
                + "}"
        default: return scalar(inFlow: true)
        }
    }

    private mutating func literal(indent: Int) {
        let pad = String(repeating: " ", count: indent + 2)
        text += ["|", "|-", "|+", ">", ">-"].randomElement(using: &generator) ?? "|"
        text += lineBreak + pad + "# text" + lineBreak + lineBreak + pad + "more" + lineBreak
        if chance(2) { text += lineBreak }
    }

    /// A block collection whose first line has been begun at column `indent`.
    private mutating func block(depth: Int, indent: Int) {
        let isList = chance(2)
        for index in 0..<Int.random(in: 1...4, using: &generator) {
            if index > 0 || !isCompact { text += String(repeating: " ", count: indent) }
            isCompact = false
            text += isList ? "-" : "k\(index):"
            value(isList: isList, depth: depth - 1, indent: indent)
        }
    }

    private var isCompact = false
    private var endsInLiteral = false

    private mutating func value(isList: Bool, depth: Int, indent: Int) {
        endsInLiteral = false
        switch Int.random(in: 0..<(depth > 0 ? 8 : 4), using: &generator) {
        case 0, 1:
            let scalar = scalar(inFlow: false)
            text += scalar.isEmpty ? "" : " " + scalar
            endLine()
        case 2:
            text += " " + flow(depth: 2)
            endLine()
        case 3:
            text += " "
            literal(indent: indent)
            endsInLiteral = true
        default:
            if isList, !chance(4) {
                let blanks = Int.random(in: 1...3, using: &generator)
                text += String(repeating: " ", count: blanks)
                isCompact = true
                block(depth: depth, indent: indent + 1 + blanks)
            } else {
                endLine()
                block(depth: depth, indent: indent + Int.random(in: 1...4, using: &generator))
            }
        }
    }
}

@Suite("YAML in any style is edited")
struct RandomEditTests {
    /// Every place in a value.
    private func paths(_ value: JSON, _ path: [YAMLStep] = []) -> [[YAMLStep]] {
        switch value {
        case .array(let elements):
            [path]
                + elements.enumerated().flatMap { paths($1, path + [.index($0)]) }
        case .object(let object):
            [path] + object.members.flatMap { paths($1, path + [.key($0)]) }
        default: [path]
        }
    }

    @Test("each edit changes its value and nothing else", arguments: [11, 12, 13] as [UInt64])
    func edits(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var hostile = HostileText(seed: seed)
        for number in 0..<150 {
            var styles = ManyStyles(seed: generator.next())
            let text = styles.document()
            let document = try YAMLDocument.read(text)
            let old = try document.json
            let path = paths(old).randomElement(using: &generator) ?? []
            let value = hostile.value(depth: 2)
            let edits: [Edit] = [
                .set(path, value), .set(path + ["new key"], value), .append(path, value, nil),
                .append(path, value, 2), .remove(path),
            ]
            for edit in edits where isPossible(edit, old) {
                do {
                    let changed = try edit.applied(to: text)
                    if case .set(_, let value) = edit, isScalar(value) {
                        #expect(
                            commentCount(changed) >= commentCount(text) || !isScalar(at: path, old),
                            "seed \(seed), text \(number): \(edit)\n\(text)\n=>\n\(changed)")
                    }
                } catch  where text.contains("|+") && isRemoval(edit) {
                    // Blank lines that are left would become part of the text before them.
                } catch {
                    Issue.record("seed \(seed), text \(number): \(edit)\n\(text)\n\(error)")
                }
            }
        }
    }

    private func isRemoval(_ edit: Edit) -> Bool { if case .remove = edit { true } else { false } }

    private func commentCount(_ text: String) -> Int {
        text.split(separator: "# comment ", omittingEmptySubsequences: false).count
    }

    private func isScalar(_ value: JSON) -> Bool {
        value.arrayValue == nil && value.objectValue == nil
    }

    private func value(at path: [YAMLStep], _ value: JSON) -> JSON {
        path.reduce(value) { value, step in
            switch step {
            case .key(let key): value[key] ?? nil
            case .index(let index): value.arrayValue?[index] ?? nil
            }
        }
    }

    private func isScalar(at path: [YAMLStep], _ root: JSON) -> Bool {
        isScalar(value(at: path, root))
    }

    private func isPossible(_ edit: Edit, _ root: JSON) -> Bool {
        switch edit {
        case .set(let path, _):
            guard let last = path.last else { return false }
            let owner = value(at: Array(path.dropLast()), root)
            return last != "new key" || owner.objectValue != nil || owner.isNull && path.count > 1
        case .append(let path, _, _): return value(at: path, root).arrayValue != nil
        case .remove(let path): return !path.isEmpty
        }
    }
}
