/// The digests of a recipe's fields, which tell what has changed since another time and nothing else.
package struct CacheFields: Sendable, Hashable {
    private var digests: [String: UInt64] = [:]
    /// Changes that are named; a thousand changed inputs are a count.
    private static let named = 20

    package init(_ recipe: CacheRecipe, _ hash: KeyedHash) {
        recipe.forEach { name, value in
            let name = String(decoding: name, as: UTF8.self)
            digests[name] = hash.digest(value).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// The names of the fields that are not as they were then, sorted; files with what happened to
    /// them: `inputs: src/a.c (added)`.
    package func changes(since then: CacheFields) -> [String] {
        var changes: [String] = []
        for (name, digest) in digests {
            guard let before = then.digests[name] else {
                changes.append(Self.change(name, "added"))
                continue
            }
            if before != digest { changes.append(Self.change(name, "changed")) }
        }
        for name in then.digests.keys where digests[name] == nil {
            changes.append(Self.change(name, "removed"))
        }
        changes.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return changes
    }

    /// Why a leg has no result, by the fields of its last time and those of now.
    package static func reasons(since then: CacheFields?, _ now: () -> CacheFields) -> [String] {
        guard let then else { return [CacheMiss.first] }
        let changes = now().changes(since: then)
        return changes.isEmpty ? [CacheMiss.gone] : changes
    }

    /// The same, and a count in place of all but the first.
    package static func shortened(_ changes: [String]) -> [String] {
        guard changes.count > named else { return changes }
        return changes.prefix(named) + ["\(changes.count - named) more"]
    }

    private static func change(_ name: String, _ what: String) -> String {
        for kind in ["inputs", "action"] where name.hasPrefix(kind + CacheRecipe.separator) {
            return "\(name) (\(what))"
        }
        return name
    }
}

extension CacheFields {
    /// For a database: each digest, the lowest byte first, its name, and a NUL.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (name, digest) in digests {
            withUnsafeBytes(of: digest.littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: name.utf8)
            bytes.append(0)
        }
        return bytes
    }

    /// Reads what `bytes` gave; what cannot be read is left out.
    package init(bytes: [UInt8]) {
        var rest = bytes[...]
        while rest.count > 8 {
            let digest = rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            let name = rest.dropFirst(8).prefix { $0 != 0 }
            digests[String(decoding: name, as: UTF8.self)] = digest
            rest = rest.dropFirst(9 + name.count)
        }
    }
}
