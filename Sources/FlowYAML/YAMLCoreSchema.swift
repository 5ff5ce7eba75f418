internal import FlowJSON

/// What plain text means in YAML 1.2.
enum YAMLCoreSchema {
    enum Value {
        case json(JSON)
        /// An infinity, not-a-number, or a number beyond the doubles.
        case notFinite
    }

    static func value(of text: String) -> Value {
        // Most text is none of these words, as its first letter tells.
        if let first = text.utf8.first, !"~ntfNTF.+-0123456789".utf8.contains(first) {
            return .json(.string(text))
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return .json(.null)
        case "true", "True", "TRUE": return .json(.bool(true))
        case "false", "False", "FALSE": return .json(.bool(false))
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
            "-.Inf", "-.INF":
            return .notFinite
        default: return number(text) ?? .json(.string(text))
        }
    }

    private static func number(_ text: String) -> Value? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, isDigit(first) || "+-.".utf8.contains(first) else {
            return nil
        }
        if text.hasPrefix("0o") { return whole(text.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return whole(text.dropFirst(2), radix: 16) }
        let unsigned = isDigit(first) || first == UInt8(ascii: ".") ? bytes[...] : bytes.dropFirst()
        if !unsigned.isEmpty, unsigned.allSatisfy(isDigit) {
            return Int(text).map { .json(.integer($0)) } ?? double(text)
        }
        return isFloat(unsigned) ? double(text) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func whole(_ digits: Substring, radix: Int) -> Value? {
        let limit = radix == 8 ? "01234567" : "0123456789abcdefABCDEF"
        guard !digits.isEmpty, digits.utf8.allSatisfy({ limit.utf8.contains($0) }) else {
            return nil
        }
        if let value = Int(digits, radix: radix) { return .json(.integer(value)) }
        var sum = 0.0
        for digit in digits { sum = sum * Double(radix) + Double(digit.hexDigitValue ?? 0) }
        return sum.isFinite ? .json(.double(sum)) : .notFinite
    }

    /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isFloat(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        func digits() -> Int {
            let count = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        let whole = digits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() + whole > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
            rest = rest.dropFirst()
        }
        return digits() > 0 && rest.isEmpty
    }

    /// Digits are added where YAML allows none and Swift's reader may ask for one: `1.`, `.5`.
    private static func double(_ text: String) -> Value {
        var sign = ""
        var rest = Substring(text)
        if let first = rest.first, first == "+" || first == "-" {
            sign = first == "-" ? "-" : ""
            rest = rest.dropFirst()
        }
        let mantissa = rest.prefix { $0 != "e" && $0 != "E" }
        let exponent = rest.dropFirst(mantissa.count)
        let full = (mantissa.first == "." ? "0" : "") + mantissa + (mantissa.last == "." ? "0" : "")
        guard let value = Double(sign + full + exponent), value.isFinite else { return .notFinite }
        return .json(.double(value))
    }
}
