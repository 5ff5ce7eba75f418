/// Gives equal byte strings one number, in the order of their first appearance.
///
/// The bytes of all stand in one array behind a table of open places; a look-up costs the length of
/// the bytes. No `String` is made until one is asked for.
struct ByteInterner: Sendable {
    private var bytes: [UInt8] = []
    /// Where each string ends; it begins where the one before ends.
    private var ends: [Int] = []
    private var table: [Int32]
    private var hashes: [UInt32] = []

    init() { table = Array(repeating: -1, count: 64) }

    var count: Int { ends.count }

    subscript(number: Int32) -> ArraySlice<UInt8> {
        let place = Int(number)
        return bytes[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
    }

    /// The string, with U+FFFD for what is not UTF-8.
    func text(_ number: Int32) -> String { String(decoding: self[number], as: UTF8.self) }

    mutating func number(of text: some StringProtocol) -> Int32 {
        Array(text.utf8).withUnsafeBufferPointer { number(of: $0) }
    }

    mutating func number(of string: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = Self.hash(string)
        let mask = table.count - 1
        var place = Int(hash) & mask
        while table[place] >= 0 {
            let known = table[place]
            if hashes[Int(known)] == hash, equals(known, string) { return known }
            place = (place + 1) & mask
        }
        let fresh = Int32(ends.count)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        hashes.append(hash)
        table[place] = fresh
        if ends.count * 2 > table.count { grow() }
        return fresh
    }

    private func equals(_ number: Int32, _ string: UnsafeBufferPointer<UInt8>) -> Bool {
        let place = Int(number)
        let start = place == 0 ? 0 : ends[place - 1]
        guard ends[place] - start == string.count else { return false }
        for offset in 0..<string.count where bytes[start + offset] != string[offset] {
            return false
        }
        return true
    }

    private mutating func grow() {
        var larger = [Int32](repeating: -1, count: table.count * 2)
        let mask = larger.count - 1
        for number in 0..<ends.count {
            var place = Int(hashes[number]) & mask
            while larger[place] >= 0 { place = (place + 1) & mask }
            larger[place] = Int32(number)
        }
        table = larger
    }

    /// FNV-1a (Fowler, Noll, Vo), its 64 bits folded to 32.
    private static func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in string { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}
