/// Cuts a text into what is literal and what stands between `${{` and `}}`.
struct TemplateText {
    /// A part, with the place of its first character in the text, in Unicode scalars.
    enum Part: Equatable {
        case literal(String)
        /// The text between the marks and where it begins.
        case expression(String, offset: Int)
        /// `${{` without `}}`.
        case open(offset: Int)
    }

    /// `$${{` is a literal `${{`. A `}}` inside an expression's string does not end it.
    static func parts(of text: String) -> [Part] {
        if !text.utf8.contains(UInt8(ascii: "{")) { return text.isEmpty ? [] : [.literal(text)] }
        let scalars = Array(text.unicodeScalars)
        var parts: [Part] = []
        var literal = String.UnicodeScalarView()
        func flush() {
            if !literal.isEmpty { parts.append(.literal(String(literal))) }
            literal = .init()
        }
        var at = 0
        while at < scalars.count {
            if scalars[at] != "$" {
                literal.append(scalars[at])
                at += 1
            } else if scalars[at...].starts(with: ["$", "$", "{", "{"]) {
                literal.append(contentsOf: scalars[(at + 1)..<(at + 4)])
                at += 4
            } else if scalars[at...].starts(with: ["$", "{", "{"]) {
                flush()
                guard let end = end(scalars, from: at + 3) else {
                    parts.append(.open(offset: at))
                    return parts
                }
                parts.append(.expression(String(scalars[(at + 3)..<end]), offset: at + 3))
                at = end + 2
            } else {
                literal.append(scalars[at])
                at += 1
            }
        }
        flush()
        return parts
    }

    private static func end(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var isInString = false
        var at = start
        while at < scalars.count {
            if scalars[at] == "'" { isInString.toggle() }
            if !isInString, scalars[at] == "}", at + 1 < scalars.count, scalars[at + 1] == "}" {
                return at
            }
            at += 1
        }
        return nil
    }

    /// Where the first `${{` stands that is no literal one, in Unicode scalars.
    static func firstExpression(in text: String) -> Int? {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return nil }
        for part in parts(of: text) {
            switch part {
            case .expression(_, let offset): return offset - 3
            case .open(let offset): return offset
            case .literal: continue
            }
        }
        return nil
    }

    /// The text with every `$${{` undone, for text without expressions.
    static func unescaped(_ text: String) -> String {
        parts(of: text).map { if case .literal(let literal) = $0 { literal } else { "" } }.joined()
    }
}
