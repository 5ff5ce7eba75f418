/// How a source is read; found from its first bytes unless named.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case jsonl
    /// Lines that begin with a time; other lines go on with the record before.
    case log
    /// What `journalctl -o export` prints.
    case journal
    /// PostgreSQL's log in CSV.
    case csvlog
    /// Lines without a time, each a record; indented lines and tracebacks stay together.
    case plain

    /// Bytes that finding the format may need.
    static let sample = 1 << 16

    /// The format of a name that a person wrote.
    /// - Throws: `badFormat` for a name that is none.
    package init(named name: String) throws(MiningError) {
        guard let format = LogFormat(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw MiningError(
                .badFormat, doing: "use the format '\(name)'",
                "the formats are \(names); leave it out to have it found")
        }
        self = format
    }

    /// The format of a source that begins with these bytes.
    package static func found(in start: [UInt8], settings: ReadSettings) -> LogFormat {
        var lines = 0
        if start.starts(with: "__CURSOR=".utf8) || start.starts(with: "__REALTIME_TIMESTAMP=".utf8)
        {
            return .journal
        }
        for line in start.split(separator: UInt8(ascii: "\n")).prefix(100) {
            guard let first = line.first(where: { !MessagePieces.isBlank($0) }) else { continue }
            if lines == 0,
                first == UInt8(ascii: "{") || line.starts(with: [0xEF, 0xBB, 0xBF, 0x7B])
            {
                return .jsonl
            }
            lines += 1
            if lines == 1, PostgresRow.begins(line, settings) { return .csvlog }
            if SyslogLine.read(line, settings) != nil { return .log }
            let stamp = Stamp(line, zone: settings.zone, reference: settings.reference)
            if stamp != nil { return .log }
        }
        return .plain
    }
}
