/// Lists of variables become one variable; a run of tokens that repeats stays once.
enum TokenRuns {
    typealias Token = MessageLexer.Token
    typealias Bytes = UnsafeBufferPointer<UInt8>

    static func collapse(_ tokens: [Token], _ bytes: Bytes, into out: inout [Token]) {
        out.removeAll(keepingCapacity: true)
        for token in tokens {
            if isByte(token, UInt8(ascii: ")"), bytes), let last = out.last, last.space,
                isByte(last, UInt8(ascii: "("), bytes)
            {
                // an empty pair of brackets on its own holds one variable
                out.append(
                    Token(kind: .sure, start: token.start, end: token.start, space: false))
            }
            out.append(token)
            while out.count > 1, out[out.count - 1].kind == .sure {
                let width = joinWidth(out, bytes)
                if width == 0 { break }
                let end = out[out.count - 1].end
                out.removeLast(width)
                out[out.count - 1].end = end
            }
        }
    }

    /// How many tokens at the end the variable before them takes in.
    private static func joinWidth(_ out: [Token], _ bytes: Bytes) -> Int {
        let n = out.count
        if out[n - 2].kind == .sure { return 1 }
        if n > 2, out[n - 3].kind == .sure,
            isByte(out[n - 2], UInt8(ascii: ","), bytes) || glued(out, 1, bytes)
        {
            return 2
        }
        guard n > 3 else { return 0 }
        if out[n - 4].kind == .sure, glued(out, 2, bytes) { return 3 }
        if out[n - 3].kind == .sure, out[n - 2].kind == .mark,
            same(out[n - 2], out[n - 4], bytes)
        {
            return 2
        }
        return 0
    }

    /// Whether the last token follows without a blank, with so many marks before it that join.
    private static func glued(_ out: [Token], _ marks: Int, _ bytes: Bytes) -> Bool {
        if out[out.count - 1].space { return false }
        for token in out[(out.count - 1 - marks)..<(out.count - 1)] {
            guard !token.space, token.kind != .sure, token.length == 1,
                ByteSet.joining.contains(bytes[token.start])
            else { return false }
        }
        return true
    }

    /// Runs of 2–8 tokens with a variable in them that repeat at once stay once.
    static func removeRepeats(_ tokens: [Token], _ bytes: Bytes, into out: inout [Token]) {
        out.removeAll(keepingCapacity: true)
        for token in tokens {
            out.append(token)
            while let width = repeated(out, bytes) {
                out.removeLast(width)
                out[out.count - 1].traits |= MessageLexer.more
            }
        }
    }

    private static func repeated(_ out: [Token], _ bytes: Bytes) -> Int? {
        let longest = min(8, out.count / 2)
        guard longest >= 2 else { return nil }
        for width in 2...longest {
            // a colon parts fields, not the items of a list
            if width == 2, isByte(out[out.count - 1], UInt8(ascii: ":"), bytes) { continue }
            var variable = false
            var equal = true
            for back in 0..<width {
                let token = out[out.count - 1 - back]
                if !same(token, out[out.count - 1 - width - back], bytes) {
                    equal = false
                    break
                }
                if token.kind == .sure { variable = true }
            }
            if equal, variable { return width }
        }
        return nil
    }

    /// Whether two tokens have the same text.
    private static func same(_ one: Token, _ other: Token, _ bytes: Bytes) -> Bool {
        if one.kind == .sure || other.kind == .sure { return one.kind == other.kind }
        guard one.length == other.length else { return false }
        for place in 0..<one.length where bytes[one.start + place] != bytes[other.start + place] {
            return false
        }
        return true
    }

    private static func isByte(_ token: Token, _ byte: UInt8, _ bytes: Bytes) -> Bool {
        token.kind != .sure && token.length == 1 && bytes[token.start] == byte
    }
}
