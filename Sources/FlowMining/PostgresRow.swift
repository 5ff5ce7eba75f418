internal import FlowSystem

/// A row of PostgreSQL's `csvlog`, whose quoted fields may hold newlines.
///
/// The columns: PostgreSQL's documentation, "Using CSV-Format Log Output"; 23 of them up to version
/// 12, then 24, and 26 since version 14.
struct PostgresRow: Sendable {
    private enum Column {
        static let time = 0
        static let severity = 11
        static let message = 13
        static let details = [
            (14, "DETAIL"), (15, "HINT"), (16, "QUERY"), (18, "CONTEXT"), (19, "STATEMENT"),
        ]
    }

    private(set) var bytes: [UInt8]
    let source: ErrorRecord.Source
    private(set) var lines = 1
    private var isQuoted: Bool

    init(_ line: LineCutter.Line, _ source: ErrorRecord.Source) {
        bytes = Array(line.bytes)
        self.source = source
        isQuoted = Self.quotes(line.bytes) % 2 == 1
    }

    /// Whether the row ends where its last line does: a quote in a field is written twice.
    var isWhole: Bool { !isQuoted }

    mutating func add(_ line: LineCutter.Line) {
        bytes.append(UInt8(ascii: "\n"))
        bytes += line.bytes
        lines += 1
        if Self.quotes(line.bytes) % 2 == 1 { isQuoted.toggle() }
    }

    private static func quotes(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $1 == UInt8(ascii: "\"") ? $0 + 1 : $0 }
    }

    /// Whether a row begins with this line: a time, and a severity in its place.
    static func begins(_ line: ArraySlice<UInt8>, _ settings: ReadSettings) -> Bool {
        guard let first = line.first, MessagePieces.isDigit(first), time(line, settings) != nil
        else {
            return false
        }
        let fields = fields(line, most: Column.severity + 1)
        guard fields.count > Column.severity else { return false }
        return Level(word: HeadTokens.text(fields[Column.severity][...])) != nil
    }

    /// The record of a whole row; nil where it is none.
    func record(_ settings: ReadSettings) -> ErrorRecord? {
        let fields = Self.fields(bytes[...], most: 40)
        guard fields.count > Column.message,
            let level = Level(word: HeadTokens.text(fields[Column.severity][...]))
        else { return nil }
        func text(_ column: Int) -> String {
            column < fields.count ? String(decoding: fields[column], as: UTF8.self) : ""
        }
        let message = FlatRecord.lines(of: text(Column.message))
        let details = Column.details.flatMap { PostgresLog.details($1, text($0)) }
        return ErrorRecord(
            time: Self.time(bytes[...], settings), component: PostgresLog.component, type: "",
            message: message.first ?? "", stack: Array(message.dropFirst()) + details,
            level: level, source: source)
    }

    private static func time(_ line: ArraySlice<UInt8>, _ settings: ReadSettings) -> Timestamp? {
        let stamp = Stamp(line, zone: settings.zone, reference: settings.reference)
        guard let stamp, stamp.end < line.endIndex, line[stamp.end] == UInt8(ascii: ",") else {
            return nil
        }
        return stamp.time
    }

    private static func fields(_ row: ArraySlice<UInt8>, most: Int) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var field: [UInt8] = []
        var isQuoted = false
        var at = row.startIndex
        while at < row.endIndex, fields.count < most {
            let byte = row[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                let isPair = isQuoted && at < row.endIndex && row[at] == byte
                if isPair {
                    field.append(byte)
                    at += 1
                } else {
                    isQuoted.toggle()
                }
            } else if byte == UInt8(ascii: ","), !isQuoted {
                fields.append(field)
                field = []
            } else {
                field.append(byte)
            }
        }
        if fields.count < most { fields.append(field) }
        return fields
    }
}
