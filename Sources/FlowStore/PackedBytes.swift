/// Numbers, texts and bytes one after the other, for a column of a database that only flow reads.
struct PackedBytes {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The length, in four bytes, and the bytes.
    mutating func add(_ content: some Collection<UInt8>) {
        add(UInt32(truncatingIfNeeded: content.count))
        bytes.append(contentsOf: content)
    }

    mutating func add(_ text: String) { add(text.utf8) }

    /// Reads what was added, in the same order; nil where the bytes are not enough.
    struct Reader {
        private let bytes: [UInt8]
        private var place = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place == bytes.count }

        mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self)
            -> Number?
        {
            let size = MemoryLayout<Number>.size
            guard bytes.count - place >= size else { return nil }
            defer { place += size }
            return bytes.withUnsafeBytes {
                Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
            }
        }

        mutating func content() -> ArraySlice<UInt8>? {
            guard let count = number(UInt32.self).map(Int.init), count <= bytes.count - place else {
                return nil
            }
            defer { place += count }
            return bytes[place..<(place + count)]
        }

        mutating func text() -> String? {
            content().flatMap { String(validating: $0, as: UTF8.self) }
        }
    }

    /// FNV-1a, 64 bits: tells bytes that a disk has damaged from those that were written.
    static func sum(_ bytes: [UInt8]) -> Int64 {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return Int64(bitPattern: sum)
    }
}
