/// Reads small things from the front of a line of ASCII; what does not fit moves nothing.
struct ByteCursor {
    let bytes: ArraySlice<UInt8>
    var at: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    var isAtEnd: Bool { at >= bytes.endIndex }
    var next: UInt8? { at < bytes.endIndex ? bytes[at] : nil }
    var rest: ArraySlice<UInt8> { bytes[at...] }

    func peek(_ ahead: Int) -> UInt8? { at + ahead < bytes.endIndex ? bytes[at + ahead] : nil }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        at += 1
        return true
    }

    mutating func skipBlanks() {
        while next == 0x20 || next == 0x09 { at += 1 }
    }

    /// A number of `digits` digits.
    mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, let byte = peek(count), MessagePieces.isDigit(byte) {
            value = value * 10 + Int(byte - 0x30)
            count += 1
        }
        guard digits.contains(count) else { return nil }
        at += count
        return value
    }

    /// The letters that stand here, up to `most`.
    mutating func letters(most: Int = 12) -> String {
        let start = at
        while let next, at - start < most, MessagePieces.isLetter(next) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// `+02:00`, `-0530`, `+2`, in seconds east of UTC.
    mutating func zoneOffset() -> Int? {
        let start = at
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(1...2), hours <= 18 else {
            at = start
            return nil
        }
        let beforeColon = at
        let colon = skip(":")
        guard let minutes = number(2...2), minutes < 60 else {
            at = colon ? beforeColon : at
            return sign * hours * 3600
        }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// `.123`, `,123456`, in microseconds; the rest is cut.
    mutating func fraction() -> Int? {
        guard next == UInt8(ascii: ".") || next == UInt8(ascii: ","),
            let digit = peek(1), MessagePieces.isDigit(digit)
        else { return nil }
        at += 1
        var value = 0
        var count = 0
        while let next, MessagePieces.isDigit(next) {
            if count < 6 { value = value * 10 + Int(next - 0x30) }
            count += 1
            at += 1
        }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }
}
