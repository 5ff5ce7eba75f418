/// Takes tokens, keys, passwords, e-mail addresses and card numbers out of text that git will keep
/// (`design/security.md`, 9). One pass over the bytes; each look ahead or back is bounded.
package enum PrivacyMask {
    /// What stands where something private stood.
    enum Placeholder: String, CaseIterable {
        case email = "<email>"
        case card = "<card>"
        case token = "<token>"
        case secret = "<secret>"
        case key = "<key>"
    }

    /// The text with everything private replaced by `<email>`, `<card>`, `<token>`, `<secret>` or
    /// `<key>`; text with nothing private comes back as it is, and masking twice changes nothing.
    package static func masked(_ text: String) -> String {
        var text = text
        let replaced = text.withUTF8 { bytes -> [UInt8]? in
            var scanner = PrivacyScanner(bytes: bytes)
            return scanner.run()
        }
        return replaced.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Where the placeholder ends that begins at `at`; `at` itself where none does.
    static func placeholderEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        guard bytes[at] == UInt8(ascii: "<"), at + 4 < bytes.count else { return at }
        for word in placeholders where ASCII.matches(word, in: bytes, at) {
            return at + word.utf8CodeUnitCount
        }
        return at
    }

    private static let placeholders: [StaticString] = [
        "<email>", "<card>", "<token>", "<secret>", "<key>",
    ]
}

/// Comparing bytes with ASCII words.
enum ASCII {
    /// Whether `word` stands at `at`.
    static func matches(
        _ word: StaticString, in bytes: UnsafeBufferPointer<UInt8>, _ at: Int
    ) -> Bool {
        let end = at + word.utf8CodeUnitCount
        guard at >= 0, end <= bytes.count else { return false }
        return word.withUTF8Buffer { letters in
            for i in 0..<letters.count where letters[i] != bytes[at + i] { return false }
            return true
        }
    }

