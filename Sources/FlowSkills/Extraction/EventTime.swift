internal import FlowSystem

/// Reads times of events quickly: the day of the last time is remembered, since the next one is
/// mostly of that day.
struct EventTime: Sendable {
    private var day: UInt64 = 0
    private var dayStart: Int64 = 0

    /// Microseconds since 1970 of RFC 3339 text; nil for what is no time.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        fast(text)
            ?? Timestamp(String(decoding: text, as: UTF8.self))?.microseconds
    }

    /// Microseconds of a number since 1970: seconds, ms, µs or ns by its size, each from 1973 on and
    /// for the next thousands of years.
    static func read(_ number: Double) -> Int64? {
        guard number.isFinite, abs(number) < 9e18 else { return nil }
        let scale: Double =
            switch abs(number) {
            case ..<1e11: 1e6
            case ..<1e14: 1e3
            case ..<1e17: 1
            default: 1e-3
            }
        return Int64((number * scale).rounded())
    }

    /// `YYYY-MM-DDTHH:MM:SS`, a fraction or none, then `Z` or `±HH:MM`.
    private mutating func fast(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count >= 20, text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"), let hour = Self.pair(text, 11), hour < 24,
            let minute = Self.pair(text, 14), minute < 60, let second = Self.pair(text, 17),
            second < 60, let start = start(of: text)
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if text[at] == UInt8(ascii: ".") {
            at += 1
            var scale: Int64 = 100_000
            let first = at
            while at < text.count, text[at] &- 0x30 < 10 {
                fraction += Int64(text[at] - 0x30) * scale
                scale /= 10
                at += 1
            }
            if at == first { return nil }
        }
        guard let zone = Self.zone(text, at) else { return nil }
        return start + (hour * 3600 + minute * 60 + second - zone) * 1_000_000 + fraction
    }

    /// The first moment of the day that the text begins with.
    private mutating func start(of text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return nil }
        var key: UInt64 = 0
        for place in [0, 1, 2, 3, 5, 6, 8, 9] { key = key << 8 | UInt64(text[place]) }
        if key == day { return dayStart }
        let date = String(decoding: text[0..<10], as: UTF8.self)
        guard let start = Timestamp(date)?.microseconds else { return nil }
        day = key
        dayStart = start
        return start
    }

    private static func pair(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int64? {
        guard at + 1 < text.count, text[at] &- 0x30 < 10, text[at + 1] &- 0x30 < 10 else {
            return nil
        }
        return Int64(text[at] - 0x30) * 10 + Int64(text[at + 1] - 0x30)
    }

    /// Seconds east of UTC.
    private static func zone(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int64? {
        guard at < text.count else { return nil }
        if text[at] == UInt8(ascii: "Z"), at + 1 == text.count { return 0 }
        guard at + 6 == text.count, text[at + 3] == UInt8(ascii: ":"),
            text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"),
            let hours = pair(text, at + 1), let minutes = pair(text, at + 4)
        else { return nil }
        return (text[at] == UInt8(ascii: "+") ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
