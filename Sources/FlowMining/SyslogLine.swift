internal import FlowSystem

/// What somebody carried for a program: a line of syslog, an entry of the journal, an object that a
/// container's log has around each line.
struct CarriedText {
    /// The program, its host and process.
    var head: LogHead
    var time: Timestamp?
    /// How bad the carrier says it is. Programs whose output is carried without a level get one all
    /// the same, so an exception says more.
    var level: Level?
    /// May have several lines.
    var text: ArraySlice<UInt8>

    /// What the text of one record has in common.
    var sender: Sender { Sender(program: head.component, process: head.process) }

    struct Sender: Sendable, Hashable {
        let program: String
        let process: String
    }

    /// The lines of the text; rsyslog writes a newline as `#012` and a tab as `#011`.
    var lines: [String] {
        var bytes = text
        while let last = bytes.last, MessagePieces.isBlank(last) || last == 0x0A {
            bytes.removeLast()
        }
        let hash = UInt8(ascii: "#")
        if bytes.contains(hash) { bytes = Self.unescaped(bytes)[...] }
        return FlatRecord.lines(of: String(decoding: bytes, as: UTF8.self))
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let code = bytes[at...].prefix(4)
            if code.elementsEqual("#012".utf8) {
                result.append(0x0A)
                at += 4
            } else if code.elementsEqual("#011".utf8) {
                result.append(0x09)
                at += 4
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return result
    }
}

/// Lines of syslog: RFC 3164 and RFC 5424, as they travel (`<34>…`) and as daemons write them to
/// files.
enum SyslogLine {
    /// A line that begins with its priority.
    static func read(_ line: ArraySlice<UInt8>, _ settings: ReadSettings) -> CarriedText? {
        var cursor = ByteCursor(line)
        guard cursor.skip("<"), let priority = cursor.number(1...3), priority < 192,
            cursor.skip(">")
        else { return nil }
        let level = Level(number: priority & 7)
        let start = cursor.at
        if cursor.number(1...2) != nil, cursor.skip(" ") {
            var time: Timestamp?
            if cursor.skip("-") {
                cursor.skipBlanks()
            } else if let stamp = stamp(cursor.rest, settings) {
                time = stamp.time
                cursor.at = stamp.end
            }
            if var carried = structured(cursor.rest, anyProcess: true) {
                carried.time = time
                carried.level = level
                return carried
            }
        }
        cursor.at = start
        let stamp = stamp(cursor.rest, settings)
        if let stamp { cursor.at = stamp.end }
        var carried = tagged(cursor.rest) ?? CarriedText(head: LogHead(), text: cursor.rest)
        carried.time = stamp?.time
        carried.level = level
        return carried
    }

    private static func stamp(_ line: ArraySlice<UInt8>, _ settings: ReadSettings) -> Stamp? {
        Stamp(line, zone: settings.zone, reference: settings.reference)
    }

    /// What follows the stamp in a file: `host prog[pid]: message`, or the fields of RFC 5424.
    static func afterStamp(_ line: ArraySlice<UInt8>) -> CarriedText? {
        tagged(line) ?? structured(line, anyProcess: false)
    }

    private static func tagged(_ line: ArraySlice<UInt8>) -> CarriedText? {
        var tokens = HeadTokens(line)
        guard let host = tokens.next(), host.isPlain else { return nil }
        var head = LogHead()
        if host.colon, let (program, process) = tag(host.text) {
            // a priority and no host, as local programs send it
            (head.component, head.process) = (program, process)
            return CarriedText(head: head, text: message(tokens.cursor))
        }
        guard let tag = tokens.next(), tag.isPlain, tag.colon,
            let (program, process) = Self.tag(tag.text)
        else { return nil }
        (head.component, head.process) = (program, process)
        head.host = host.text
        return CarriedText(head: head, text: message(tokens.cursor))
    }

    /// RFC 5424: host, app, process, message id, structured data.
    /// - Parameter anyProcess: whether the process may be named; without a priority before it any
    ///   sentence with a dash would look so.
    private static func structured(_ line: ArraySlice<UInt8>, anyProcess: Bool) -> CarriedText? {
        var tokens = HeadTokens(line)
        guard let host = tokens.next(), host.isPlain, let app = tokens.next(), app.isPlain,
            let process = tokens.next(), process.isPlain, let id = tokens.next(), id.isPlain,
            process.isNumber || process.text == "-" || anyProcess,
            let end = dataEnd(tokens.cursor)
        else { return nil }
        var head = LogHead()
        head.host = host.text == "-" ? nil : host.text
        head.component = app.text == "-" ? "" : app.text
        head.process = process.text == "-" ? "" : process.text
        var cursor = tokens.cursor
        cursor.at = end
        var text = message(cursor)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        return CarriedText(head: head, text: text)
    }

    /// Where the structured data ends: `-`, or elements in brackets with quoted values in which a
    /// backslash stands before `"`, `\` and `]`.
    private static func dataEnd(_ cursor: ByteCursor) -> Int? {
        var cursor = cursor
        cursor.skipBlanks()
        if cursor.skip("-") { return cursor.isAtEnd || cursor.next == 0x20 ? cursor.at : nil }
        guard cursor.next == UInt8(ascii: "[") else { return nil }
        while cursor.skip("[") {
            var isQuoted = false
            while let byte = cursor.next, isQuoted || byte != UInt8(ascii: "]") {
                if isQuoted, byte == UInt8(ascii: "\\") { cursor.at += 1 }
                if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                cursor.at += 1
            }
            guard cursor.skip("]") else { return nil }
        }
        return cursor.isAtEnd || cursor.next == 0x20 ? cursor.at : nil
    }

    /// One blank belongs to the head; what follows it may be indented.
    private static func message(_ cursor: ByteCursor) -> ArraySlice<UInt8> {
        cursor.next == 0x20 ? cursor.rest.dropFirst() : cursor.rest
    }

    /// `prog[123]` in two; nil where it is no name of a program.
    private static func tag(_ text: String) -> (String, String)? {
        let parts = text.split(separator: "[", maxSplits: 1)
        guard let program = parts.first, HeadTokens.isName(program) else { return nil }
        return (String(program), parts.count > 1 ? String(parts[1].dropLast()) : "")
    }
}
