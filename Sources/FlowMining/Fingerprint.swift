internal import FlowJSON
internal import FlowSystem

/// The name of a group: a UUID of version 8 (RFC 9562), so that it fits a `uuid` column.
package struct Fingerprint: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The version of the grouping; a rule that changes templates raises it.
    package static let version = 1

    /// `8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02`.
    package let text: String

    /// A fingerprint that was written down; nothing is checked.
    package init(text: String) { self.text = text }

    /// Of the SHA-256 of version, type, component and template, written as one JSON array so that
    /// no two different fours are the same bytes.
    /// - Parameter pattern: of what a person takes out of that group, a fifth.
    package init(type: String, component: String, template: String, matching pattern: String? = nil)
    {
        let parts: [JSON] =
            [.integer(Self.version), .string(type), .string(component), .string(template)]
            + (pattern.map { [.string($0)] } ?? [])
        text = SHA256.uuid(JSON.array(parts).bytes(.compact))
    }

    /// The digits of a skill's id: the first of the fingerprint's SHA-256, in upper case; 8, or 12
    /// where two skills would get the same.
    package func skillDigits(_ count: Int = 8) -> String {
        String(SHA256.hex(text.utf8).prefix(count)).uppercased()
    }

    package var description: String { text }

    package static func < (one: Fingerprint, other: Fingerprint) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }
}
