/// Finds in the lines of one record what failed: tracebacks of Python, stack traces of Java, Node
/// and .NET, panics of Go, or a line that says `error:`.
struct ExceptionText {
    var type = ""
    var message = ""
    /// All other lines, as they were.
    var stack: [String] = []
    /// All lines, where they are several and none of a traceback.
    var whole: String?

    /// Reads the lines of one record.
    /// - Parameter head: whether the first line is the sentence of a log line; it then stays the
    ///   message unless an exception follows. Otherwise the line that names the error is chosen.
    init(_ lines: [String], head: Bool) {
        if lines.count < 2 {
            // nearly all records, and none of them holds a trace
            take(lines, 0, any: false)
        } else if let place = Self.python(lines) {
            take(lines, place, any: true)
        } else if let place = Self.trace(lines) ?? Self.panic(lines) {
            take(lines, place, any: false)
        } else {
            take(lines, head ? 0 : Self.choice(lines), any: false)
            let text = Self.trimmed(lines.joined(separator: "\n"))
            if text.utf8.contains(UInt8(ascii: "\n")) { whole = text }
        }
    }

    private mutating func take(_ lines: [String], _ place: Int, any: Bool) {
        guard lines.indices.contains(place) else { return }
        let line = Self.trimmed(Self.withoutPrefix(Self.withoutMargin(lines[place])))
        if let (type, message) = Self.split(line, any: any) {
            self.type = type
            self.message = message
        } else {
            message = line
        }
        stack = Array(lines[..<place] + lines[(place + 1)...])
        while stack.last?.isEmpty == true { stack.removeLast() }
        while stack.first?.isEmpty == true { stack.removeFirst() }
    }

    // MARK: the line that names the exception

    static let tracebackStart = "Traceback (most recent call last):"
    private static let groupStart = "+ Exception Group " + tracebackStart

    /// What Python writes between the tracebacks of a chain.
    private static let chains: Set<String> = [
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    ]

    static func isChain(_ text: String) -> Bool {
        // hashed only where it may be one
        text.utf8.last == UInt8(ascii: ":") && chains.contains(text)
    }

    /// The exception line of the last traceback of a chain.
    private static func python(_ lines: [String]) -> Int? {
        if let start = lines.lastIndex(where: { $0.hasSuffix(groupStart) }) {
            // its name stands behind a bar and one blank, its frames behind more blanks
            return lines.indices.dropFirst(start + 1).first {
                let text = lines[$0].drop { $0 == " " }
                return text.hasPrefix("| ") && !text.hasPrefix("|  ")
            }
        }
        guard let start = lines.lastIndex(where: { $0.hasSuffix(tracebackStart) }) else {
            return nil
        }
        let margin = indent(lines[start])
        return lines.indices.dropFirst(start + 1).first {
            !lines[$0].isEmpty && indent(lines[$0]) <= margin
        }
    }

    /// The nearest line above the first `at …` that begins with the name of an exception.
    private static func trace(_ lines: [String]) -> Int? {
        guard let frame = lines.firstIndex(where: isFrame) else { return nil }
        let above = lines.indices.prefix(frame).suffix(20).reversed()
        return above.first { split(withoutPrefix(lines[$0])) != nil }
    }

    static func isFrame(_ line: String) -> Bool {
        guard indent(line) > 0 else { return false }
        return trimmed(line).hasPrefix("at ")
    }

    private static func panic(_ lines: [String]) -> Int? {
        guard lines.contains(where: { $0.hasPrefix("goroutine ") }) else { return nil }
        return lines.firstIndex { $0.hasPrefix("panic: ") || $0.hasPrefix("fatal error: ") }
    }

    /// The first line that says it is an error, else the first one with a letter in it.
    private static func choice(_ lines: [String]) -> Int {
        if lines.count < 2 { return 0 }
        if let place = lines.firstIndex(where: namesError) { return place }
        return lines.firstIndex { $0.utf8.contains(where: MessagePieces.isLetter) } ?? 0
    }

