internal import FlowSystem
internal import FlowText

/// How skills are named: ids, file names and titles.
package enum SkillName {
    /// The folder of skills that count, and of those that wait for a verdict.
    package static let folder = "skills"
    package static let proposedFolder = "skills/proposed"

    /// The id of a fingerprint: the kind's prefix and the first 8 (or 12) hex digits of the
    /// SHA-256 of the fingerprint's text.
    package static func id(_ kind: Skill.Kind, fingerprint: String, digits: Int = 8) -> String {
        kind.prefix + "-" + SHA256.hex(fingerprint.utf8).prefix(digits).uppercased()
    }

    /// Whether a text is `GR-`, `FX-` or `PR-` and 8 or 12 upper-case hex digits.
    package static func isID(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count == 11 || bytes.count == 15,
            Skill.Kind.allCases.contains(where: { bytes.starts(with: $0.prefix.utf8) }),
            bytes.dropFirst(2).first == UInt8(ascii: "-")
        else { return false }
        return bytes.dropFirst(3).allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x46).contains($0)
        }
    }

    /// Whether a text is a UUID of version 8 (RFC 9562) in lower case.
    package static func isFingerprint(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        for (place, byte) in bytes.enumerated() {
            let good =
                switch place {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                case 14: byte == UInt8(ascii: "8")
                case 19: "89ab".utf8.contains(byte)
                default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
            guard good else { return false }
        }
        return true
    }

    /// The ids of new fingerprints, which differ from each other and from those in use.
    ///
    /// A fingerprint that is in use keeps its id. Where 8 digits would name two fingerprints, every
    /// new one of them gets 12, whatever the order they come in.
    /// - Parameter taken: The fingerprint of each id in use.
    package static func ids(
        _ wanted: [(kind: Skill.Kind, fingerprint: String)], taken: [String: String]
    ) -> [String] {
        var owner: [String: Set<String>] = taken.mapValues { [$0] }
        var kept: [String: String] = [:]
        for (id, fingerprint) in taken {
            kept[fingerprint] = kept[fingerprint].map { min($0, id) } ?? id
        }
        for (kind, fingerprint) in wanted {
            owner[id(kind, fingerprint: fingerprint), default: []].insert(fingerprint)
        }
        return wanted.map { kind, fingerprint in
            if let id = kept[fingerprint] { return id }
            let short = id(kind, fingerprint: fingerprint)
            return owner[short]?.count == 1
                ? short : id(kind, fingerprint: fingerprint, digits: 12)
        }
    }

    /// A file name's readable part: lower-case ASCII letters and digits joined by `-`, at most 40,
    /// cut between words; `skill` where nothing is left.
    package static func slug(_ name: String) -> String {
        var slug = ""
        for word in words(name) {
            if slug.isEmpty {
                slug = String(word.prefix(slugLimit))
            } else if slug.utf8.count + 1 + word.utf8.count <= slugLimit {
                slug += "-" + word
            } else {
                break
            }
        }
        return slug.isEmpty ? "skill" : slug
    }

    private static let slugLimit = 40

    /// Runs of ASCII letters and digits, in lower case.
    private static func words(_ text: String) -> [String] {
        text.utf8.split { byte in
            !((0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte))
        }.map { String(decoding: $0, as: UTF8.self).lowercased() }
    }

    /// `<ID>_<slug>.yaml`.
    package static func file(id: String, name: String) -> String { "\(id)_\(slug(name)).yaml" }

    /// What is wrong with a file's name for a skill of this id; nil where nothing is.
    static func mistake(inFile path: String, id: String) -> String? {
        let name = Path.name(path)
        let expected = "the file name must be \(id)_<slug>.yaml, slug in a-z, 0-9, - and _"
        guard name.hasPrefix(id + "_"), name.hasSuffix(".yaml") else {
            return "\(expected); it is \(VisibleText.safe(name))"
        }
        let slug = name.dropFirst(id.count + 1).dropLast(".yaml".count)
        let isGood =
            !slug.isEmpty && slug.utf8.count <= slugLimit
            && slug.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
        return isGood ? nil : "\(expected), at most \(slugLimit); it is \(VisibleText.safe(name))"
    }

    /// A text of others as one harmless line: letters, digits, blanks and `. _ - ( )` stay, all
    /// else becomes a blank, so that no mention, issue reference, link or markup is left.
    package static func title(_ text: String, limit: Int = 80) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-", "(", ")":
                bytes.append(UInt8(scalar.value))
            case _ where !scalar.isASCII && scalar.properties.isAlphabetic:
                bytes += Array(String(scalar).utf8)
            default: bytes.append(UInt8(ascii: " "))
            }
        }
        let words = bytes.split(separator: UInt8(ascii: " ")).map {
            withoutReference(String(decoding: $0, as: UTF8.self))
        }
        var line = ""
        var length = 0
        for word in words {
            let size = word.unicodeScalars.count
            guard length + size < limit else { break }
            if !line.isEmpty { line += " " }
            line += word
            length += size + (length == 0 ? 0 : 1)
        }
        return line.isEmpty && !words.isEmpty
            ? String(String.UnicodeScalarView(words[0].unicodeScalars.prefix(limit))) : line
    }

    /// A forge reads `GH-12` as issue 12; the hyphen goes.
    private static func withoutReference(_ word: String) -> String {
        guard word.utf8.prefix(3).lazy.map({ $0 | 0x20 }).elementsEqual("gh-".utf8)
        else { return word }
        return word.prefix(2) + " " + word.dropFirst(3)
    }
}
