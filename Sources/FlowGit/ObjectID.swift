internal import CGit2

/// The name of a git object: the 20 bytes of its SHA-1, held inline.
package struct ObjectID: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    /// 20 bytes; nil for any other number of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 20 else { return nil }
        self = bytes.withUnsafeBytes { Self(raw: $0) }
    }

    /// 40 hexadecimal digits of either case; nil for anything else, short names included.
    package init?(_ hex: some StringProtocol) {
        let digits = hex.utf8.compactMap { UInt8(hexadecimal: $0) }
        guard digits.count == 40, hex.utf8.count == 40 else { return nil }
        self.init(bytes: stride(from: 0, to: 40, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    private init(raw: UnsafeRawBufferPointer) {
        high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
        middle = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        low = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    init(_ oid: git_oid) {
        self = withUnsafeBytes(of: oid.id) { Self(raw: $0) }
    }

    init?(_ oid: UnsafePointer<git_oid>?) {
        guard let oid else { return nil }
        self.init(oid.pointee)
    }

    var oid: git_oid {
        var result = git_oid()
        withUnsafeMutableBytes(of: &result.id) { raw in
            raw.storeBytes(of: high.bigEndian, as: UInt64.self)
            raw.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
            raw.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
        return result
    }

    /// 40 lower-case hexadecimal digits.
    package var hex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(40)
        withUnsafeBytes(of: oid.id) { raw in
            for byte in raw { digits += [byte >> 4, byte & 15].map { $0 + ($0 < 10 ? 48 : 87) } }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The first seven digits, for people.
    package var short: String { String(hex.prefix(7)) }

    package var description: String { hex }

    package static func < (one: ObjectID, other: ObjectID) -> Bool {
        (one.high, one.middle, one.low) < (other.high, other.middle, other.low)
    }
}

extension UInt8 {
    fileprivate init?(hexadecimal digit: UInt8) {
        switch digit {
        case 48...57: self = digit - 48
        case 65...70: self = digit - 55
        case 97...102: self = digit - 87
        default: return nil
        }
    }
}
