package import FlowJSON
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

    /// A catalog as it stands in a file.
    package struct Contents: Sendable {
        /// `metadata` as it is written.
        package let metadata: JSON
        /// The entries in the order of the file, with everything that stands in them.
        package let entries: [(row: CatalogRow, json: JSON)]
    }

    /// Reads a catalog.
    /// - Throws: `SkillsError` for a file that is not YAML or not shaped like a catalog.
    package static func contents(_ bytes: [UInt8]) throws(SkillsError) -> Contents {
        let (_, root) = try read(bytes)
        var entries: [(row: CatalogRow, json: JSON)] = []
        for (key, entry) in root["errors"]?.mapping ?? [] where entry.mapping != nil {
            let code = key.scalar?.text ?? ""
            var json: JSONObject = ["code": .string(code)]
            for (name, value) in ((try? entry.json)?.objectValue ?? [:]).members {
                json[name] = value
            }
            entries.append((CatalogRow(code, entry), .object(json)))
        }
        return Contents(
            metadata: (try? root["metadata"]?.json) ?? .null, entries: entries)
    }
}
