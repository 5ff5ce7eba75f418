/// The forms in which a secret can come out of a program.
struct SecretEncodings {
    private(set) var plain: Set<[UInt8]> = []
    private(set) var base64: Set<[UInt8]> = []

    /// Every form of a value and of each of its lines that is long enough to be told from other text.
    init(_ value: String) {
        var texts: Set<String> = [value, Self.trimmed(value[...])]
        for line in value.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }) {
            let line = Self.trimmed(Substring(line))
            if line.unicodeScalars.count >= SecretMask.shortest { texts.insert(line) }
        }
        for text in texts {
            let bytes = Array(text.utf8)
            plain.insert(bytes)
            plain.formUnion(Self.urlEncoded(bytes))
            plain.formUnion(Self.jsonEscaped(text))
            base64.formUnion(Self.base64(bytes))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(Substring(scalars))
    }

    // MARK: Base64 (RFC 4648)

    private static let common = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// What the bytes become within the encoding of a longer text, whatever stands around them, for
    /// each of the three places that they can begin at; and what they become at its end.
    private static func base64(_ bytes: [UInt8]) -> [[UInt8]] {
        ["+/", "-_"].flatMap { last in
            let alphabet = common + Array(last.utf8)
            return (0..<3).flatMap { before in
                let (digits, whole) = digits([UInt8](repeating: 0, count: before) + bytes)
                // Digits that also hold bits of the bytes before are not the secret's alone.
                let first = (before * 8 + 5) / 6
                let inner = digits[first..<whole].map { alphabet[$0] }
                return [inner, inner + digits[whole...].map { alphabet[$0] }]
            }
        }
    }

    /// Six bits each, the last filled with zeros; and how many need no filling.
    private static func digits(_ bytes: [UInt8]) -> (digits: [Int], whole: Int) {
        var digits: [Int] = []
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                digits.append(bits >> count & 63)
            }
            bits &= (1 << count) - 1
        }
        let whole = digits.count
        if count > 0 { digits.append(bits << (6 - count) & 63) }
        return (digits, whole)
    }

    // MARK: Percent-encoding (RFC 3986)

    private static let alphanumeric = String(decoding: common, as: UTF8.self)

    /// What libraries leave as it is: RFC 3986, Python's `quote` and that before 3.7, JavaScript's
    /// `encodeURIComponent`, `encodeURI` and `escape`, HTML forms, PHP; and nothing at all.
    private static let plain =
        ["-._~", "-._~/", "-._/", "-._~!*'()", "-._~!*'();,/?:@&=+$#", "@*_+-./", "-._*", "-._"]
        .map { alphanumeric + $0 } + [""]

    private static func urlEncoded(_ bytes: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = []
        for plain in plain {
            for digits in [upper, lower] {
                // In queries a blank becomes `+`.
                for isQuery in [false, true] {
                    let form = bytes.flatMap { byte -> [UInt8] in
                        if plain.utf8.contains(byte) { return [byte] }
                        if byte == 0x20, isQuery { return [0x2B] }
                        return [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                    }
                    forms.insert(form)
                }
            }
        }
        return forms
    }

    private static let upper = Array("0123456789ABCDEF".utf8)
    private static let lower = Array("0123456789abcdef".utf8)

    // MARK: JSON strings (RFC 8259)

    /// Whether `/` is escaped (PHP), all that is not ASCII (Python), `<`, `>`, `&` and the line
    /// separators (Go), quotes and `+` by their numbers (.NET), and how hexadecimal digits are
    /// written.
    private static func jsonEscaped(_ text: String) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = []
        for choice in 0..<32 {
            let digits = choice & 1 == 0 ? lower : upper
            forms.insert(
                text.unicodeScalars.flatMap { scalar in
                    jsonEscaped(
                        scalar, digits, slash: choice & 2 != 0, foreign: choice & 4 != 0,
                        markup: choice & 8 != 0, quotes: choice & 16 != 0)
                })
        }
        return forms
    }

    private static func jsonEscaped(
        _ scalar: Unicode.Scalar, _ digits: [UInt8], slash: Bool, foreign: Bool, markup: Bool,
        quotes: Bool
    ) -> [UInt8] {
        switch scalar {
        case _ where quotes && "\"'+`".unicodeScalars.contains(scalar):
            return unicode(scalar, digits)
        case "\"": return Array("\\\"".utf8)
        case "\\": return Array("\\\\".utf8)
        case "\n": return Array("\\n".utf8)
        case "\r": return Array("\\r".utf8)
        case "\t": return Array("\\t".utf8)
        case "/": return Array((slash ? "\\/" : "/").utf8)
        case "<", ">", "&", "\u{2028}", "\u{2029}":
            return markup ? unicode(scalar, digits) : Array(String(scalar).utf8)
        default:
            let isEscaped = scalar.value < 0x20 || (foreign && scalar.value > 0x7E)
            return isEscaped ? unicode(scalar, digits) : Array(String(scalar).utf8)
        }
    }

    private static func unicode(_ scalar: Unicode.Scalar, _ digits: [UInt8]) -> [UInt8] {
        String(scalar).utf16.flatMap { unit in
            Array("\\u".utf8) + [12, 8, 4, 0].map { digits[Int(unit >> $0 & 15)] }
        }
    }
}
