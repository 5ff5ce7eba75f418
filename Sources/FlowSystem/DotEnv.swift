/// The file `.env` at a repository's root: values for the names that a workflow asks for and that the
/// environment does not give. Nobody prints what it holds.
package enum DotEnv {
    package static let file = ".env"

    /// The variables of the file in a folder; none where there is no such file. Of a name that is
    /// there twice the last counts.
    /// - Throws: `SystemError` with line and column for what cannot be understood.
    package static func read(in folder: String) throws(SystemError) -> [String: String] {
        let path = Path.join(folder, file)
        guard Files.kind(path, following: true) == .file else { return [:] }
        return try read(try Files.read(path, limit: 1 << 20), path: path)
    }

    /// The variables of a text: `NAME=value` a line, `export` before it, `#` comments; a value in
    /// single quotes is taken as it is, in double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are
    /// replaced; both may go over several lines. Nothing is expanded.
    package static func read(_ bytes: [UInt8], path: String) throws(SystemError) -> [String: String]
    {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SystemError(
                code: .malformed, doing: "read \(path)", message: "it is not valid UTF-8")
        }
        // The environment would end there, and what it holds then is not what is hidden.
        guard !bytes.contains(0) else {
            throw SystemError(
                code: .malformed, doing: "read \(path)", message: "it has a NUL byte in it")
        }
        var reader = DotEnvReader(text: text, path: path)
        return try reader.all()
    }
}

private struct DotEnvReader {
    private let path: String
    private let scalars: [Unicode.Scalar]
    private var place: Int

    init(text: String, path: String) {
        self.path = path
        scalars = Array(text.unicodeScalars)
        place = scalars.first == "\u{FEFF}" ? 1 : 0
    }

    mutating func all() throws(SystemError) -> [String: String] {
        var values: [String: String] = [:]
        while true {
            skip { $0.properties.isWhitespace }
            guard let next = peek else { return values }
            if next == "#" {
                skip { $0 != "\n" }
                continue
            }
            let name = try name()
            values[name] = try value()
            skip(while: isBlank)
            if peek == "#" { skip { $0 != "\n" } }
            guard peek == nil || peek == "\n" else {
                throw mistake("there is more after the closing quote")
            }
        }
    }

    private mutating func name() throws(SystemError) -> String {
        var name = word()
        if name == "export", let next = peek, isBlank(next) {
            skip(while: isBlank)
            name = word()
        }
        guard !name.isEmpty, !("0"..."9").contains(name.unicodeScalars.first ?? "0") else {
            throw mistake("a line is NAME=value, and a name is letters, digits and _")
        }
        skip(while: isBlank)
        guard peek == "=" else { throw mistake("there is no = after the name \(name)") }
        place += 1
        skip(while: isBlank)
        return name
    }

    private mutating func word() -> String {
        let start = place
        skip { $0 == "_" || ($0.isASCII && ($0.properties.isAlphabetic || $0.isDigit)) }
        return text(start..<place)
    }

    private mutating func value() throws(SystemError) -> String {
        switch peek {
        case "'"?: return try quoted("'", escapes: false)
        case "\""?: return try quoted("\"", escapes: true)
        default: return plain()
        }
    }

    /// To the end of the line, or to a `#` after a blank.
    private mutating func plain() -> String {
        let start = place
        while let next = peek, next != "\n" {
            if next == "#", place == start || isBlank(scalars[place - 1]) { break }
            place += 1
        }
        var end = place
        while end > start, isBlank(scalars[end - 1]) { end -= 1 }
        return text(start..<end)
    }

    private mutating func quoted(_ quote: Unicode.Scalar, escapes: Bool) throws(SystemError)
        -> String
    {
        let opening = place
        place += 1
        var value = String.UnicodeScalarView()
        while let next = peek {
            place += 1
            if next == quote { return String(value) }
            guard escapes, next == "\\", let escaped = peek else {
                value.append(next)
                continue
            }
            place += 1
            switch escaped {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "\"", "\\", "$": value.append(escaped)
            default: value.append(contentsOf: [next, escaped])
            }
        }
        place = opening
        throw mistake("the quote that opens here is never closed")
    }

    private var peek: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r"
    }

    private mutating func skip(while isSkipped: (Unicode.Scalar) -> Bool) {
        while let next = peek, isSkipped(next) { place += 1 }
    }

    private func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }

    private func mistake(_ message: String) -> SystemError {
        let before = scalars[..<place]
        let line = before.count { $0 == "\n" } + 1
        let column = place - (before.lastIndex(of: "\n") ?? -1)
        return SystemError(
            code: .malformed, doing: "read \(path), line \(line), column \(column)",
            message: message)
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
