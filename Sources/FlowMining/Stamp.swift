internal import FlowSystem

/// The time at the start of a log line.
struct Stamp {
    /// How the line goes on depends on the kind of stamp.
    enum Style: Sendable {
        /// `2026-11-20 02:00:00,123`, `2026-11-20T02:00:00Z`, `2026/11/20 02:00:00`,
        /// `1795140000.123`.
        case date
        /// `Nov 20 02:00:00 host prog[1]: …`, and all that is carried for a program.
        case syslog
        /// `Nov 20, 2026 2:00:00 AM com.x.Y method`, with the level on the next line.
        case javaUtil
        /// `[Fri Nov 20 02:00:00.123456 2026] …`.
        case apache
    }

    let time: Timestamp
    let style: Style
    /// Where the rest of the line begins.
    let end: Int

    /// The stamp of a line that has one.
    /// - Parameter reference: the latest moment that a time without a year may mean (a day of
    ///   grace for clocks that differ).
    init?(_ line: ArraySlice<UInt8>, zone: LogZone, reference: Timestamp) {
        var cursor = ByteCursor(line)
        let bracket = cursor.skip("[")
        guard let first = cursor.next else { return nil }
        var reader = StampReader(cursor: cursor, zone: zone, reference: reference)
        if MessagePieces.isDigit(first) {
            guard let time = reader.date() ?? reader.epoch(cursor) else { return nil }
            self.time = time
            style = .date
        } else {
            guard let (time, style) = reader.named() else { return nil }
            self.time = time
            self.style = style
        }
        guard LogTime.isWritable(time) else { return nil }
        // `[2026-11-20 02:00:00] …`, but also `[2026-11-20T02:00:00Z ERROR app] …`
        if bracket { _ = reader.cursor.skip("]") }
        guard reader.cursor.isAtEnd || Self.ends(reader.cursor.next) else { return nil }
        reader.cursor.skipBlanks()
        end = reader.cursor.at
    }

