/// Terms and their numbers, from 0 in the order in which they came.
struct TermTable: Sendable {
    /// The terms, one after the other.
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// A term's hash and, in the lower half, its number plus one; 0 is free. A power of two, at most
    /// half full.
    private var slots = [UInt64](repeating: 0, count: 1024)

    var count: Int { ends.count }

    /// Where a term stands in `bytes`.
    func range(_ term: Int) -> Range<Int> { (term == 0 ? 0 : ends[term - 1])..<ends[term] }

    /// The number of the term that stands at `range`; nil for one that is not known.
    func find(_ text: [UInt8], _ range: Range<Int>) -> Int? {
        let entry = slots[slot(text, range, Self.hash(text, range))]
        return entry == 0 ? nil : Self.term(entry)
    }

    /// The number of the term that stands at `range`, a new one where it is not known.
    mutating func insert(_ text: [UInt8], _ range: Range<Int>) -> Int {
        let hash = Self.hash(text, range)
        let slot = slot(text, range, hash)
        if slots[slot] != 0 { return Self.term(slots[slot]) }
        bytes.append(contentsOf: text[range])
        ends.append(bytes.count)
        slots[slot] = UInt64(hash) << 32 | UInt64(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
    }

    private static func term(_ entry: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: entry)) - 1 }

    /// The slot of the term, or the free one where it belongs.
    private func slot(_ text: [UInt8], _ range: Range<Int>, _ hash: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let isLike = slots[slot] >> 32 == UInt64(hash)
            if isLike, isTerm(Self.term(slots[slot]), text, range) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isTerm(_ term: Int, _ text: [UInt8], _ range: Range<Int>) -> Bool {
        let own = self.range(term)
        guard own.count == range.count else { return false }
        let shift = own.lowerBound - range.lowerBound
        for at in range where text[at] != bytes[at + shift] { return false }
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry != 0 {
            var slot = Int(entry >> 32) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    /// FNV-1a of 64 bits, folded (Fowler, Noll, Vo; <http://www.isthe.com/chongo/tech/comp/fnv/>).
    private static func hash(_ text: [UInt8], _ range: Range<Int>) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for at in range { hash = (hash ^ UInt64(text[at])) &* 0x100_0000_01B3 }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
