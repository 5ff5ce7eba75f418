internal import FlowSystem

extension RecordAssembler {
    // MARK: stamped lines

    mutating func readStamped(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        if line.bytes.first == UInt8(ascii: "<"),
            let carried = SyslogLine.read(line.bytes, settings)
        {
            return readCarried(carried, source, take)
        }
        guard
            let stamp = Stamp(line.bytes, zone: settings.zone, reference: settings.reference)
        else { return goOn(line, source, take) }
        let rest = line.bytes[stamp.end...]
        if let carried = ContainerLine.afterStamp(rest, stamp.time) {
            return readCarried(carried, source, take)
        }
        let head = stamp.style == .syslog ? LogHead() : LogHead.read(rest, stamp.style)
        if head.level == nil, stamp.style != .javaUtil,
            var carried = SyslogLine.afterStamp(rest)
        {
            carried.time = stamp.time
            return readCarried(carried, source, take)
        }
        if head.isDetail { return readDetail(head, source, take) }
        finish(take)
        let record = OpenRecord(head: head, time: stamp.time, style: stamp.style, source: source)
        begin(record, stamp.style == .javaUtil ? [] : [head.message])
    }

    /// A line of PostgreSQL that goes on about the one before.
    private mutating func readDetail(
        _ head: LogHead, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        guard open?.head.component == head.component, open?.head.process == head.process else {
            return report.skip(source.line, "it goes on about a record that was not read")
        }
        append([head.message])
    }

    /// A line without a stamp.
    private mutating func goOn(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        let text = Self.text(line)
        // asked member by member: a copy of the record would cost its lines' storage
        guard open != nil else {
            if text.isEmpty {
                report.blankLines += 1
            } else {
                report.skip(line.number, "it goes on about a record that was not read")
            }
            return
        }
        if open?.style == .javaUtil, open?.lines.isEmpty == true {
            let head = LogHead.unstamped(line.bytes, keepsWord: false)
            open?.head.level = head.level
            return append([head.message])
        }
        if OpenRecord.isUncaught(text), (open?.head.level ?? .critical) < .error {
            // a program that ends so wrote it past its log; the line before tells when
            let time = open?.time
            finish(take)
            return begin(OpenRecord(head: LogHead(), time: time, source: source), [text])
        }
        append([text])
    }

    // MARK: carried lines

    /// What a daemon carried for a program: joined by program and process.
    mutating func readCarried(
        _ carried: CarriedText, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        var lines = carried.lines
        let sender = carried.sender
        let isSame = open?.sender == sender
        if let rest = Self.continued(carried.text) {
            // PostgreSQL numbers the parts that it cuts a message in
            if isSame { return append([rest]) }
        } else if isSame, let first = lines.first, open?.goesOn(first) == true {
            return append(lines)
        }
        let text = Array((lines.first ?? "").utf8)[...]
        let stamp = Stamp(text, zone: settings.zone, reference: settings.reference)
        let rest = stamp.map { text[$0.end...] } ?? text
        let uncaught = lines.first.flatMap { first in
            OpenRecord.isUncaught(first) ? LogHead(message: first) : nil
        }
        let inner =
            uncaught ?? PostgresHead.read(rest)
            ?? stamp.map { LogHead.read(rest, $0.style) }
            ?? LogHead.unstamped(rest, keepsWord: false)
        if inner.isDetail {
            if isSame { return append([inner.message]) }
            return report.skip(source.line, "it goes on about a record that was not read")
        }
        var head = carried.head
        head.level = inner.level
        if !inner.component.isEmpty { head.component = inner.component }
        if lines.isEmpty { lines = [""] }
        if let stamp, stamp.style == .javaUtil {
            lines[0] = ""
        } else {
            lines[0] = String(inner.message.prefix { $0 != "\n" })
        }
        finish(take)
        var record = OpenRecord(
            head: head, time: carried.time ?? stamp?.time, style: .syslog, source: source)
        record.sender = sender
        record.carrierLevel = carried.level
        begin(record, lines)
    }

    /// The text after `[3-2] `, which goes on with the one after `[3-1] `.
    private static func continued(_ text: ArraySlice<UInt8>) -> String? {
        var cursor = ByteCursor(text)
        guard cursor.skip("["), cursor.number(1...10) != nil, cursor.skip("-"),
            let part = cursor.number(1...6), part > 1, cursor.skip("]")
        else { return nil }
        _ = cursor.skip(" ")
        let rest = cursor.rest
        if let head = PostgresHead.read(rest), head.isDetail { return head.message }
        return HeadTokens.text(rest, trimmed: false)
    }

    // MARK: plain lines

    mutating func readPlain(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        if !Self.isText(line.bytes) { return report.skip(line.number, "it is not text") }
        let text = Self.text(line)
        if open?.goesOn(text) == true {
            append([text])
            if OpenRecord.ends(text) { finish(take) }
            return
        }
        if text.isEmpty {
            report.blankLines += 1
            return
        }
        let head =
            PostgresHead.read(line.bytes) ?? LogHead.unstamped(line.bytes, keepsWord: true)
        if head.isDetail, open?.head.component == head.component {
            return append([head.message])
        }
        finish(take)
        begin(OpenRecord(head: head, source: source), [head.message])
    }

    /// Whether a line is more than bytes of something else: of its first bytes no more than one and
    /// one in ten is a control character, escapes of terminals aside, or no part of UTF-8 text.
    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.prefix(512)
        let odd = start.reduce(0) { count, byte in
            switch byte {
            case 0x09, 0x0C, 0x0D, 0x1B, 0x20...0x7E, 0x80...0xBF, 0xC2...0xF4: count
            default: count + 1
            }
        }
        return odd <= 1 + start.count / 10
    }

    // MARK: rows

    mutating func readRow(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        if row == nil, line.bytes.allSatisfy(MessagePieces.isBlank) {
            report.blankLines += 1
            return
        }
        let begins = PostgresRow.begins(line.bytes, settings)
        if begins { dropRow("it does not end before another begins") }
        if row != nil {
            row?.add(line)
        } else if begins {
            row = PostgresRow(line, source)
        } else {
            return report.skip(line.number, "no row of PostgreSQL's csvlog")
        }
        guard let current = row else { return }
        if line.lost > 0 || current.bytes.count > settings.longestLine {
            return dropRow("it is longer than \(settings.longestLine) bytes")
        }
        guard current.isWhole else { return }
        row = nil
        guard let record = current.record(settings) else {
            return report.skip(source.line, "no row of PostgreSQL's csvlog", current.lines)
        }
        report.linesInRecords += current.lines
        emit(record, take)
    }

    private mutating func dropRow(_ reason: String) {
        guard let broken = row else { return }
        row = nil
        report.skip(broken.source.line, "a row begins here, but \(reason)", broken.lines)
    }
}