    private static func ends(_ byte: UInt8?) -> Bool {
        switch byte {
        case 0x20, 0x09, UInt8(ascii: "["), UInt8(ascii: "|"), UInt8(ascii: ":"),
            UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

private struct StampReader {
    var cursor: ByteCursor
    let zone: LogZone
    let reference: Timestamp

    /// `2026-11-20 02:00:00.123 UTC`, `20/Nov/2026:02:00:00 +0000`.
    mutating func date() -> Timestamp? {
        guard let year = cursor.number(4...4), let separator = cursor.next,
            separator == UInt8(ascii: "-") || separator == UInt8(ascii: "/")
        else { return nil }
        cursor.at += 1
        guard let month = cursor.number(2...2), cursor.next == separator else { return nil }
        cursor.at += 1
        guard let day = cursor.number(2...2) else { return nil }
        guard cursor.skip("T") || cursor.skip("t") || cursor.skip(" ") || cursor.skip("_") else {
            return nil
        }
        var fields = Timestamp.Fields(year: year, month: month, day: day)
        guard clock(&fields) else { return nil }
        fields.microsecond = cursor.fraction() ?? 0
        return readZone().map { Timestamp(fields, offset: $0) } ?? zone.time(fields)
    }

    /// `1795140000.123`: seconds since 1970, told from other numbers by the fraction.
    mutating func epoch(_ start: ByteCursor) -> Timestamp? {
        cursor = start
        guard let seconds = cursor.number(10...10), cursor.next == UInt8(ascii: "."),
            let micro = cursor.fraction(), cursor.next == 0x20
        else { return nil }
        return Timestamp(microseconds: Int64(seconds) * 1_000_000 + Int64(micro))
    }

    /// Stamps that begin with the name of a day or a month.
    mutating func named() -> (Timestamp, Stamp.Style)? {
        var word = cursor.letters()
        let weekday = Self.days.contains(word)
        if weekday {
            guard cursor.skip(" ") else { return nil }
            word = cursor.letters()
        }
        guard let month = Self.months[word], cursor.skip(" ") else { return nil }
        cursor.skipBlanks()
        guard let day = cursor.number(1...2) else { return nil }
        if cursor.skip(",") { return javaUtil(month: month, day: day) }
        guard cursor.skip(" ") else { return nil }
        // 2000 stands in until the year is known: it has every day
        var fields = Timestamp.Fields(year: 2000, month: month, day: day)
        if let year = yearFirst() { fields.year = year }
        guard clock(&fields) else { return nil }
        fields.microsecond = cursor.fraction() ?? 0
        if weekday, cursor.skip(" "), let year = cursor.number(4...4) {
            fields.year = year
            return zone.time(fields).map { ($0, .apache) }
        }
        if fields.year != 2000 {
            return zone.time(fields).map { ($0, .syslog) }
        }
        return settled(fields).map { ($0, .syslog) }
    }

    /// `2026 02:00:00`: some daemons write the year before the time.
    private mutating func yearFirst() -> Int? {
        let start = cursor.at
        if let year = cursor.number(4...4), cursor.skip(" ") { return year }
        cursor.at = start
        return nil
    }

    /// `Nov 20, 2026 2:00:00 AM`, after the comma.
    private mutating func javaUtil(month: Int, day: Int) -> (Timestamp, Stamp.Style)? {
        cursor.skipBlanks()
        guard let year = cursor.number(4...4) else { return nil }
        _ = cursor.skip(",")
        guard cursor.skip(" ") else { return nil }
        var fields = Timestamp.Fields(year: year, month: month, day: day)
        guard clock(&fields) else { return nil }
        // newer Java writes a narrow no-break space (E2 80 AF) before AM
        if cursor.next == 0xE2, cursor.peek(2) == 0xAF {
            cursor.at += 3
        } else {
            _ = cursor.skip(" ")
        }
        switch cursor.letters() {
        case "AM": if fields.hour == 12 { fields.hour = 0 }
        case "PM": if fields.hour < 12 { fields.hour += 12 }
        default: return nil
        }
        return zone.time(fields).map { ($0, .javaUtil) }
    }

    private mutating func clock(_ fields: inout Timestamp.Fields) -> Bool {
        guard let hour = cursor.number(1...2), cursor.skip(":"), let minute = cursor.number(2...2)
        else { return false }
        fields.hour = hour
        fields.minute = minute
        if cursor.skip(":") {
            guard let second = cursor.number(2...2) else { return false }
            fields.second = second
        }
        return true
    }

    /// `Z`, `+02:00`, ` +0200`, ` UTC`; nil (and nothing read) for no zone or an unknown name.
    private mutating func readZone() -> Int? {
        let start = cursor.at
        _ = cursor.skip(" ")
        if let offset = cursor.zoneOffset() {
            if cursor.isAtEnd || !MessagePieces.isWordByte(cursor.next ?? 0x20) { return offset }
        } else {
            let name = cursor.letters(most: 5)
            if let offset = Self.zones[name],
                cursor.isAtEnd || !MessagePieces.isWordByte(cursor.next ?? 0x20)
            {
                return offset * 60
            }
        }
        cursor.at = start
        return nil
    }

    /// The last year in which these fields are not more than a day after the reference.
    private func settled(_ fields: Timestamp.Fields) -> Timestamp? {
        let latest = reference.adding(seconds: 86_400)
        let year = latest.fields.year
        for back in 0..<8 {
            var guess = fields
            guess.year = year - back
            if let time = zone.time(guess), time <= latest { return time }
        }
        return nil
    }

    private static let days: Set<String> = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months: [String: Int] = {
        let names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ")
        return Dictionary(uniqueKeysWithValues: names.enumerated().map { (String($1), $0 + 1) })
    }()
    /// Names that mean one offset only, in minutes.
    private static let zones: [String: Int] = [
        "Z": 0, "z": 0, "UTC": 0, "GMT": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
        "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "CET": 60, "CEST": 120, "EET": 120,
        "EEST": 180, "MSK": 180, "JST": 540, "WET": 0, "WEST": 60,
    ]
}
