/// Finds in a line of PostgreSQL's log on stderr, whatever `log_line_prefix` says, the severity and
/// what follows it: the server writes a severity, a colon and two blanks, as nothing else does.
enum PostgresHead {
    private static let farthest = 400
    private static let severities: Set<String> = [
        "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "LOG", "INFO", "NOTICE",
        "WARNING", "ERROR", "FATAL", "PANIC",
    ]
    /// What goes on about the line before.
    private static let details: Set<String> = [
        "DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY", "LOCATION", "BACKTRACE",
    ]

    /// - Parameter line: what follows the stamp, if there is one.
    static func read(_ line: ArraySlice<UInt8>) -> LogHead? {
        var from = line.startIndex
        let limit = line.prefix(farthest)
        while let colon = limit[from...].firstIndex(of: UInt8(ascii: ":")) {
            from = colon + 1
            let before = colon > line.startIndex ? line[colon - 1] : 0
            if line[from...].starts(with: [0x20, 0x20]) {
                if let head = head(line, colon) { return head }
            }
            // `name: ` is how other logs begin their messages
            let isBlank = line[from...].first == 0x20
            if isBlank, MessagePieces.isLetter(before) { return nil }
        }
        return nil
    }

    private static func head(_ line: ArraySlice<UInt8>, _ colon: Int) -> LogHead? {
        var start = colon
        while start > line.startIndex, isCapital(line[start - 1]), colon - start < 10 { start -= 1 }
        if start > line.startIndex, MessagePieces.isWordByte(line[start - 1]) { return nil }
        let word = String(decoding: line[start..<colon], as: UTF8.self)
        let isDetail = details.contains(word)
        guard isDetail || severities.contains(word) else { return nil }
        var head = LogHead(level: Level(word: word), component: PostgresLog.component)
        head.process = process(line[..<start])
        head.isDetail = isDetail
        head.message = HeadTokens.text(line[(colon + 1)...])
        if isDetail { head.message = "\(word):  \(head.message)" }
        return head
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        byte &- 0x41 < 26 || MessagePieces.isDigit(byte)
    }

    /// The first number that stands in brackets alone.
    private static func process(_ prefix: ArraySlice<UInt8>) -> String {
        var from = prefix.startIndex
        while let open = prefix[from...].firstIndex(of: UInt8(ascii: "[")) {
            let digits = prefix[(open + 1)...].prefix(while: MessagePieces.isDigit)
            from = digits.endIndex
            if !digits.isEmpty, prefix[from...].first == UInt8(ascii: "]") {
                return String(decoding: digits, as: UTF8.self)
            }
        }
        return ""
    }
}
