/// The doubles of `weights.bin`: little-endian IEEE 754, one after the other.
struct ModelNumbers {
    private(set) var bytes: [UInt8] = []
    private var at = 0

    init() {}

    init(reading bytes: [UInt8]) { self.bytes = bytes }

    mutating func append(_ values: [Double]) {
        bytes.reserveCapacity(bytes.count + 8 * values.count)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
    }

    var isAtEnd: Bool { at == bytes.count }

    /// The next `count` numbers.
    /// - Throws: a sentence where there are fewer, or one is not finite.
    mutating func take(_ count: Int) throws(LineMistake) -> [Double] {
        guard count >= 0, count <= (bytes.count - at) / 8 else {
            throw LineMistake("weights.bin holds too few numbers")
        }
        let start = at
        at += 8 * count
        let values = bytes.withUnsafeBytes { buffer in
            (0..<count).map { place in
                Double(
                    bitPattern: UInt64(
                        littleEndian: buffer.loadUnaligned(
                            fromByteOffset: start + 8 * place, as: UInt64.self)))
            }
        }
        guard values.allSatisfy(\.isFinite) else {
            throw LineMistake("weights.bin holds a number that is not finite")
        }
        return values
    }
}
