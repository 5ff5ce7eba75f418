internal import FlowJSON
internal import FlowSystem

/// An entry of systemd's journal, whichever way it was exported.
///
/// The fields: systemd.journal-fields(7).
struct JournalEntry {
    /// The fields that are read; all others are passed over.
    static let names: Set<String> = [
        "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_HOSTNAME", "_PID", "SYSLOG_PID",
        "__REALTIME_TIMESTAMP",
    ]

    private let fields: [String: [UInt8]]

    init(fields: [String: [UInt8]]) { self.fields = fields }

    /// An object of `journalctl -o json`; nil for any other.
    init?(_ object: JSONObject) {
        guard object["__REALTIME_TIMESTAMP"] != nil, object["MESSAGE"] != nil else { return nil }
        var fields: [String: [UInt8]] = [:]
        for name in Self.names {
            fields[name] = object[name].flatMap(Self.bytes)
        }
        self.fields = fields
    }

    /// A field that is no text comes as an array of its bytes, a repeated one as an array of texts.
    private static func bytes(_ value: JSON) -> [UInt8]? {
        switch value {
        case .string(let text): Array(text.utf8)
        case .integer(let number): Array(String(number).utf8)
        case .array(let values):
            values.first?.stringValue.map { Array($0.utf8) }
                ?? values.compactMap { $0.intValue.flatMap { UInt8(exactly: $0) } }
        default: nil
        }
    }

    private func text(_ names: String...) -> String? {
        for name in names {
            if let bytes = fields[name], !bytes.isEmpty {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        return nil
    }

    /// nil for an entry without a message.
    var carried: CarriedText? {
        guard let message = fields["MESSAGE"] else { return nil }
        var head = LogHead()
        head.component = text("SYSLOG_IDENTIFIER", "_COMM") ?? ""
        head.process = text("_PID", "SYSLOG_PID") ?? ""
        head.host = text("_HOSTNAME")
        let time = text("__REALTIME_TIMESTAMP").flatMap { Double($0) }.flatMap(LogTime.number)
        let level = text("PRIORITY").flatMap { Int($0) }.flatMap { Level(number: $0) }
        return CarriedText(head: head, time: time, level: level, text: message[...])
    }
}
