/// Terms and their numbers, from 0 in the order in which they came.
///
/// Terms are equal by their bytes. (Swift's `String` takes "é" in one scalar and in two for the same
/// text, Python does not.) Looking up costs O(bytes of the term).
struct TermTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    /// Open addressing; the upper half of a term's hash above its number + 1; 0: free.
    private var slots: [UInt64] = Array(repeating: 0, count: 64)
    private let hash = TermHash.own

    var count: Int { ends.count }

    /// Where the term's UTF-8 stands in `bytes`.
    func range(_ number: Int) -> Range<Int> {
        (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
    }

    func text(_ number: Int) -> String { String(decoding: bytes[range(number)], as: UTF8.self) }

    func precedes(_ one: Int, _ other: Int) -> Bool {
        bytes[range(one)].lexicographicallyPrecedes(bytes[range(other)])
    }

    func number(of term: Span<UInt8>) -> Int? {
        let slot = slots[slot(of: term, hash(term))]
        return slot == 0 ? nil : Self.number(slot)
    }

    /// The number of the term, which is added if it is new.
    mutating func insert(_ term: Span<UInt8>) -> Int {
        let hash = hash(term)
        let slot = slot(of: term, hash)
        if slots[slot] > 0 { return Self.number(slots[slot]) }
        for place in term.indices { bytes.append(term[place]) }
        ends.append(UInt32(bytes.count))
        slots[slot] = (hash & Self.upper) | UInt64(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    private static let upper: UInt64 = 0xFFFF_FFFF_0000_0000

    @inline(__always)
    private static func number(_ slot: UInt64) -> Int { Int(slot & ~upper) - 1 }

    /// The slot that holds the term or would.
    @inline(__always)
    private func slot(of term: Span<UInt8>, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place] > 0 {
            let slot = slots[place]
            if (slot ^ hash) & Self.upper == 0, equals(Self.number(slot), term) { break }
            place = (place + 1) & mask
        }
        return place
    }

    private func equals(_ number: Int, _ term: Span<UInt8>) -> Bool {
        let range = range(number)
        guard range.count == term.count else { return false }
        for place in term.indices where bytes[range.lowerBound + place] != term[place] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for number in 0..<ends.count {
            let (slot, hash) = found(number)
            slots[slot] = (hash & Self.upper) | UInt64(number + 1)
        }
    }

    private func found(_ number: Int) -> (slot: Int, hash: UInt64) {
        let term = bytes.span.extracting(range(number))
        let hash = hash(term)
        return (slot(of: term, hash), hash)
    }
}

/// A hash of short byte strings: 64-bit products folded in two (Wang Yi's wyhash).
///
/// It has a secret of the process's own, so nobody can make messages whose terms all meet in one
/// slot; no result depends on it.
private struct TermHash: Sendable {
    static let own = TermHash()

    private let start = UInt64.random(in: .min ... .max)
    private let factor = UInt64.random(in: .min ... .max) | 1

    @inline(__always)
    func callAsFunction(_ term: Span<UInt8>) -> UInt64 {
        let bytes = term.bytes
        let count = bytes.byteCount
        var hash = start ^ UInt64(count)
        // In bounds: each load ends at `count` or before it.
        var place = 0
        while place + 8 < count {
            hash = fold(hash ^ bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        switch count {
        case 8...:
            hash ^= bytes.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        case 4...7:
            let low = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let high = bytes.unsafeLoadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            hash ^= UInt64(low) | UInt64(high) << 32
        case 1...3:
            hash ^= UInt64(term[0]) | UInt64(term[count / 2]) << 8 | UInt64(term[count - 1]) << 16
        default: break
        }
        return fold(hash)
    }

    @inline(__always)
    private func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: factor)
        return high ^ low
    }
}
