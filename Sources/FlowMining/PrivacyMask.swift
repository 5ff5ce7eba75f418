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
    /// `<key>`, and what `own` matches by `<mask:name>`; text with nothing of it comes back as it is,
    /// and masking twice changes nothing.
    package static func masked(_ text: String, _ own: MessageMasks = MessageMasks()) -> String {
        let matches = own.matches(in: text)
        var text = text
        let masked = text.withUTF8 { bytes -> String? in
            var scanner = PrivacyScanner(bytes: bytes)
            scanner.run()
            let parts =
                matches.isEmpty
                ? scanner.found
                : MaskedPart.joined(MaskedPart.placed(in: bytes) + matches + scanner.found)
            return parts.isEmpty ? nil : MaskedPart.spliced(bytes, parts)
        }
        return masked ?? text
    }

    /// Where the placeholder ends that begins at `at`; `at` itself where none does.
    static func placeholderEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        guard bytes[at] == UInt8(ascii: "<"), at + 4 < bytes.count else { return at }
        for word in placeholders where ASCII.matches(word, in: bytes, at) {
            return at + word.utf8CodeUnitCount
        }
        return MessageMasks.placeholderEnd(bytes, at)
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
    /// What is private, in order.
    var found: [MaskedPart] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func run() {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "<"):
                // its `>` may also end an element's name: `<token>…</token>`
                at = max(PrivacyMask.placeholderEnd(bytes, at) - 1, at + 1)
            case UInt8(ascii: "="), UInt8(ascii: ":"): at = afterSeparator(at)
            case UInt8(ascii: ">"): at = afterTag(at)
            case UInt8(ascii: "@"): at = afterAt(at, width: 1)
            case UInt8(ascii: "%") where ASCII.matches("%40", in: bytes, at):
                at = afterAt(at, width: 3)
            case UInt8(ascii: "-"): at = afterDash(at)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                at = startsWord(at) ? afterDigit(at) : at + 1
            default: at = startsWord(at) ? afterWordStart(at) : at + 1
            }
        }
    }

    private mutating func replace(_ start: Int, _ end: Int, _ placeholder: PrivacyMask.Placeholder)
        -> Int
    {
        found.append(MaskedPart(start: start, end: end, placeholder: placeholder.rawValue))
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
        guard let name = secretName(before: at) else { return at + 1 }
        var start = at + 1
        // `==`, `:=` and `=>`
        if start < bytes.count,
            bytes[start] == UInt8(ascii: "=") || bytes[start] == UInt8(ascii: ">")
        {
            start += 1
        }
        let isAssigned = start > at + 1 || bytes[at] == UInt8(ascii: "=")
        let operatorEnd = start
        start = blanksEnd(start)
        if let open = quoteEnd(start) { return afterQuote(open) }
        var end = start
        let isCookie = name == "cookie"
        while end < bytes.count, isCookie ? !endsLine(bytes[end]) : !endsValue(bytes[end]) {
            end += 1
        }
        guard end > start, PrivacyMask.placeholderEnd(bytes, start) == start else { return at + 1 }
        if name == "authorization", let shown = afterAuthorization(start, end) { return shown }
        // an unexpected token = is one of a program's text
        if start == operatorEnd || looksSecret(start, end) || isAssigned && name != "token" {
            return replace(start, end, .secret)
        }
        return at + 1
    }

    /// What follows the name of a scheme: `Authorization: Token …`. Behind one of HTTP's own any word
    /// is a credential, behind others (`authorization: needed for it`) what does not look like prose.
    private mutating func afterAuthorization(_ first: Int, _ scheme: Int) -> Int? {
        let start = blanksEnd(scheme)
        guard start > scheme, start < bytes.count else { return nil }
        let isKnown = Self.authorizationSchemes.contains { isWord($0, first, scheme) }
        if PrivacyMask.placeholderEnd(bytes, start) > start { return isKnown ? start : nil }
        var end = start
        while end < bytes.count, !endsValue(bytes[end]) { end += 1 }
        return isKnown && end > start || end > start + 5 && looksSecret(start, end)
            ? replace(start, end, .token) : nil
    }

    /// Of the registry of HTTP authentication schemes (IANA), and what services have made up.
    private static let authorizationSchemes = [
        "basic", "bearer", "digest", "negotiate", "ntlm", "token", "apikey", "hoba", "mutual",
        "oauth", "dpop", "gnap", "privatetoken", "vapid",
    ]

    /// `<password>…</password>`.
    private mutating func afterTag(_ at: Int) -> Int {
        guard secretName(before: at) != nil, let name = tagName(before: at) else { return at + 1 }
        var end = at + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "<") { end += 1 }
        let close = end + 2 + name.count
        guard end > at + 1, close < bytes.count, bytes[end + 1] == UInt8(ascii: "/"),
            bytes[(end + 2)..<close].elementsEqual(bytes[name]), bytes[close] == bytes[at]
        else { return at + 1 }
        return replace(at + 1, end, .secret)
    }

    /// The name of an element, with that of its namespace, before the `>` of its start.
    private func tagName(before at: Int) -> Range<Int>? {
        var start = at
        while start > 0, start > at - 64,
            MessagePieces.isWordByte(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "-")
                || bytes[start - 1] == UInt8(ascii: ":")
        {
            start -= 1
        }
        return start > 0 && bytes[start - 1] == UInt8(ascii: "<") ? start..<at : nil
    }

    private func blanksEnd(_ start: Int) -> Int {
        var at = start
        while at < bytes.count, at < start + 32, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        return at
    }

    /// The end of an opening quote: `"`, `\"` as in quoted JSON, `b'` as Python prints bytes.
    private func quoteEnd(_ start: Int) -> Int? {
        var at = start
        if at + 1 < bytes.count, "buBU".utf8.contains(bytes[at]), isQuote(at + 1) { at += 1 }
        while at < bytes.count, bytes[at] == UInt8(ascii: "\\") { at += 1 }
        return at < bytes.count && isQuote(at) ? at + 1 : nil
    }

    private func isQuote(_ at: Int) -> Bool {
        bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'")
    }

    /// The value behind an opening quote, up to the same quote with no more backslashes before it.
    private mutating func afterQuote(_ start: Int) -> Int {
        let slashes = slashes(before: start - 1)
        var end = start
        while end < bytes.count,
            bytes[end] != bytes[start - 1] || self.slashes(before: end) > slashes
        {
            end += 1
        }
        if end < bytes.count { end -= slashes }
        return end > start ? replace(start, end, .secret) : start
    }

    private func slashes(before at: Int) -> Int {
        var count = 0
        while count < 8, at - count > 0, bytes[at - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return count
    }

    private func endsLine(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
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

    /// Which name of a secret ends before a separator; quotes, blanks and a number may be between.
    private func secretName(before at: Int) -> String? {
        var end = at
        while end > 0, end > at - 4,
            isQuote(end - 1) || bytes[end - 1] == 0x20
                || bytes[end - 1] == UInt8(ascii: "\\")
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
        while end > start, MessagePieces.isDigit(bytes[end - 1]) { end -= 1 }
        guard end - start >= 3 else { return nil }
        let name = bytes[start..<end].map(ASCII.lower).filter { $0 != 0x2D && $0 != 0x5F }
        let found = Self.secretNames.first { part in
            name.count >= part.utf8.count && name.suffix(part.utf8.count).elementsEqual(part.utf8)
        }
        // at the end of other names it is none: `bypass`
        let isPass =
            name.suffix(4).elementsEqual("pass".utf8)
            && (end - start == 4 || !MessagePieces.isLetter(bytes[end - 5]))
        // of a signed address; elsewhere it is a signal's number
        let isSigned =
            name.elementsEqual("sig".utf8) && start > 0
            && (bytes[start - 1] == UInt8(ascii: "&") || bytes[start - 1] == UInt8(ascii: "?"))
        return found ?? (isPass ? "pass" : isSigned ? "signature" : nil)
    }

    /// What the last part of a secret's name is, without `-` and `_`.
    private static let secretNames = [
        "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey",
        "secretkey", "privatekey", "authkey", "signingkey", "encryptionkey", "accesskeyid",
        "credential", "credentials", "sessionid", "sessionkey", "cookie", "authorization",
        "clientsecret", "authtoken", "csrf", "signature", "otp", "cvv", "ssn", "passcode",
        "sessid",
    ]

    /// What stands before the last `@` of the server's name is who asks for it; a long name without a
    /// password is a token.
    private mutating func afterScheme(_ at: Int) -> Int {
        let start = at + 3
        var colon = 0
        var last = 0
        var end = start
        while end < bytes.count, end < start + 512 {
            let byte = bytes[end]
            if byte == UInt8(ascii: "@") { last = end }
            if byte <= 0x20 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?")
                || byte == UInt8(ascii: "#")
            {
                break
            }
            if byte == UInt8(ascii: ":"), colon == 0, last == 0 { colon = end }
            end += 1
        }
        guard last > start else { return start }
        let name = colon > 0 ? colon : last
        if name - start >= Self.leastToken { return replace(start, last, .token) }
        return colon > 0 && last > colon + 1 ? replace(colon + 1, last, .secret) : last + 1
    }

    /// A name before a server that is as long is no person's.
    private static let leastToken = 20

    // MARK: addresses, keys

    /// - Parameter width: of the `@`, which may be encoded as in URLs.
    private mutating func afterAt(_ at: Int, width: Int) -> Int {
        var start = at
        let free = max(found.last?.end ?? 0, at - 64)
        while start > free, isLocal(start - 1) { start -= 1 }
        var end = at + width
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
        let isZone =
            zone.allSatisfy(MessagePieces.isLetter) || ASCII.matches("xn--", in: bytes, dot + 1)
        guard start < at, dot > at + width, zone.count >= 2, isZone else { return at + width }
        return replace(start, end, .email)
    }

    private func isLocal(_ at: Int) -> Bool {
        switch bytes[at] {
        case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "%"): true
        // O'Brien
        case UInt8(ascii: "'"): at > 0 && MessagePieces.isLetter(bytes[at - 1])
        default: MessagePieces.isWordByte(bytes[at])
        }
    }

    /// A private key in PEM armour, up to its end or the end of the text; `--password …`.
    private mutating func afterDash(_ at: Int) -> Int {
        guard ASCII.matches("-----BEGIN ", in: bytes, at) else { return afterOption(at) }
        var end = at + 11
        while end < bytes.count, !ASCII.matches("-----END ", in: bytes, end) { end += 1 }
        let head = String(decoding: bytes[at..<min(at + 64, bytes.count)], as: UTF8.self)
        guard head.contains("PRIVATE KEY") else { return at + 11 }
        end = min(end + 9, bytes.count)
        while end < bytes.count, bytes[end] != UInt8(ascii: "-") { end += 1 }
        while end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
        return replace(at, end, .key)
    }

    private mutating func afterOption(_ at: Int) -> Int {
        guard at + 2 < bytes.count, bytes[at + 1] == UInt8(ascii: "-"),
            at == 0 || bytes[at - 1] != UInt8(ascii: "-")
        else { return at + 1 }
        var end = at + 2
        while end < bytes.count, MessagePieces.isWordByte(bytes[end]) || bytes[end] == 0x2D {
            end += 1
        }
        let start = blanksEnd(end)
        guard start > end, start < bytes.count, secretName(before: end) != nil else {
            return at + 2
        }
        if let open = quoteEnd(start) { return afterQuote(open) }
        end = start
        while end < bytes.count, !endsValue(bytes[end]) { end += 1 }
        return end > start && bytes[start] != 0x2D ? replace(start, end, .secret) : at + 2
    }

    // MARK: cards and tokens

    /// 13–19 digits, in groups or not, that a card's first digit begins and Luhn's sum allows; what
    /// follows in groups may be its date.
    private mutating func afterDigit(_ at: Int) -> Int {
        var end = at
        var digits: [UInt8] = []
        var card = at
        while end < bytes.count, digits.count < 19 {
            if MessagePieces.isDigit(bytes[end]) {
                digits.append(bytes[end] - 0x30)
                end += 1
                if digits.count >= 13, endsNumber(end), (2...6).contains(digits[0]), luhn(digits) {
                    card = end
                }
            } else if bytes[end] == 0x20 || bytes[end] == UInt8(ascii: "-"),
                end + 1 < bytes.count, MessagePieces.isDigit(bytes[end + 1])
            {
                end += 1
            } else {
                break
            }
        }
        return card > at ? replace(at, card, .card) : afterWordStart(at)
    }

    private func endsNumber(_ at: Int) -> Bool {
        guard at < bytes.count else { return true }
        if bytes[at] != UInt8(ascii: ".") { return !MessagePieces.isWordByte(bytes[at]) }
        return at + 1 == bytes.count || !MessagePieces.isWordByte(bytes[at + 1])
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
        if at == 0 || bytes[at - 1] == 0x0A, let end = armourEnd(at) {
            return replace(at, end, .key)
        }
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
        return quotedPassword(afterWord: at, end).map { afterQuote($0) } ?? end
    }

    /// Where the text begins of SQL's `PASSWORD '…'` and `IDENTIFIED BY '…'`.
    private func quotedPassword(afterWord at: Int, _ end: Int) -> Int? {
        let start = blanksEnd(end)
        guard start > end, start < bytes.count, bytes[start] == UInt8(ascii: "'"),
            isWord("password", at, end)
                || isWord("by", at, end) && at >= 11
                    && isWord("identified", at - 11, at - 1)
        else { return nil }
        return start + 1
    }

    private func isWord(_ word: String, _ start: Int, _ end: Int) -> Bool {
        bytes[start..<end].lazy.map(ASCII.lower).elementsEqual(word.utf8)
    }

    /// The end of a line of a key in PEM armour, which readers of single lines meet alone: 64
    /// characters of base64 (RFC 7468), small and large letters among them, unlike a SHA-256.
    private func armourEnd(_ at: Int) -> Int? {
        let end = at + 64
        guard end <= bytes.count, end == bytes.count || bytes[end] <= 0x20 else { return nil }
        var (small, large) = (false, false)
        for byte in bytes[at..<end] {
            if byte &- 0x61 < 26 {
                small = true
            } else if byte &- 0x41 < 26 {
                large = true
            } else if !MessagePieces.isDigit(byte), byte != UInt8(ascii: "+"),
                byte != UInt8(ascii: "/"), byte != UInt8(ascii: "=")
            {
                return nil
            }
        }
        return small && large ? end : nil
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
        ("xapp-", 20), ("whsec_", 20), ("shpat_", 20),
    ]
}
