internal import FlowSystem

/// What a place does every year: the form of the variable `TZ` in POSIX (`CET-1CEST,M3.5.0,M10.5.0/3`),
/// with which a file of the time zone database ends.
struct ZoneRule: Sendable, Hashable {
    /// `M3.5.0/2`: the last (5) Sunday (0) of March at 2 o'clock.
    private struct Change: Hashable {
        let month, week, weekday: Int
        /// Seconds after midnight, as clocks show it before the change.
        let time: Int

        /// Seconds since 1970, as clocks show it.
        func local(_ year: Int) -> Int {
            let next = month == 12 ? (year + 1, 1) : (year, month + 1)
            let start = Timestamp(.init(year: year, month: month, day: 1))?.day ?? 0
            let end = Timestamp(.init(year: next.0, month: next.1, day: 1))?.day ?? 0
            // 1970-01-01 was a Thursday
            let weekdayOfStart = ((start + 4) % 7 + 7) % 7
            var day = start + (weekday - weekdayOfStart + 7) % 7 + 7 * (week - 1)
            while day >= end { day -= 7 }
            return day * 86_400 + time
        }
    }

    private struct Summer: Hashable {
        let offset: Int
        let start, end: Change
    }

    private let standard: Int
    /// nil where clocks are never changed.
    private let summer: Summer?

    /// nil for a rule of another form (days counted from the start of the year, which no place has).
    init?(_ text: ArraySlice<UInt8>) {
        var cursor = ByteCursor(text)
        guard Self.name(&cursor), let offset = Self.time(&cursor) else { return nil }
        standard = -offset
        if cursor.isAtEnd {
            summer = nil
            return
        }
        guard Self.name(&cursor) else { return nil }
        var ahead = standard + 3600
        if cursor.next != UInt8(ascii: ",") {
            guard let offset = Self.time(&cursor) else { return nil }
            ahead = -offset
        }
        guard let start = Self.change(&cursor), let end = Self.change(&cursor), cursor.isAtEnd
        else { return nil }
        summer = Summer(offset: ahead, start: start, end: end)
    }

    /// Seconds east of UTC at a moment.
    func offset(at seconds: Int) -> Int {
        guard let summer else { return standard }
        let year = Timestamp(seconds: seconds + standard).fields.year
        let start = summer.start.local(year) - standard
        let end = summer.end.local(year) - summer.offset
        let isSummer =
            start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
        return isSummer ? summer.offset : standard
    }

    /// `CET`, or `<+03>`.
    private static func name(_ cursor: inout ByteCursor) -> Bool {
        if cursor.skip("<") {
            while let byte = cursor.next, byte != UInt8(ascii: ">") { cursor.at += 1 }
            return cursor.skip(">")
        }
        return !cursor.letters().isEmpty
    }

    /// `-1`, `5:30`, `167:00:00`, in seconds.
    private static func time(_ cursor: inout ByteCursor) -> Int? {
        let sign = cursor.skip("-") ? -1 : 1
        if sign > 0 { _ = cursor.skip("+") }
        guard let hours = cursor.number(1...3) else { return nil }
        var seconds = hours * 3600
        if cursor.skip(":"), let minutes = cursor.number(2...2) { seconds += minutes * 60 }
        if cursor.skip(":"), let more = cursor.number(2...2) { seconds += more }
        return sign * seconds
    }

    /// `,M3.5.0/2`.
    private static func change(_ cursor: inout ByteCursor) -> Change? {
        guard cursor.skip(","), cursor.skip("M"), let month = cursor.number(1...2),
            (1...12).contains(month), cursor.skip("."), let week = cursor.number(1...1),
            (1...5).contains(week), cursor.skip("."), let weekday = cursor.number(1...1),
            weekday < 7
        else { return nil }
        let time = cursor.skip("/") ? Self.time(&cursor) : 2 * 3600
        return time.map { Change(month: month, week: week, weekday: weekday, time: $0) }
    }
}
