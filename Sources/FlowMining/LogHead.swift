/// What stands between the time and the message of a log line: level, component, host, process.
struct LogHead: Sendable {
    var level: Level?
    var component = ""
    var host: String?
    /// The process or session, which ties the lines of one record together.
    var process = ""
    var message = ""
    /// PostgreSQL's `DETAIL`, `STATEMENT` and their like: a part of the record before.
    var isDetail = false

    /// Reads the rest of a line after its stamp.
    static func read(_ line: ArraySlice<UInt8>, _ style: Stamp.Style) -> LogHead {
        switch style {
        case .javaUtil: return javaUtil(line)
        case .date, .apache, .syslog:
            return PostgresHead.read(line) ?? leveled(line)
                ?? LogHead(message: HeadTokens.text(line))
        }
    }

    /// Reads a line without a stamp that may begin with a level: `ERROR:root:…`, `[error] …`.
    /// - Parameter keepsWord: whether `error: …` stays a part of the message.
    static func unstamped(_ line: ArraySlice<UInt8>, keepsWord: Bool) -> LogHead {
        var tokens = HeadTokens(line)
        if let (level, logger) = tokens.levelAndLogger() {
            return LogHead(
                level: level, component: logger, message: HeadTokens.text(tokens.cursor.rest))
        }
        guard let first = tokens.next(), let level = first.level, first.isMarked else {
            return LogHead(message: HeadTokens.text(line))
        }
        if keepsWord, first.colon, !first.bracketed {
            return LogHead(level: level, message: HeadTokens.text(line))
        }
        var head = LogHead(level: level, component: first.module)
        head.readAfterLevel(&tokens)
        return head
    }

    // MARK: kinds of lines

    /// `com.x.Orders create`; the level comes on the next line.
    private static func javaUtil(_ line: ArraySlice<UInt8>) -> LogHead {
        var tokens = HeadTokens(line)
        return LogHead(component: tokens.next()?.text ?? "")
    }

    /// The lines of most logging libraries: a few fields, a level among them, the message.
    private static func leveled(_ line: ArraySlice<UInt8>) -> LogHead? {
        var tokens = HeadTokens(line)
        var head = LogHead()
        var words = 0
        for _ in 0..<7 {
            guard let token = tokens.next() else { return nil }
            if let level = token.level, token.isMarked || token.isUpper {
                head.level = level
                if !token.module.isEmpty { head.component = token.module }
                head.readAfterLevel(&tokens)
                return head
            }
            if token.isSeparator { continue }
            if token.isNumber {
                head.process = token.text
            } else if token.isPlain, HeadTokens.isName(token.text[...]) {
                words += 1
                if words > 2 { return nil }
                head.component = token.text
            } else if !token.bracketed {
                return nil
            }
        }
        return nil
    }

    /// Process, thread and logger that follow the level, then the message.
    private mutating func readAfterLevel(_ tokens: inout HeadTokens) {
        let named = !component.isEmpty
        var start = tokens.cursor
        for _ in 0..<5 {
            guard let token = tokens.next() else { break }
            if token.isProcess {
                process = token.text
                if token.text.contains("#") { component = "nginx" }
            } else if token.bracketed {
                if HeadTokens.isLogger(token.text) { component = token.text }
            } else if !token.isSeparator {
                if !named, let logger = tokens.logger(token) {
                    component = logger
                    start = tokens.cursor
                }
                break
            }
            start = tokens.cursor
        }
        message = HeadTokens.text(start.rest)
    }
}
