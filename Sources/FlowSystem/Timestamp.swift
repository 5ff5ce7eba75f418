internal import Glibc

/// A moment in UTC with a resolution of one microsecond.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before.
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package init(seconds: Int) { self.microseconds = Int64(seconds) * 1_000_000 }

    /// Later than every time that a record can have.
    package static let distantFuture = Timestamp(microseconds: .max)

    package static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.microseconds < other.microseconds
    }

    /// Whole seconds since 1970, rounded towards the past.
    package var seconds: Int {
        Self.floorDivide(microseconds, 1_000_000)
    }

    /// Whole UTC days since 1970-01-01, rounded towards the past.
    package var day: Int { Self.floorDivide(microseconds, 86_400_000_000) }

    /// The first moment of a UTC day counted from 1970-01-01.
    package init(day: Int) { self.init(seconds: day * 86_400) }

    package func adding(seconds: Double) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds * 1_000_000))
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int {
        let quotient = value / divisor
        return Int(value % divisor < 0 ? quotient - 1 : quotient)
    }
}

extension Timestamp {
    /// A date of the proleptic Gregorian calendar and a time of day in UTC.
    package struct Fields: Sendable, Hashable {
        package var year: Int
        /// 1–12.
        package var month: Int
        /// 1–31.
        package var day: Int
        package var hour = 0
        package var minute = 0
        package var second = 0
        package var microsecond = 0

        package init(
            year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
            microsecond: Int = 0
        ) {
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
            self.second = second
            self.microsecond = microsecond
        }
    }

    /// The moment of these fields; nil where one is out of its range (a 60th second is the next
    /// minute's first). `offset` is the zone's, in seconds east of UTC.
    package init?(_ fields: Fields, offset: Int = 0) {
        guard (1...12).contains(fields.month), (0...9999).contains(fields.year),
            (1...Self.days(in: fields.month, of: fields.year)).contains(fields.day),
            (0...23).contains(fields.hour), (0...59).contains(fields.minute),
            (0...60).contains(fields.second), (0...999_999).contains(fields.microsecond)
        else { return nil }
        let days = Self.daysFromCivil(fields.year, fields.month, fields.day)
        let seconds =
            days * 86_400 + fields.hour * 3600 + fields.minute * 60 + fields.second - offset
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fields.microsecond))
    }

    package var fields: Fields {
        let days = day
        let (year, month, dayOfMonth) = Self.civilFromDays(days)
        let rest = Int(microseconds - Int64(days) * 86_400_000_000)
        let seconds = rest / 1_000_000
        return Fields(
            year: year, month: month, day: dayOfMonth, hour: seconds / 3600,
            minute: seconds / 60 % 60, second: seconds % 60, microsecond: rest % 1_000_000)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The same source, civil_from_days.
    private static func civilFromDays(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted + (shifted < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with microseconds: `2026-11-20T02:00:00.123456Z`.
    package var description: String { text(fraction: true) }

    /// RFC 3339 in UTC without the fraction: `2026-11-20T02:00:00Z`.
    package var rfc3339: String { text(fraction: false) }

    /// The UTC date: `2026-11-20`.
    package var date: String { String(rfc3339.prefix(10)) }

    private func text(fraction: Bool) -> String {
        let f = fields
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        func put(_ value: Int, _ width: Int, then mark: Unicode.Scalar) {
            let digits = String(value).utf8
            bytes.append(contentsOf: repeatElement(0x30, count: max(0, width - digits.count)))
            bytes.append(contentsOf: digits)
            bytes.append(UInt8(ascii: mark))
        }
        put(f.year, 4, then: "-")
        put(f.month, 2, then: "-")
        put(f.day, 2, then: "T")
        put(f.hour, 2, then: ":")
        put(f.minute, 2, then: ":")
        put(f.second, 2, then: fraction ? "." : "Z")
        if fraction { put(f.microsecond, 6, then: "Z") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads RFC 3339, also with a blank instead of `T`, a comma before the fraction, a zone
    /// without a colon or no zone at all (`offset` seconds east of UTC then), and a bare date.
    package init?(_ text: some StringProtocol, offset: Int = 0) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2),
            scanner.skip("-"), let day = scanner.number(2)
        else { return nil }
        var fields = Fields(year: year, month: month, day: day)
        var zone: Int? = nil
        if !scanner.isAtEnd {
            guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
                let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2)
            else { return nil }
            fields.hour = hour
            fields.minute = minute
            if scanner.skip(":") {
                guard let second = scanner.number(2) else { return nil }
                fields.second = second
                if scanner.skip(".") || scanner.skip(",") {
                    guard let micro = scanner.fraction() else { return nil }
                    fields.microsecond = micro
                }
            }
            zone = scanner.zone()
            guard scanner.isAtEnd else { return nil }
        }
        self.init(fields, offset: zone ?? offset)
    }
}

/// Reads fixed-width numbers from ASCII text.
private struct DigitScanner {
    let bytes: [UInt8]
    var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    private var digit: Int? {
        guard at < bytes.count, (0x30...0x39).contains(bytes[at]) else { return nil }
        return Int(bytes[at] - 0x30)
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, UInt32(bytes[at]) == character.value else { return false }
        at += 1
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        var value = 0
        for _ in 0..<width {
            guard let digit else { return nil }
            value = value * 10 + digit
            at += 1
        }
        return value
    }

    /// Digits after the point, as microseconds; more than six are cut.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let digit {
            if count < 6 { value = value * 10 + digit }
            count += 1
            at += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 6) { value *= 10 }
        return value
    }

    /// Seconds east of UTC; nil where there is no zone.
    mutating func zone() -> Int? {
        let start = at
        _ = skip(" ")
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2) else {
            at = start
            return nil
        }
        _ = skip(":")
        let minutes = number(2) ?? 0
        return sign * (hours * 3600 + minutes * 60)
    }
}

/// Where the time comes from.
package protocol Clock: Sendable {
    /// The wall clock.
    func now() -> Timestamp
    /// Nanoseconds of a clock that never jumps; only differences mean anything.
    func monotonic() -> Int64
}

/// The machine's clocks.
package struct SystemClock: Clock {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func monotonic() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
