internal import FlowJSON
internal import FlowSystem

/// Joins lines to records.
struct RecordAssembler: Sendable {
    let file: String
    let settings: ReadSettings
    var report = ReadReport()
    var open: OpenRecord?
    /// A JSON document over several lines.
    var document: JSONDocument?
    /// A row of PostgreSQL's `csvlog` over several lines.
    var row: PostgresRow?

    /// Where what is still coming begins.
    var openOffset: Int? {
        [open?.source.offset, document?.source.offset, row?.source.offset].compactMap { $0 }.min()
    }

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
        case .csvlog: readRow(line, source, take)
        // its entries are cut otherwise
        case .journal: return
        }
    }

    /// Reads an entry of the journal; it counts as one line.
    mutating func read(_ item: JournalCutter.Item, _ take: (ErrorRecord) -> Void) {
        report.lines += 1
        let source = ErrorRecord.Source(file: file, offset: item.offset, line: item.number)
        if item.lost > 0 {
            report.noteCut(item.number, "\(item.lost) bytes of a longer field are left out")
        }
        guard let carried = item.entry.carried else {
            return report.skip(item.number, "the entry has no MESSAGE")
        }
        readCarried(carried, source, take)
    }

    /// Counts an entry of the journal whose end is missing.
    mutating func noteHalfEntry() {
        report.lines += 1
        report.skip(report.lines, "the file ends in the middle of an entry")
    }

    /// Hands over what is open when nothing follows.
    mutating func end(_ take: (ErrorRecord) -> Void) {
        dropDocument("the file ends before it does")
        if let last = row {
            row = nil
            report.skip(last.source.line, "the file ends in the middle of a row", last.lines)
        }
        finish(take)
    }

    /// Hands over the open record.
    mutating func finish(_ take: (ErrorRecord) -> Void) {
        guard let last = open else { return }
        open = nil
        emit(last.record, take)
    }

    mutating func noteDamage(_ reason: String) {
        report.noteCut(report.lines, "the file cannot be read further: \(reason)")
    }

    mutating func emit(_ record: ErrorRecord, _ take: (ErrorRecord) -> Void) {
        var record = record
        if record.component.isEmpty { record.component = settings.component }
        report.records += 1
        take(record)
    }

    /// Begins a record with the lines of its message.
    mutating func begin(_ record: OpenRecord, _ lines: [String]) {
        var record = record
        for line in lines { record.append(line) }
        open = record
        report.linesInRecords += 1
    }

    /// Adds lines of one line of the file to the open record.
    mutating func append(_ lines: [String]) {
        // taken out, so that its storage is not copied
        guard var current = open else { return }
        open = nil
        for line in lines { current.append(line) }
        open = current
        report.linesInRecords += 1
    }

    static func text(_ line: LineCutter.Line) -> String {
        HeadTokens.text(line.bytes, trimmed: false)
    }
}
