internal import FlowJSON
internal import FlowSystem

/// Reads the time that a field of a record gives.
enum LogTime {
    /// RFC 3339 and its like, any stamp of a log line, or a number since 1970 in seconds, or their
    /// thousandths, millionths or thousand-millionths, also as text; nil for anything else and for
    /// years that are none of 1 to 9999.
    static func read(_ value: JSON, _ settings: ReadSettings) -> Timestamp? {
        guard let text = value.stringValue else { return value.doubleValue.flatMap(number) }
        if let time = settings.zone.time(text) {
            return isWritable(time) ? time : nil
        }
        if let size = Double(text) { return number(size) }
        let bytes = Array(text.utf8)
        let stamp = Stamp(bytes[...], zone: settings.zone, reference: settings.reference)
        return stamp?.end == bytes.count ? stamp?.time : nil
    }

    /// Whether a time is in the years 1 to 9999, outside of which RFC 3339 cannot write it.
    static func isWritable(_ time: Timestamp) -> Bool { years.contains(time.seconds) }

    /// Seconds since 1970.
    private static let years = -62_135_596_800..<253_402_300_800

    static func number(_ number: Double) -> Timestamp? {
        let size = abs(number)
        let seconds =
            size < 1e11
            ? number : size < 1e14 ? number / 1e3 : size < 1e17 ? number / 1e6 : number / 1e9
        guard seconds.isFinite, abs(seconds) < 1e12 else { return nil }
        let time = Timestamp(microseconds: Int64((seconds * 1e6).rounded()))
        return isWritable(time) ? time : nil
    }
}
