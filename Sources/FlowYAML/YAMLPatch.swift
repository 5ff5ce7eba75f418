/// Changes to a text that leave every other byte alone, and the lines they are made by.
struct YAMLPatch {
    let bytes: [UInt8]
    private var changes: [(range: Range<Int>, text: [UInt8])] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Replaces bytes; line breaks of `text` become those of the document.
    mutating func replace(_ range: Range<Int>, with text: String) {
        var new: [UInt8] = []
        for byte in text.utf8 {
            if byte == 0x0A { new += lineBreak } else { new.append(byte) }
        }
        changes.append((range, new))
    }

    mutating func insert(_ text: String, at offset: Int) {
        replace(offset..<offset, with: text)
    }

    mutating func remove(_ range: Range<Int>) { replace(range, with: "") }

    /// Inserts whole lines, given without the last line's break, after the line of `offset`.
    mutating func insertLines(_ text: String, after offset: Int) {
        if isLineStart(offset), offset > 0 {
            insert(text + "\n", at: offset)
        } else {
            insert("\n" + text, at: lineEnd(offset))
        }
    }

    /// Removes the lines from that of `start` to that of `end`, and one line break with them.
    ///
    /// Comments below them that are indented deeper than `start` go as well: they are about what
    /// goes, and could become part of a text block that stands before it.
    mutating func removeLines(from start: Int, to end: Int) {
        let first = lineStart(start)
        let indent = start - first
        var after = isLineStart(end) && end > start ? end : nextLine(end)
        var comment = skipSpace(after)
        while has("#", at: comment), comment - lineStart(comment) > indent {
            after = nextLine(comment)
            comment = skipSpace(after)
        }
        remove(first..<after)
    }

    /// The text with all changes made.
    var result: [UInt8] {
        var text: [UInt8] = []
        var at = 0
        let inOrder = changes.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for change in inOrder where change.range.lowerBound >= at {
            text += bytes[at..<change.range.lowerBound]
            text += change.text
            at = change.range.upperBound
        }
        return text + bytes[at...]
    }
}

extension YAMLPatch {
    /// The break that ends the document's first line.
    private var lineBreak: [UInt8] {
        guard let first = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return [0x0A]
        }
        if bytes[first] == 0x0A { return [0x0A] }
        return first + 1 < bytes.count && bytes[first + 1] == 0x0A ? [0x0D, 0x0A] : [0x0D]
    }

    private func isBreak(_ offset: Int) -> Bool { bytes[offset] == 0x0A || bytes[offset] == 0x0D }

    func isBlank(_ offset: Int) -> Bool { bytes[offset] == 0x20 || bytes[offset] == 0x09 }

    func isLineStart(_ offset: Int) -> Bool { offset == 0 || isBreak(offset - 1) }

    func lineStart(_ offset: Int) -> Int {
        var at = offset
        while !isLineStart(at) { at -= 1 }
        return at
    }

    /// Where the break of this line begins.
    func lineEnd(_ offset: Int) -> Int {
        var at = offset
        while at < bytes.count, !isBreak(at) { at += 1 }
        return at
    }

    /// Where the break before the line that begins at `start` begins.
    func lineEnd(before start: Int) -> Int {
        guard start > 0 else { return 0 }
        let isPair = start > 1 && bytes[start - 1] == 0x0A && bytes[start - 2] == 0x0D
        return start - (isPair ? 2 : 1)
    }

    /// Where the next line begins.
    func nextLine(_ offset: Int) -> Int {
        let end = lineEnd(offset)
        guard end < bytes.count else { return end }
        let isPair = bytes[end] == 0x0D && end + 1 < bytes.count && bytes[end + 1] == 0x0A
        return end + (isPair ? 2 : 1)
    }

    /// Whether only blanks stand before `offset` in its line.
    func beginsLine(_ offset: Int) -> Bool {
        (lineStart(offset)..<offset).allSatisfy { bytes[$0] == 0x20 || isMark($0) }
    }

    /// Part of the byte order mark.
    private func isMark(_ offset: Int) -> Bool {
        offset < 3 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    }

    /// The first byte from `offset` on that is neither blank nor line break.
    func skipSpace(_ offset: Int) -> Int {
        var at = offset
        while at < bytes.count, isBlank(at) || isBreak(at) { at += 1 }
        return at
    }

    /// The first byte from `offset` on outside blanks, line breaks and comments.
    func skipComments(_ offset: Int) -> Int {
        var at = skipSpace(offset)
        while at < bytes.count, bytes[at] == UInt8(ascii: "#") { at = skipSpace(lineEnd(at)) }
        return at
    }

    func has(_ character: Unicode.Scalar, at offset: Int) -> Bool {
        offset < bytes.count && bytes[offset] == UInt8(ascii: character)
    }
}
