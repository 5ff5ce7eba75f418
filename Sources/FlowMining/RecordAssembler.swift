internal import FlowJSON
internal import FlowSystem

/// Joins lines to records.
struct RecordAssembler: Sendable {
    /// A record whose lines are still coming.
    private struct Open {
        var head: LogHead
        var time: Timestamp?
        var style: Stamp.Style?
        var lines: [String]
        var leftOut = 0
        var source: ErrorRecord.Source
        /// A traceback of Python has begun and its exception is not yet seen.
        var inTraceback = false
        /// A blank line or the sentence between two tracebacks came last.
        var betweenTracebacks = false
        /// An uncaught error of Node, up to the line that names its version.
        var inNode = false
    }

    private static let keptLines = 400
    /// Bytes of a line after the first; with `keptLines` it bounds what an open record holds.
    private static let keptBytes = 8192

    let file: String
    let settings: ReadSettings
    private(set) var report = ReadReport()
    private var open: Open?
    private var document: JSONDocument?

    init(file: String, settings: ReadSettings) {
        self.file = file
        self.settings = settings
    }

    mutating func read(
        _ line: LineCutter.Line, _ format: LogFormat, _ take: (ErrorRecord) -> Void
    ) {
        report.lines += 1
        let source = ErrorRecord.Source(file: file, offset: line.offset, line: line.number)
        if line.lost > 0, format != .jsonl {
            report.noteCut(line.number, "\(line.lost) bytes of a longer line are left out")
        }
        switch format {
        case .jsonl: readJSON(line, source, take)
        case .log: readStamped(line, source, take)
        case .plain: readPlain(line, source, take)
        }
    }

    /// Hands over what is open when nothing follows.
    mutating func end(_ take: (ErrorRecord) -> Void) {
        dropDocument("the file ends before it does")
        finish(take)
    }

    private mutating func finish(_ take: (ErrorRecord) -> Void) {
        guard let last = open else { return }
        open = nil
        emit(record(of: last), take)
    }

    mutating func noteDamage(_ reason: String) {
        report.noteCut(report.lines, "the file cannot be read further: \(reason)")
    }

    private mutating func emit(_ record: ErrorRecord, _ take: (ErrorRecord) -> Void) {
        var record = record
        if record.component.isEmpty { record.component = settings.component }
        report.records += 1
        take(record)
    }

    // MARK: JSON lines

    private mutating func readJSON(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        if document == nil, line.bytes.allSatisfy(MessagePieces.isBlank) {
            report.blankLines += 1
            return
        }
        if line.lost > 0 {
            dropDocument("a line of it is longer than \(settings.longestLine) bytes")
            return report.skip(
                line.number, "the line is longer than \(settings.longestLine) bytes")
        }
        if document == nil, let begun = JSONDocument(line, source) {
            document = begun
            return
        }
        guard document != nil else { return readJSON(line.bytes, source, lines: 1, take) }
        switch document?.add(line, limit: settings.longestLine) {
        case .ended:
            guard let whole = document else { return }
            document = nil
            readJSON(whole.bytes[...], whole.source, lines: whole.lines, take)
        case .broken(let reason):
            dropDocument(reason)
            readJSON(line, source, take)
        default: return
        }
    }

    private mutating func dropDocument(_ reason: String) {
        guard let broken = document else { return }
        document = nil
        report.skip(broken.source.line, "a document begins here, but \(reason)", broken.lines)
    }

    private mutating func readJSON(
        _ bytes: ArraySlice<UInt8>, _ source: ErrorRecord.Source, lines: Int,
        _ take: (ErrorRecord) -> Void
    ) {
        do throws(JSONError) {
            let before = report.records
            let value = try Self.json(bytes)
            var problems: [String] = []
            for result in FlatRecord.read(value, source, settings) {
                switch result {
                case .success(let record): emit(record, take)
                case .failure(let problem): problems.append(problem.reason)
                }
            }
            if report.records > before { report.linesInRecords += lines }
            if report.records == before {
                report.skip(source.line, problems.first ?? "no record", lines)
            } else if let first = problems.first {
                report.noteCut(source.line, "\(problems.count) of its records: \(first)")
            }
        } catch {
            report.skip(
                source.line, "not JSON: column \(error.column): \(error.message)", lines)
        }
    }

