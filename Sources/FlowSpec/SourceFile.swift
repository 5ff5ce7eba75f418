package import FlowYAML
internal import FlowText

/// A file's bytes with its name: what diagnostics point into.
package struct SourceFile: Sendable {
    /// The path as it was given.
    package let name: String
    package let bytes: [UInt8]
    /// Offsets of the first bytes of the lines.
    private let lineStarts: [Int]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (at, byte) in bytes.enumerated() {
            let isAlone = byte == 0x0D && !(at + 1 < bytes.count && bytes[at + 1] == 0x0A)
            if byte == 0x0A || isAlone { starts.append(at + 1) }
        }
        lineStarts = starts
    }

    /// A mistake at a place in this file. Costs O(the line's length).
    package func diagnostic(
        line: Int, column: Int, length: Int = 1, _ message: String, note: String? = nil,
        severity: Diagnostic.Severity = .error
    ) -> Diagnostic {
        let excerpt = text(ofLine: line).map { Excerpt($0, column: column, length: length) }
        return Diagnostic(
            severity: severity, file: name, line: line, column: column, length: max(1, length),
            message: message,
            note: note, excerpt: excerpt)
    }

    /// The mistake that kept a text from being YAML.
    package func diagnostic(_ error: YAMLError) -> Diagnostic {
        diagnostic(line: error.mark.line, column: error.mark.column, error.message)
    }

    /// The scalars of a line from 1, without its end; nil beyond the last line.
    func text(ofLine line: Int) -> [Unicode.Scalar]? {
        guard line >= 1, line <= lineStarts.count else { return nil }
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] : bytes.count
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        var slice = bytes[start..<end]
        if line == 1, slice.starts(with: [0xEF, 0xBB, 0xBF]) { slice.removeFirst(3) }
        return Array(String(decoding: slice, as: UTF8.self).unicodeScalars)
    }
}

/// A line of a file and the caret below it.
struct Excerpt: Sendable, Hashable {
    let line: String
    let caret: String

    private static let width = 100

    /// - Parameter column: from 1; one beyond the end is just after the last character.
    init(_ text: [Unicode.Scalar], column: Int, length: Int) {
        let place = min(max(0, column - 1), text.count)
        let first = text.count <= Self.width ? 0 : max(0, place - Self.width * 2 / 3)
        let last = min(text.count, first + Self.width)
        var line = first > 0 ? "…" : ""
        var caret = first > 0 ? " " : ""
        for at in first..<last {
            let isTab = text[at] == "\t"
            let shown = isTab ? "\t" : VisibleText.scalar(text[at])
            line += shown
            let count = shown.unicodeScalars.count
            if at < place {
                caret += isTab ? "\t" : String(repeating: " ", count: count)
            } else if at < place + max(1, length) {
                let isFirst = at == place
                caret +=
                    (isFirst ? "^" : "~") + String(repeating: "~", count: isTab ? 0 : count - 1)
            }
        }
        if place >= last { caret += "^" }
        self.line = line + (last < text.count ? "…" : "")
        self.caret = caret
    }
}
