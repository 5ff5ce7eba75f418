/// What stands between the time and the message of a log line: level, component, host, process.
struct LogHead {
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
        case .syslog: return syslog(line)
        case .javaUtil: return javaUtil(line)
        case .date, .apache:
            if let head = leveled(line) { return head }
            let head = syslog(line)
            if !head.component.isEmpty { return head }
            return LogHead(message: HeadTokens.text(line))
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

    /// `host prog[pid]: message`.
    private static func syslog(_ line: ArraySlice<UInt8>) -> LogHead {
        var tokens = HeadTokens(line)
        var head = LogHead(message: HeadTokens.text(line))
        guard let host = tokens.next(), host.isPlain else { return head }
        let afterHost = tokens.cursor
        guard let tag = tokens.next(), tag.isPlain else { return head }
        if tag.colon, let (program, process) = Self.tag(tag.text) {
            head.host = host.text
            head.component = program
            head.process = process
            head.takeMessage(tokens.cursor)
            return head
        }
        // RFC 5424: app, process, message id, structured data
        tokens.cursor = afterHost
        guard let app = tokens.next(), let process = tokens.next(), let id = tokens.next(),
            process.isNumber || process.text == "-", id.text == "-" || id.isPlain,
            let data = tokens.next(), data.text == "-" || data.bracketed
        else { return head }
        head.host = host.text
        head.component = app.text
        head.process = process.text
        head.takeMessage(tokens.cursor)
        return head
    }

    /// `prog[123]` in two; nil where it is no name of a program.
    private static func tag(_ text: String) -> (String, String)? {
        let parts = text.split(separator: "[", maxSplits: 1)
        guard let program = parts.first, HeadTokens.isName(program) else { return nil }
        return (String(program), parts.count > 1 ? String(parts[1].dropLast()) : "")
    }

    /// The message of a syslog line, which may begin with a level of its own.
    private mutating func takeMessage(_ cursor: ByteCursor) {
        // one blank belongs to the head; what follows it may be indented
        let rest = cursor.next == 0x20 ? cursor.rest.dropFirst() : cursor.rest
        message = HeadTokens.text(rest, trimmed: false)
        var tokens = HeadTokens(rest)
        if let first = tokens.next(), let level = first.level, first.isMarked {
            self.level = level
            message = HeadTokens.text(tokens.cursor.rest)
        }
    }

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
                head.isDetail = token.isDetail
                if !token.module.isEmpty { head.component = token.module }
                let double = token.colon && tokens.cursor.rest.starts(with: [0x20, 0x20])
                if double || token.isDetail {
                    head.component = "postgresql"
                    head.message = HeadTokens.text(tokens.cursor.rest)
                    if token.isDetail { head.message = token.text + ":  " + head.message }
                } else {
                    head.readAfterLevel(&tokens)
                }
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
