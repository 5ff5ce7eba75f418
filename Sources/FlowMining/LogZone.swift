internal import FlowSystem

/// The zone that log times without one are read in: UTC, a fixed distance from it, or a place whose
/// distance changes over the year.
package struct LogZone: Sendable, Hashable {
    private enum Kind: Hashable {
        /// Seconds east of UTC.
        case fixed(Int)
        case place(ZoneTable)
    }

    private let kind: Kind

    package static let utc = LogZone(seconds: 0)

    /// A zone that many seconds east of UTC.
    package init(seconds: Int) { kind = .fixed(seconds) }

    /// Reads `UTC`, `Z`, `GMT`, `+02:00`, `-0530`, `+2`, or a name such as `Europe/Berlin`, which the
    /// system's time zone database must know.
    /// - Throws: `badTimezone` for anything else.
    package init(_ text: String) throws(MiningError) {
        if ["UTC", "Z", "GMT"].contains(text.uppercased()) {
            kind = .fixed(0)
            return
        }
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes[...])
        if let offset = cursor.zoneOffset(), cursor.isAtEnd {
            kind = .fixed(offset)
            return
        }
        guard let table = ZoneTable(name: text) else {
            throw MiningError(
                .badTimezone, doing: "use the timezone '\(text)'",
                "\(ZoneTable.folder) has no such zone (Debian's tzdata brings it); write a name such "
                    + "as Europe/Berlin, an offset such as +02:00, or UTC")
        }
        kind = .place(table)
    }

    /// The moment at which clocks there show these fields: of two the first; where they were put
    /// forward past them, as if they had not been.
    func time(_ fields: Timestamp.Fields) -> Timestamp? {
        switch kind {
        case .fixed(let seconds): return Timestamp(fields, offset: seconds)
        case .place(let table):
            return Timestamp(fields).map { local in
                Timestamp(fields, offset: table.offset(local: local.seconds)) ?? local
            }
        }
    }

    /// The moment that a text means which may name a zone of its own.
    func time(_ text: String) -> Timestamp? {
        if case .fixed(let seconds) = kind { return Timestamp(text, offset: seconds) }
        guard let time = Timestamp(text), let moved = Timestamp(text, offset: 3600) else {
            return nil
        }
        // one that names its zone does not move
        return time == moved ? time : self.time(time.fields)
    }
}
