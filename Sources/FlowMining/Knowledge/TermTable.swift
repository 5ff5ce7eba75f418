/// Terms and their numbers, from 0 in the order in which they came.
struct TermTable: Sendable {
    /// The terms, one after the other.
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt32] = []
    /// Numbers of terms by hash, plus one; 0 is free. A power of two, at most half full.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { ends.count }

    /// Where a term stands in `bytes`.
    func range(_ term: Int) -> Range<Int> { (term == 0 ? 0 : ends[term - 1])..<ends[term] }

    /// The number of the term that stands at `range`; nil for one that is not known.
    func find(_ text: [UInt8], _ range: Range<Int>) -> Int? {
        let number = slots[slot(text, range, Self.hash(text, range))]
        return number == 0 ? nil : Int(number) - 1
    }

    /// The number of the term that stands at `range`, a new one where it is not known.
    mutating func insert(_ text: [UInt8], _ range: Range<Int>) -> Int {
        let hash = Self.hash(text, range)
        let slot = slot(text, range, hash)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        bytes.append(contentsOf: text[range])
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
    }

    /// The slot of the term, or the free one where it belongs.
    private func slot(_ text: [UInt8], _ range: Range<Int>, _ hash: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0, !isTerm(Int(slots[slot]) - 1, text, range, hash) {
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isTerm(_ term: Int, _ text: [UInt8], _ range: Range<Int>, _ hash: UInt32) -> Bool {
        guard hashes[term] == hash else { return false }
        let own = self.range(term)
        guard own.count == range.count else { return false }
        let shift = own.lowerBound - range.lowerBound
        for at in range where text[at] != bytes[at + shift] { return false }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for term in 0..<count {
            var slot = Int(hashes[term]) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(term + 1)
        }
    }

    /// FNV-1a of 64 bits, folded (Fowler, Noll, Vo; <http://www.isthe.com/chongo/tech/comp/fnv/>).
    private static func hash(_ text: [UInt8], _ range: Range<Int>) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for at in range { hash = (hash ^ UInt64(text[at])) &* 0x100_0000_01B3 }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
