internal import FlowJSON
internal import Glibc

/// The numbers of the expression language: doubles, read and written by GitHub's rules.
enum ExpressionNumber {
    /// The number that a text stands for: blank is 0; decimal, `0x`, `0o` and `Infinity` are read;
    /// anything else is not-a-number.
    static func parse(_ text: String) -> Double {
        let bytes = Array(String(trimmed(text)).utf8)
        if bytes.isEmpty { return 0 }
        if bytes.count > 2, bytes[0] == UInt8(ascii: "0") {
            if bytes[1] == UInt8(ascii: "x") { return whole(bytes[2...], radix: 16) }
            if bytes[1] == UInt8(ascii: "o") { return whole(bytes[2...], radix: 8) }
        }
        let isSigned = bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+")
        if bytes.dropFirst(isSigned ? 1 : 0).elementsEqual("Infinity".utf8) {
            return bytes[0] == UInt8(ascii: "-") ? -.infinity : .infinity
        }
        guard isDecimal(bytes) else { return .nan }
        return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
    }

    /// A number as a value; unlike `JSON.number` it keeps what JSON cannot write.
    static func json(_ value: Double) -> JSON {
        value.isFinite ? .number(value) : .double(value)
    }

    /// The text of a number: 15 significant digits, `1E-05` from the fifth zero on, as .NET's `G15`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == 0 { return "0" }
        let (digits, exponent) = significant(abs(value))
        let sign = value < 0 ? "-" : ""
        if exponent >= 15 || exponent < -4 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let power = String(abs(exponent))
            return sign + digits.prefix(1) + fraction + "E" + (exponent < 0 ? "-" : "+")
                + (power.count < 2 ? "0" : "") + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let zeros = max(0, exponent + 1 - digits.count)
        let whole = digits.prefix(exponent + 1) + String(repeating: "0", count: zeros)
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// At most 15 digits without zeros at the end, and the power of ten of the first.
    private static func significant(_ value: Double) -> (digits: String, exponent: Int) {
        var buffer = [CChar](repeating: 0, count: 32)
        let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.14E", $0) }
        let text = String(
            decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = text.split(separator: "E")
        var digits = parts[0].filter { $0 != "." }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, Int(parts[1]) ?? 0)
    }

    private static func trimmed(_ text: String) -> Substring.UnicodeScalarView {
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars
    }

    private static func whole(_ digits: ArraySlice<UInt8>, radix: Double) -> Double {
        var value = 0.0
        for byte in digits {
            let digit: Double
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Double(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                digit = Double(byte - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = Double(byte - UInt8(ascii: "A")) + 10
            default: return .nan
            }
            guard digit < radix else { return .nan }
            value = value * radix + digit
        }
        return value
    }

    /// `[+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?`
    private static func isDecimal(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        func sign() {
            if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
                rest.removeFirst()
            }
        }
        func digits() -> Int {
            let tail = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            defer { rest = tail }
            return rest.count - tail.count
        }
        sign()
        var count = digits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            count += digits()
        }
        guard count > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            sign()
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }
}
