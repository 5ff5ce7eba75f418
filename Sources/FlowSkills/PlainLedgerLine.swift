internal import FlowSystem

/// A line of counts as flow writes it, read without making a tree of it. Any other line is left to
/// the reader of JSON, which says what is wrong with it.
struct PlainLedgerLine {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// - Returns: whether the line was taken in.
    mutating func read(into fold: inout LedgerFold) -> Bool {
        if skip(#"{"type": "evidence", "skill": ""#) { return evidence(&fold) }
        if skip(#"{"type": "component", "component": ""#) { return component(&fold) }
        return false
    }

    private mutating func evidence(_ fold: inout LedgerFold) -> Bool {
        guard let skill = text(), skip(#", "day": ""#), let day = day(),
            skip(#", "hits": "#), let hits = count(), let share = share()
        else { return false }
        // What is known was looked at before.
        let known = fold.knownPlace(of: skill)
        guard let place = known ?? (SkillName.isID(skill) ? fold.place(of: skill) : nil)
        else { return false }
        fold.add(place, day: day, share: share, hits: hits)
        return true
    }

    private mutating func component(_ fold: inout LedgerFold) -> Bool {
        guard let component = text(), skip(#", "day": ""#), let day = day(),
            skip(#", "records": "#), let records = count(), skip(#", "errors": "#),
            let errors = count(), skip(#", "untouched": "#), let untouched = count(),
            let share = share(), untouched <= errors, errors <= records
        else { return false }
        let counts = ComponentCounts(records: records, errors: errors, untouched: untouched)
        fold.add(component, day: day, release: share.release, counts: counts)
        return true
    }

    /// The line's end, with a release or none before it.
    private mutating func share() -> DaySeries<Int>.Share? {
        if skip("}") { return at == bytes.count ? .unnamed : nil }
        guard skip(#", "release": ""#), let name = text(), skip("}"), at == bytes.count
        else { return nil }
        return .release(name)
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - at >= count else { return false }
        let start = word.utf8Start
        for offset in 0..<count where bytes[at + offset] != start[offset] { return false }
        at += count
        return true
    }

    /// Text of plain ASCII up to its quote, which is skipped.
    private mutating func text() -> String? {
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                defer { at += 1 }
                return String(decoding: bytes[start..<at], as: UTF8.self)
            }
            if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\\") { return nil }
            at += 1
        }
        return nil
    }

    /// A date and its quote.
    private mutating func day() -> Int? {
        guard let year = digits(4), skip("-"), let month = digits(2), skip("-"),
            let day = digits(2), skip("\"")
        else { return nil }
        return Timestamp(Timestamp.Fields(year: year, month: month, day: day))?.day
    }

    private mutating func digits(_ width: Int) -> Int? {
        guard bytes.count - at >= width else { return nil }
        var value = 0
        for _ in 0..<width {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            at += 1
        }
        return value
    }

    /// A whole number of at most 15 digits.
    private mutating func count() -> Int? {
        let start = at
        var value = 0
        while at < bytes.count, at - start < 16 {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { break }
            value = value * 10 + Int(digit)
            at += 1
        }
        let width = at - start
        return width == 0 || width > 15 || (width > 1 && bytes[start] == 0x30) ? nil : value
    }
}