    /// The letters of ASCII in lower case, all else as it is.
    static func lower(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}

/// The pass itself.
private struct PrivacyScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var result: [UInt8] = []
    /// Bytes before this place are in `result`.
    var copied = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The new bytes; nil where nothing was private.
    mutating func run() -> [UInt8]? {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "<"):
                at = max(PrivacyMask.placeholderEnd(bytes, at), at + 1)
            case UInt8(ascii: "="), UInt8(ascii: ":"): at = afterSeparator(at)
            case UInt8(ascii: "@"): at = afterAt(at)
            case UInt8(ascii: "-"): at = afterDash(at)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                at = startsWord(at) ? afterDigit(at) : at + 1
            default: at = startsWord(at) ? afterWordStart(at) : at + 1
            }
        }
        guard copied > 0 else { return nil }
        result += bytes[copied...]
        return result
    }

    private mutating func replace(_ start: Int, _ end: Int, _ placeholder: PrivacyMask.Placeholder)
        -> Int
    {
        if start >= copied { result += bytes[copied..<start] }
        result += Array(placeholder.rawValue.utf8)
        copied = end
        return end
    }

    private func startsWord(_ at: Int) -> Bool {
        MessagePieces.isWordByte(bytes[at])
            && (at == 0 || !MessagePieces.isWordByte(bytes[at - 1]))
    }

    // MARK: names of secrets

    /// `password=…`, `"token": "…"`, and the password of `scheme://user:password@host`.
    private mutating func afterSeparator(_ at: Int) -> Int {
        if bytes[at] == UInt8(ascii: ":"), ASCII.matches("://", in: bytes, at) {
            return afterScheme(at)
        }
        guard namesSecret(before: at) else { return at + 1 }
        var start = at + 1
        while start < bytes.count, start < at + 4, bytes[start] == 0x20 { start += 1 }
        guard start < bytes.count else { return at + 1 }
        let quote = bytes[start]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            var end = start + 1
            while end < bytes.count, bytes[end] != quote { end += 1 }
            return end > start + 1 ? replace(start + 1, end, .secret) : end
        }
        var end = start
        while end < bytes.count, !endsValue(bytes[end]) { end += 1 }
        let spaced = start > at + 1
        guard end > start, PrivacyMask.placeholderEnd(bytes, start) == start,
            !spaced || looksSecret(start, end)
        else { return at + 1 }
        return replace(start, end, .secret)
    }

    private func endsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case ...0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: ")"),
            UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "<"), UInt8(ascii: ">"):
            true
        default: false
        }
    }

    /// After `password: ` a plain word is prose (`password: required`), all else a password.
    private func looksSecret(_ start: Int, _ end: Int) -> Bool {
        bytes[start..<end].contains { !MessagePieces.isLetter($0) && $0 != UInt8(ascii: ".") }
    }

    private func namesSecret(before at: Int) -> Bool {
        var end = at
        while end > 0, end > at - 3,
            bytes[end - 1] == UInt8(ascii: "\"")
                || bytes[end - 1] == UInt8(ascii: "'") || bytes[end - 1] == 0x20
        {
            end -= 1
        }
        var start = end
        while start > 0, start > end - 40,
            MessagePieces.isWordByte(bytes[start - 1])
                || bytes[start - 1] == UInt8(ascii: "-")
        {
            start -= 1
        }
        guard end - start >= 3 else { return false }
        let name = bytes[start..<end].map(ASCII.lower).filter { $0 != 0x2D && $0 != 0x5F }
        return Self.secretNames.contains { part in
            name.count >= part.count && (name.suffix(part.count).elementsEqual(part))
        }
    }

    /// What the last part of a secret's name is, without `-` and `_`.
    private static let secretNames = [
        "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey",
        "secretkey", "privatekey", "authkey", "signingkey", "encryptionkey", "accesskeyid",
        "credential", "credentials", "sessionid", "sessionkey", "cookie", "authorization",
        "clientsecret", "authtoken", "csrf", "signature", "otp", "cvv", "ssn",
    ].map { Array($0.utf8) }

    private mutating func afterScheme(_ at: Int) -> Int {
        let start = at + 3
        var colon = 0
        var end = start
        while end < bytes.count, end < start + 256 {
            let byte = bytes[end]
            if byte == UInt8(ascii: "@") {
                return colon > 0 && end > colon + 1 ? replace(colon + 1, end, .secret) : end + 1
            }
            if byte <= 0x20 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") { break }
            if byte == UInt8(ascii: ":"), colon == 0 { colon = end }
            end += 1
        }
        return start
    }

    // MARK: addresses, keys

    private mutating func afterAt(_ at: Int) -> Int {
        var start = at
        while start > copied, start > at - 64, Self.isLocal(bytes[start - 1]) { start -= 1 }
        var end = at + 1
        var dot = 0
        while end < bytes.count, end < at + 254,
            MessagePieces.isWordByte(bytes[end]) || bytes[end] == UInt8(ascii: "-")
                || (bytes[end] == UInt8(ascii: ".") && end + 1 < bytes.count
                    && MessagePieces.isWordByte(bytes[end + 1]))
        {
            if bytes[end] == UInt8(ascii: ".") { dot = end }
            end += 1
        }
        let zone = bytes[max(dot, 0)..<end].dropFirst()
        guard start < at, dot > at + 1, zone.count >= 2, zone.allSatisfy(MessagePieces.isLetter)
        else { return at + 1 }
        return replace(start, end, .email)
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        MessagePieces.isWordByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "%")
    }

    /// A private key in PEM armour, up to its end or the end of the text.
    private mutating func afterDash(_ at: Int) -> Int {
        guard ASCII.matches("-----BEGIN ", in: bytes, at) else { return at + 1 }
        var end = at + 11
        while end < bytes.count, !ASCII.matches("-----END ", in: bytes, end) { end += 1 }
        let head = String(decoding: bytes[at..<min(at + 64, bytes.count)], as: UTF8.self)
        guard head.contains("PRIVATE KEY") else { return at + 11 }
        end = min(end + 9, bytes.count)
        while end < bytes.count, bytes[end] != UInt8(ascii: "-") { end += 1 }
        while end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
        return replace(at, end, .key)
    }

    // MARK: cards and tokens

    /// 13–19 digits, in groups or not, that a card's first digit begins and Luhn's sum allows.
    private mutating func afterDigit(_ at: Int) -> Int {
        var end = at
        var last = at
        var digits: [UInt8] = []
        while end < bytes.count, digits.count < 20 {
            if MessagePieces.isDigit(bytes[end]) {
                digits.append(bytes[end] - 0x30)
                end += 1
                last = end
            } else if end > at, bytes[end] == 0x20 || bytes[end] == UInt8(ascii: "-"),
                end == last, end + 1 < bytes.count, MessagePieces.isDigit(bytes[end + 1])
            {
                end += 1
            } else {
                break
            }
        }
        let bounded =
            last == bytes.count
            || (!MessagePieces.isWordByte(bytes[last]) && bytes[last] != UInt8(ascii: "."))
        if bounded, (13...19).contains(digits.count), (2...6).contains(digits[0]), luhn(digits) {
            return replace(at, last, .card)
        }
        return afterWordStart(at)
    }

    private func luhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = Int(digit) << (place & 1)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    private mutating func afterWordStart(_ at: Int) -> Int {
        for (prefix, least) in Self.tokenPrefixes where ASCII.matches(prefix, in: bytes, at) {
            let end = tokenEnd(at + prefix.utf8CodeUnitCount)
            if end - at >= least { return replace(at, end, .token) }
        }
        for scheme in Self.schemes where ASCII.matches(scheme, in: bytes, at) {
            let start = at + scheme.utf8CodeUnitCount
            let end = tokenEnd(start)
            if end - start >= 12 { return replace(start, end, .token) }
        }
        var end = at + 1
        while end < bytes.count, MessagePieces.isWordByte(bytes[end]) { end += 1 }
        return end
    }

    private func tokenEnd(_ start: Int) -> Int {
        var end = start
        while end < bytes.count,
            MessagePieces.isLetter(bytes[end]) || MessagePieces.isDigit(bytes[end])
                || bytes[end] == UInt8(ascii: "_") || bytes[end] == UInt8(ascii: "-")
                || bytes[end] == UInt8(ascii: ".") || bytes[end] == UInt8(ascii: "+")
                || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: "=")
        {
            end += 1
        }
        while end > start, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return end
    }

    private static let schemes: [StaticString] = ["Bearer ", "bearer ", "Basic ", "basic "]

    /// How the tokens of well-known services begin, and their least length.
    private static let tokenPrefixes: [(StaticString, Int)] = [
        ("ghp_", 20), ("gho_", 20), ("ghs_", 20), ("ghu_", 20), ("ghr_", 20),
        ("github_pat_", 24), ("glpat-", 20), ("xoxb-", 16), ("xoxp-", 16), ("xoxa-", 16),
        ("xoxs-", 16), ("sk-", 24), ("sk_live_", 16), ("sk_test_", 16), ("pk_live_", 16),
        ("rk_live_", 16), ("AKIA", 20), ("ASIA", 20), ("AIza", 35), ("eyJ", 30), ("npm_", 30),
        ("pypi-", 30), ("hf_", 24), ("SG.", 30), ("ya29.", 24), ("dop_v1_", 30),
    ]
}
