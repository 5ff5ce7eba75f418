/// Hides secrets in whatever flow keeps or shows, in every encoding that programs commonly put them
/// in (`docs/security.md`): as they are, line by line, base64, URL-encoded, JSON-escaped.
///
/// A value; many threads may use one. Costs O(bytes looked at), however many secrets there are (Aho
/// and Corasick 1975), and next to nothing where there are none.
package struct SecretMask: Sendable {
    /// What stands in a secret's place.
    package static let replacement = "***"
    /// A secret shorter than this many characters would be found everywhere.
    package static let shortest = 6

    let forms: SecretForms

    /// Hides nothing.
    package static let none = SecretMask()

    private init() { forms = SecretForms([]) }

    /// - Throws: `SecretError` that names every secret that is too short to be hidden.
    package init(_ secrets: [(name: String, value: String)]) throws(SecretError) {
        let short = secrets.filter { !Self.canHide($0.value) }.map(\.name)
        guard short.isEmpty else { throw SecretError(tooShort: short) }
        forms = SecretForms(secrets.map(\.value))
    }

    /// Whether a value is long enough, white space around it not counted.
    package static func canHide(_ value: String) -> Bool {
        value.unicodeScalars.split { $0.properties.isWhitespace }.reduce(0) { $0 + $1.count }
            >= shortest
    }

    /// Whether there is nothing to hide.
    package var isEmpty: Bool { forms.isEmpty }

    /// The text with every secret replaced; secrets that overlap or touch become one replacement.
    package func mask(_ text: String) -> String {
        if isEmpty { return text }
        return String(decoding: mask(Array(text.utf8)), as: UTF8.self)
    }

    /// The bytes with every secret replaced.
    package func mask(_ bytes: [UInt8]) -> [UInt8] {
        if isEmpty { return bytes }
        var stream = MaskedStream(forms, isWhole: true)
        var masked: [UInt8] = []
        masked.reserveCapacity(bytes.count)
        bytes.withUnsafeBytes { buffer in stream.write(buffer) { masked.append(contentsOf: $0) } }
        stream.finish { masked.append(contentsOf: $0) }
        return masked
    }

    /// Whether a secret stands somewhere in the bytes.
    package func contains(_ bytes: some Sequence<UInt8>) -> Bool {
        if isEmpty { return false }
        var matcher = SecretMatcher(isWhole: true)
        return bytes.contains { matcher.next($0, in: forms) != nil }
    }

    /// `contains` as a function; nil where there is nothing to hide.
    package var test: (@Sendable (UnsafeRawBufferPointer) -> Bool)? {
        if isEmpty { return nil }
        return { bytes in self.contains(bytes) }
    }

    /// Hides secrets in bytes that come in pieces.
    package func stream() -> MaskedStream { MaskedStream(forms, isWhole: false) }
}

/// Secrets that cannot be hidden.
package struct SecretError: Error, Hashable, CustomStringConvertible {
    /// Their names; never empty.
    package let tooShort: [String]

    package var description: String {
        tooShort.map { name in
            "the secret \(VisibleText.safe(name)) is shorter than \(SecretMask.shortest) "
                + "characters, so it could not be hidden in logs; use a longer one"
        }.joined(separator: "\n")
    }
}
