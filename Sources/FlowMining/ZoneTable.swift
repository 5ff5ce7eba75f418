internal import FlowSystem

/// How far the clocks of a place were from UTC, and when that changed: a file of the system's time
/// zone database (TZif, RFC 9636). The C library reads it too, but only for the whole process.
struct ZoneTable: Sendable, Hashable {
    static let folder = "/usr/share/zoneinfo"

    /// Seconds since 1970 at which another offset begins, ascending.
    private var changes: [Int] = []
    /// Seconds east of UTC from each change on.
    private var offsets: [Int] = []
    /// Before the first change.
    private var first = 0
    /// What holds after the last change.
    private var rule: ZoneRule?

    /// nil for a name that the database does not have.
    init?(name: String) {
        let isName = name.utf8.allSatisfy {
            MessagePieces.isWordByte($0) || "/+-".utf8.contains($0)
        }
        guard isName, !name.isEmpty, !name.hasPrefix("/"),
            let bytes = try? Files.read("\(Self.folder)/\(name)")
        else { return nil }
        self.init(bytes)
    }

    /// nil for bytes that are no such file of version 2 or later.
    init?(_ bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        guard let old = reader.header(), old.version >= UInt8(ascii: "2") else { return nil }
        reader.at += old.length(timeSize: 4)
        guard let header = reader.header(), header.types > 0 else { return nil }
        for _ in 0..<header.times {
            guard let time = reader.number(8) else { return nil }
            changes.append(time)
        }
        var kinds: [Int] = []
        for _ in 0..<header.times {
            guard let kind = reader.byte(), Int(kind) < header.types else { return nil }
            kinds.append(Int(kind))
        }
        var types: [Int] = []
        for _ in 0..<header.types {
            guard let offset = reader.number(4), abs(offset) < 100_000, reader.byte() != nil,
                reader.byte() != nil
            else { return nil }
            types.append(offset)
        }
        guard changes == changes.sorted() else { return nil }
        offsets = kinds.map { types[$0] }
        first = types[0]
        reader.at += header.lengthAfterTypes(timeSize: 8)
        rule = ZoneRule(reader.rest.dropFirst().prefix { $0 != UInt8(ascii: "\n") })
    }

    /// Seconds east of UTC at a moment.
    func offset(at seconds: Int) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        if low == changes.count, let rule { return rule.offset(at: seconds) }
        return low == 0 ? first : offsets[low - 1]
    }

    /// Seconds east of UTC when clocks show this many seconds since 1970.
    func offset(local: Int) -> Int {
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        if before == after || offset(at: local - before) == before { return before }
        return offset(at: local - after) == after ? after : before
    }
}

/// Reads numbers with the highest byte first.
private struct TZifReader {
    struct Header {
        let version: UInt8
        let universal, standard, leaps, times, types, letters: Int

        func length(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + lengthAfterTypes(timeSize: timeSize)
        }

        func lengthAfterTypes(timeSize: Int) -> Int {
            letters + leaps * (timeSize + 4) + standard + universal
        }
    }

    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var rest: ArraySlice<UInt8> { bytes[min(at, bytes.count)...] }

    mutating func byte() -> UInt8? {
        guard at < bytes.count else { return nil }
        at += 1
        return bytes[at - 1]
    }

    mutating func number(_ width: Int) -> Int? {
        guard at + width <= bytes.count else { return nil }
        var value = bytes[at] & 0x80 == 0 ? 0 : -1
        for byte in bytes[at..<(at + width)] { value = value << 8 | Int(byte) }
        at += width
        return value
    }

    mutating func header() -> Header? {
        guard rest.starts(with: "TZif".utf8), at + 44 <= bytes.count else { return nil }
        let version = bytes[at + 4]
        at += 20
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = number(4), (0...100_000).contains(count) else { return nil }
            counts.append(count)
        }
        return Header(
            version: version, universal: counts[0], standard: counts[1], leaps: counts[2],
            times: counts[3], types: counts[4], letters: counts[5])
    }
}
