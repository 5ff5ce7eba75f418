/// The numbers of `weights.bin`: little-endian IEEE 754, one after the other.
struct ModelNumbers {
    private(set) var bytes: [UInt8] = []
    private var at = 0

    init() {}

    init(reading bytes: [UInt8]) { self.bytes = bytes }

    // Closures: a key path of two steps is looked up for every number, which took longer than all
    // else in writing a model.
    mutating func append(_ values: [Double]) { append(values.map { $0.bitPattern.littleEndian }) }

    mutating func append(_ values: [Float]) { append(values.map { $0.bitPattern.littleEndian }) }

    private mutating func append(_ patterns: [some FixedWidthInteger]) {
        patterns.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    var isAtEnd: Bool { at == bytes.count }

    /// The next `count` numbers.
    /// - Throws: a sentence where there are fewer, or one is not finite.
    mutating func take(_ count: Int) throws(LineMistake) -> [Double] {
        let values = try take(count, of: UInt64.self).map { Double(bitPattern: $0) }
        return try Self.finite(values)
    }

    /// The same in single precision.
    mutating func takeFloats(_ count: Int) throws(LineMistake) -> [Float] {
        let values = try take(count, of: UInt32.self).map { Float(bitPattern: $0) }
        return try Self.finite(values)
    }

    private mutating func take<Pattern: FixedWidthInteger>(_ count: Int, of: Pattern.Type)
        throws(LineMistake) -> [Pattern]
    {
        let size = MemoryLayout<Pattern>.size
        guard count >= 0, count <= (bytes.count - at) / size else {
            throw LineMistake("weights.bin holds too few numbers")
        }
        let start = at
        at += size * count
        return bytes.withUnsafeBytes { buffer in
            (0..<count).map { place in
                Pattern(
                    littleEndian: buffer.loadUnaligned(
                        fromByteOffset: start + size * place, as: Pattern.self))
            }
        }
    }

    private static func finite<Number: BinaryFloatingPoint>(_ values: [Number])
        throws(LineMistake) -> [Number]
    {
        guard values.allSatisfy(\.isFinite) else {
            throw LineMistake("weights.bin holds a number that is not finite")
        }
        return values
    }
}
