import FlowTestSupport
import FlowText
import Testing

/// Secrets in all their encodings, whole and in pieces.
@Suite struct SecretMaskTests {
    private static func mask(_ values: String...) throws -> SecretMask {
        try SecretMask(values.enumerated().map { ("S\($0)", $1) })
    }

    @Test(
        "a secret is hidden in every encoding",
        arguments: [
            ("the key is pa/ss+wörd!", "the key is ***!"),
            // base64 of "pa/ss+wörd" after 0, 1 and 2 bytes, with and without more behind it.
            ("cGEvc3MrdMO2cmQ=", "cGEvc3MrdMO2cmQ="),
            ("cGEvc3Mrd8O2cmQ=", "***="),
            ("cGEvc3Mrd8O2cmQhIQ==", "***hIQ=="),
            ("eHBhL3NzK3fDtnJk", "eH***"),
            ("eHhwYS9zcyt3w7ZyZA==", "eHh***=="),
            ("eHhwYS9zcyt3w7ZyZCEh", "eHh***CEh"),
            ("pa%2Fss%2Bw%C3%B6rd", "***"),
            ("pa%2fss%2bw%c3%b6rd", "***"),
            ("pa/ss%2Bw%C3%B6rd", "***"),
            ("{\"a\":\"pa\\/ss+w\\u00f6rd\"}", "{\"a\":\"***\"}"),
            ("pa/ss+w\\u00F6rd", "***"), ("pa/ss\\u002Bw\\u00F6rd", "***"),
            ("pa/ss+wörpa/ss+wörd", "pa/ss+wör***"),
            ("pa/ss+wördpa/ss+wörd pa/ss+wörd", "*** ***"),
        ])
    func encodings(_ text: String, _ expected: String) throws {
        let mask = try Self.mask("pa/ss+wörd")
        #expect(mask.mask(text) == expected)
        #expect(mask.contains(text.utf8) == (text != expected))
        #expect(!mask.contains(mask.mask(text).utf8))
    }

    @Test("base64 in the URL's alphabet is hidden too")
    func urlAlphabet() throws {
        let mask = try Self.mask("~~~???>>>")
        #expect(mask.mask("fn5-Pz8_Pj4- fn5+Pz8/Pj4+") == "*** ***")
    }

    @Test("base64 that is broken into lines is hidden too", arguments: ["\n", "\r\n", "\n    "])
    func broken(_ end: String) throws {
        let mask = try Self.mask("pa/ss+wörd")
        // `base64 -w 64` of 46 times "x", the secret, and 30 times "x".
        let before = String(repeating: "eHh4", count: 15)
        let after = String(repeating: "eHh4", count: 10)
        let text = before + "eHBh" + end + "L3NzK3fDtnJk" + after
        #expect(mask.mask(text) == before + "eH***" + after)
        let prose = "see eHBh" + end + "L3NzK3fDtnJk"
        #expect(mask.mask(prose) == "see eH***")
        #expect(Self.streamed(prose, mask) == prose, "nobody waits for the end of a line of prose")
    }

    @Test("base64 is hidden however short its lines are", arguments: 1...76)
    func wrapped(_ width: Int) throws {
        let secret = "pa/ss+wörd"
        let mask = try Self.mask(secret)
        for before in ["", "x", "xx"] {
            let digits = Self.base64(Array((before + secret + "yz").utf8))
            let lines = stride(from: 0, to: digits.count, by: width)
                .map { String(digits.dropFirst($0).prefix(width)) }
            for text in [lines.joined(separator: "\n"), lines.joined(separator: "\r\n  ")] {
                for head in ["", "log\n", "log\n  ", "log: "] {
                    let isProse = head == "log: " && width < 16
                    let text = head + text + "\n"
                    let masked = mask.mask(text)
                    #expect(isProse || Self.streamed(text, mask) == masked)
                    let digits = masked.dropFirst(head.count).filter { !$0.isWhitespace }
                    #expect(digits.contains("***"), "\(text)")
                    // At most the digits that the secret shares with what stands around it are left.
                    #expect(digits.count <= 2 * 4 + 3, "\(text) \(masked)")
                }
            }
        }
    }

    private static func streamed(_ text: String, _ mask: SecretMask) -> String {
        var stream = mask.stream()
        var out: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { stream.write($0) { out.append(contentsOf: $0) } }
        stream.finish { out.append(contentsOf: $0) }
        return String(decoding: out, as: UTF8.self)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return stride(from: 0, to: bytes.count, by: 3).map { place in
            let three = bytes[place..<min(place + 3, bytes.count)]
            let bits = (0..<3).reduce(0) { bits, next in
                bits << 8 | (next < three.count ? Int(bytes[place + next]) : 0)
            }
            let text = (0..<4).map { digits[bits >> (18 - 6 * $0) & 63] }
            return String(text.prefix(three.count + 1))
                + String(repeating: "=", count: 3 - three.count)
        }.joined()
    }

