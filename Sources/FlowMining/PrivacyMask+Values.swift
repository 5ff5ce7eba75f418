/// What is private of values that stand apart from their names.
extension PrivacyMask {
    /// What stands in place of a value that has the name of a secret.
    package static var secret: String { Placeholder.secret.rawValue }

    /// Whether what has this name is a secret, whatever it is: `db_password`.
    package static func isSecret(name: String) -> Bool {
        let assigned = name + "=0"
        return masked(assigned) != assigned
    }

    /// Whether something private stood in a text, before it was masked.
    package static func hasPlaceholder(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            bytes.indices.contains { placeholderEnd(bytes, $0) > $0 }
        }
    }
}