    /// `error: …`, `fatal: …`, `file.c:3:5: error: …`, `ERROR: …`.
    private static func namesError(_ line: String) -> Bool {
        if indent(line) > 0 { return false }
        let start = line.utf8.prefix(200).map(ASCII.lower)
        for place in start.indices where place == 0 || start[..<place].suffix(2) == [0x3A, 0x20] {
            if errorWords.contains(where: { start[place...].starts(with: $0) }) { return true }
        }
        return false
    }

    private static let errorWords = ["error:", "fatal:", "fatal error:", "panic:", "critical:"]
        .map { Array($0.utf8) }

    // MARK: the exception's name

    /// `Type: message` or `Type` in two; nil where the line begins with no name of an exception.
    /// With `any` every name will do.
    static func split(_ line: String, any: Bool = false) -> (type: String, message: String)? {
        let end =
            line.utf8.firstIndex { $0 == UInt8(ascii: ":") || $0 == 0x20 } ?? line.endIndex
        let name = line[..<end]
        guard isType(name) || (any && isIdentifier(name)) else { return nil }
        if end == line.endIndex { return (String(name), "") }
        var rest = line[end...]
        if rest.first == " " {
            // Node: `Error [ERR_CODE]: message`
            guard rest.hasPrefix(" ["), let close = rest.firstIndex(of: "]"),
                rest[close...].hasPrefix("]: ")
            else { return nil }
            let code = rest[rest.index(rest.startIndex, offsetBy: 2)..<close]
            return ("\(name) [\(code)]", trimmed(String(rest[close...].dropFirst(2))))
        }
        rest = rest.dropFirst()
        guard rest.isEmpty || rest.first == " " else { return nil }
        return (String(name), trimmed(String(rest)))
    }

    /// Whether the text is the name of an exception: an identifier, dotted or not, that ends as
    /// those names do.
    static func isType(_ name: Substring) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 200, MessagePieces.isWordByte(first),
            !MessagePieces.isDigit(first),
            bytes.allSatisfy({
                MessagePieces.isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "$")
            })
        else { return false }
        let dot = bytes.lastIndex(of: UInt8(ascii: "."))
        let last = dot.map { name[bytes.index(after: $0)...] } ?? name
        guard last.utf8.first.map({ $0 &- 0x41 < 26 }) ?? false else { return false }
        return endings.contains { last.hasSuffix($0) && (last != $0 || $0 == "Error") }
            || last == "Exception"
    }

    /// Whether the text is a name at all; after a traceback any name is that of an exception.
    private static func isIdentifier(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !MessagePieces.isDigit(first) else { return false }
        return name.utf8.count <= 200
            && name.utf8.allSatisfy { MessagePieces.isWordByte($0) || $0 == UInt8(ascii: ".") }
    }

    private static let endings = [
        "Error", "Exception", "Failure", "Fault", "Warning", "Exit", "Interrupt", "Throwable",
        "Timeout", "StopIteration",
    ]

    private static func withoutPrefix(_ line: String) -> String {
        if line.hasPrefix("Exception in thread \""),
            let end = line.dropFirst(21).firstIndex(of: "\"")
        {
            return trimmed(String(line[line.index(after: end)...]))
        }
        for prefix in ["Uncaught ", "Unhandled exception. ", "Unhandled Exception: "]
        where line.hasPrefix(prefix) {
            return String(line.dropFirst(prefix.count))
        }
        return line
    }

    /// The line of an exception group without what is drawn before it.
    private static func withoutMargin(_ line: String) -> String {
        guard line.utf8.first == 0x20 else { return line }
        let text = line.drop { $0 == " " }
        return text.hasPrefix("| ") ? String(text.dropFirst(2)) : line
    }

    static func indent(_ line: String) -> Int {
        line.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    }

    static func trimmed(_ text: String) -> String {
        guard let first = text.utf8.first, let last = text.utf8.last,
            MessagePieces.isBlank(first) || MessagePieces.isBlank(last)
        else { return text }
        return HeadTokens.text(Array(text.utf8)[...])
    }
}