    @Test(
        "percent-encoding is hidden in every dialect",
        arguments: [
            "pa%20ss~w%2Frd", "pa+ss~w%2frd", "pa+ss%7Ew%2Frd", "pa%20ss%7Ew/rd", "pa+ss~w/rd",
            "%70%61%20%73%73%7e%77%2f%72%64", "%70%61%20%73%73%7E%77%2F%72%64",
        ])
    func percent(_ text: String) throws {
        #expect(try Self.mask("pa ss~w/rd").mask("<\(text)>") == "<***>")
    }

    @Test("of a secret of several lines each is hidden, short ones only within the whole")
    func lines() throws {
        let mask = try Self.mask("-----BEGIN KEY-----\r\n  MIIabcdef\nxyz\n")
        #expect(mask.mask("a MIIabcdef b xyz") == "a *** b xyz")
        #expect(mask.mask("-----BEGIN KEY-----\n") == "***\n")
        #expect(
            mask.mask("<-----BEGIN KEY-----\\r\\n  MIIabcdef\\nxyz\\n>") == "<***>", "JSON")
        #expect(mask.mask("TUlJYWJjZGVm") == "***", "base64 of a line")
    }

    @Test("secrets that overlap become one sign, the longer of two wins")
    func overlap() throws {
        let mask = try Self.mask("abcdefgh", "efghijkl", "cdefghijklmn", "defghi")
        #expect(mask.mask("abcdefghijkl.") == "***.")
        #expect(mask.mask("abcdefghijklmn.") == "***.")
        #expect(mask.mask("_defghi_") == "_***_")
    }

    @Test("a secret of fewer than six characters is refused by name, never by value")
    func short() throws {
        for value in ["", "12345", "äöüäö", "  ab  \n"] {
            #expect(!SecretMask.canHide(value))
            let error = #expect(throws: SecretError.self) {
                try SecretMask([("LONG", "123456"), ("PIN", value)])
            }
            #expect(
                error?.description == "the secret PIN is shorter than 6 characters, so it could "
                    + "not be hidden in logs; use a longer one")
        }
    }

    @Test("without secrets bytes pass as they are, in the pieces in which they came")
    func none() throws {
        var stream = SecretMask.none.stream()
        var pieces = 0
        Array("some text".utf8).withUnsafeBytes { all in
            stream.write(all) { piece in
                #expect(piece.baseAddress == all.baseAddress)
                pieces += 1
            }
        }
        stream.finish { _ in pieces += 1 }
        #expect(pieces == 1 && SecretMask.none.isEmpty && !SecretMask.none.contains([1, 2]))
    }

    @Test("a stream holds back no more than may become a secret")
    func held() throws {
        var stream = try Self.mask("secret-value").stream()
        var out = ""
        func write(_ text: String) {
            Array(text.utf8).withUnsafeBytes {
                stream.write($0) { out += String(decoding: $0, as: UTF8.self) }
            }
        }
        write("line\n")
        #expect(out == "line\n")
        write("a secret-val")
        #expect(out == "line\na ")
        write("id")
        #expect(out == "line\na secret-valid")
        write("secret-value")
        #expect(out == "line\na secret-valid***")
        write("secret")
        stream.finish { out += String(decoding: $0, as: UTF8.self) }
        #expect(out == "line\na secret-valid***secret")
    }

    /// Every place that a form covers, by looking for each form everywhere.
    private static func plainly(_ bytes: [UInt8], _ forms: [[UInt8]]) -> [UInt8] {
        var covered = [Bool](repeating: false, count: bytes.count)
        for form in forms where form.count <= bytes.count {
            for start in 0...(bytes.count - form.count)
            where bytes[start..<(start + form.count)].elementsEqual(form) {
                for place in start..<(start + form.count) { covered[place] = true }
            }
        }
        var masked: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            if !covered[place] {
                masked.append(byte)
            } else if place == 0 || !covered[place - 1] {
                masked += SecretMask.replacement.utf8
            }
        }
        return masked
    }

    @Test("split anywhere, a stream gives what the whole text would, and what a plain search would")
    func splits() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for round in 0..<400 {
            // Letters of a small alphabet, so that secrets overlap and nearly match all the time; none
            // that an encoding would change.
            func text(_ count: Int) -> [UInt8] {
                (0..<count).map { _ in Array("ab-".utf8).randomElement(using: &generator) ?? 0 }
            }
            let secrets = (1...4).map { _ in text(Int.random(in: 6...9, using: &generator)) }
            let mask = try SecretMask(secrets.map { ("S", String(decoding: $0, as: UTF8.self)) })
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                bytes +=
                    Bool.random(using: &generator)
                    ? secrets.randomElement(using: &generator) ?? []
                    : text(Int.random(in: 0...70, using: &generator))
            }
            let expected = Self.plainly(bytes, secrets)
            #expect(mask.mask(bytes) == expected, "seed \(seed), round \(round)")
            var stream = mask.stream()
            var out: [UInt8] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...40, using: &generator))
                Array(rest.prefix(count)).withUnsafeBytes { piece in
                    stream.write(piece) { out.append(contentsOf: $0) }
                }
                rest = rest.dropFirst(count)
            }
            stream.finish { out.append(contentsOf: $0) }
            #expect(out == expected, "seed \(seed), round \(round)")
        }
    }
}