    private static func json(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSON {
        do throws(JSONError) {
            return try JSON.read(Array(bytes))
        } catch {
            // invalid UTF-8 is mended: a record with one bad byte is still a record
            if String(validating: bytes, as: UTF8.self) != nil { throw error }
            return try JSON.read(String(decoding: bytes, as: UTF8.self))
        }
    }

    // MARK: stamped lines

    private mutating func readStamped(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        guard
            let stamp = Stamp(line.bytes, zone: settings.zone, reference: settings.reference)
        else { return goOn(line, source, take) }
        let head = LogHead.read(line.bytes[stamp.end...], stamp.style)
        if belongsToOpen(head, stamp.style) {
            append(head.message)
            return
        }
        if head.isDetail {
            return report.skip(line.number, "it goes on about a record that was not read")
        }
        finish(take)
        let lines = stamp.style == .javaUtil ? [] : [head.message]
        open = Open(
            head: head, time: stamp.time, style: stamp.style, lines: lines, source: source)
        open?.inTraceback = head.message.hasSuffix(ExceptionText.tracebackStart)
    }

    /// A stamped line that goes on with the record before: details of PostgreSQL, a traceback that
    /// went through syslog line by line.
    private func belongsToOpen(_ head: LogHead, _ style: Stamp.Style) -> Bool {
        guard let open else { return false }
        if head.isDetail {
            return open.head.component == head.component && open.head.process == head.process
        }
        guard style == .syslog || !head.process.isEmpty, head.level == nil,
            open.head.component == head.component, open.head.process == head.process,
            !head.component.isEmpty
        else { return false }
        return open.inTraceback || ExceptionText.indent(head.message) > 0
    }

    /// A line without a stamp.
    private mutating func goOn(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        let text = Self.text(line)
        guard let current = open else {
            if !text.isEmpty {
                report.skip(line.number, "it goes on about a record that was not read")
            }
            return
        }
        if current.style == .javaUtil, current.lines.isEmpty {
            let head = LogHead.unstamped(line.bytes, keepsWord: false)
            open?.head.level = head.level
            open?.lines = [head.message]
            return
        }
        append(text)
    }

    private mutating func append(_ text: String) {
        guard var current = open else { return }
        open = nil
        if text.hasSuffix(ExceptionText.tracebackStart) {
            current.inTraceback = true
        } else if current.inTraceback, !text.isEmpty, ExceptionText.indent(text) == 0 {
            current.inTraceback = false
        }
        current.lines.append(Self.bounded(text))
        if current.lines.count > Self.keptLines {
            current.lines.remove(at: Self.keptLines / 2)
            current.leftOut += 1
        }
        open = current
    }

    // MARK: plain lines

    private mutating func readPlain(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        let text = Self.text(line)
        if let current = open, goesOn(current, text) {
            append(text)
            open?.betweenTracebacks =
                Self.chains.contains(text) || (current.betweenTracebacks && text.isEmpty)
            if text.hasPrefix("Node.js v") { finish(take) }
            return
        }
        if text.isEmpty { return }
        finish(take)
        let head = LogHead.unstamped(line.bytes, keepsWord: true)
        open = Open(head: head, lines: [head.message], source: source)
        open?.inTraceback = text.hasSuffix(ExceptionText.tracebackStart)
        open?.inNode = Self.isNodePlace(text)
    }

    private func goesOn(_ current: Open, _ text: String) -> Bool {
        if current.inTraceback || current.inNode || text.isEmpty { return true }
        if ExceptionText.indent(text) > 0 || Self.chains.contains(text) { return true }
        if current.betweenTracebacks { return text.hasSuffix(ExceptionText.tracebackStart) }
        return text.hasPrefix("Caused by: ") || text.hasPrefix("DETAIL:")
            || text.hasPrefix("HINT:") || text.hasPrefix("CONTEXT:")
    }

    /// What Python writes between the tracebacks of a chain.
    private static let chains: Set<String> = [
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    ]

    /// `/srv/app/server.js:12`, with which Node begins to tell of an uncaught error.
    private static func isNodePlace(_ text: String) -> Bool {
        guard text.hasPrefix("/") || text.hasPrefix("file://") || text.hasPrefix("node:"),
            let colon = text.lastIndex(of: ":"),
            text[text.index(after: colon)...].utf8.allSatisfy(MessagePieces.isDigit)
        else { return false }
        let path = text[..<colon]
        return path.hasPrefix("node:") || path.hasSuffix(".js") || path.hasSuffix(".mjs")
            || path.hasSuffix(".cjs")
    }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > keptBytes else { return text }
        return String(decoding: text.utf8.prefix(keptBytes), as: UTF8.self) + "…"
    }

    private static func text(_ line: LineCutter.Line) -> String {
        var bytes = line.bytes
        while let last = bytes.last, MessagePieces.isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: the record

    private func record(of open: Open) -> ErrorRecord {
        let exception = ExceptionText(open.lines, head: open.style != nil || open.head.level != nil)
        var stack = exception.stack
        if open.leftOut > 0 {
            stack.insert(
                "… \(open.leftOut) lines left out", at: min(stack.count, Self.keptLines / 2))
        }
        var record = ErrorRecord(
            time: open.time, component: open.head.component, type: exception.type,
            message: exception.message, stack: stack, level: open.head.level,
            host: open.head.host, source: open.source)
        // in a stamped log further lines are details of the message, not the message itself
        if open.style == nil, open.leftOut == 0 { record.whole = exception.whole }
        return record
    }
}
