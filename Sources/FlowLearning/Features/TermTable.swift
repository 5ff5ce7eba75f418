/// Terms and their numbers, from 0 in the order in which they came.
///
/// Terms are equal by their bytes. (Swift's `String` takes "é" in one scalar and in two for the same
/// text, Python does not.) Looking up costs O(bytes of the term).
struct TermTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing; a term's number + 1, 0: free. The hash has a seed of the process's own, so
    /// nobody can make messages that all meet in one slot; no result depends on it.
    private var slots: [Int32] = Array(repeating: 0, count: 64)

    var count: Int { ends.count }

    /// Where the term's UTF-8 stands in `bytes`.
    func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

    func text(_ number: Int) -> String { String(decoding: bytes[range(number)], as: UTF8.self) }

    func precedes(_ one: Int, _ other: Int) -> Bool {
        bytes[range(one)].lexicographicallyPrecedes(bytes[range(other)])
    }

    func number(of term: Span<UInt8>) -> Int? {
        let number = Int(slots[slot(of: term)]) - 1
        return number < 0 ? nil : number
    }

    /// The number of the term, which is added if it is new.
    mutating func insert(_ term: Span<UInt8>) -> Int {
        let slot = slot(of: term)
        if slots[slot] > 0 { return Int(slots[slot]) - 1 }
        for place in term.indices { bytes.append(term[place]) }
        ends.append(bytes.count)
        slots[slot] = Int32(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    /// The slot that holds the term or would.
    private func slot(of term: Span<UInt8>) -> Int {
        var hasher = Hasher()
        term.withUnsafeBufferPointer { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] > 0, !equals(Int(slots[slot]) - 1, term) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
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
            let slot = slot(of: bytes.span.extracting(range(number)))
            slots[slot] = Int32(number + 1)
        }
    }
}
