/// Turns UTF-16 into UTF-8; half a pair becomes U+FFFD.
final class UTF16Unpacker: Unpacker {
    private let bigEndian: Bool
    private var high: UInt16?
    private var isFirst = true

    init(bigEndian: Bool) { self.bigEndian = bigEndian }

    var isWhole: Bool { high == nil }

    func unpack(_ packed: ArraySlice<UInt8>, room: Int) throws(Damage) -> (
        bytes: [UInt8], used: Int
    ) {
        var bytes: [UInt8] = []
        var at = packed.startIndex
        // a unit gives at most three bytes, and three for a lone half before it
        while at + 1 < packed.endIndex, bytes.count + 6 <= room {
            let (one, two) = (UInt16(packed[at]), UInt16(packed[at + 1]))
            at += 2
            take(bigEndian ? one << 8 | two : two << 8 | one, &bytes)
        }
        return (bytes, at - packed.startIndex)
    }

    private func take(_ unit: UInt16, _ bytes: inout [UInt8]) {
        defer { isFirst = false }
        if isFirst, unit == 0xFEFF { return }
        if let first = high {
            high = nil
            if unit & 0xFC00 == 0xDC00 {
                let value = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(unit & 0x3FF)
                return append(value, &bytes)
            }
            append(0xFFFD, &bytes)
        }
        if unit & 0xFC00 == 0xD800 {
            high = unit
        } else {
            append(UInt32(unit), &bytes)
        }
    }

    private func append(_ value: UInt32, _ bytes: inout [UInt8]) {
        bytes += Array(String(Unicode.Scalar(value).map(Character.init) ?? "\u{FFFD}").utf8)
    }
}
