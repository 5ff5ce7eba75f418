internal import FlowYAML

extension Catalog {
    /// What an entry says of its error.
    package struct Example: Sendable, Hashable {
        package let fingerprint: String
        /// The template, unless a person has rewritten it.
        package let description: String
        package let example: String
    }

    /// The errors of a catalog with their examples; empty for a file that is none.
    package static func examples(_ bytes: [UInt8]) -> [Example] {
        guard let root = (try? read(bytes))?.1 else { return [] }
        return (root["errors"]?.mapping ?? []).compactMap { _, entry in
            guard let fingerprint = entry["fingerprint"]?.scalar?.text,
                let description = entry["description"]?.scalar?.text,
                let example = entry["example"]?.scalar?.text
            else { return nil }
            return Example(fingerprint: fingerprint, description: description, example: example)
        }
    }
}
