internal import FlowJSON
internal import FlowSystem
internal import FlowYAML
internal import FlowText

/// Which fingerprint a group has now, where regrouping gave it a new one: `skills/aliases.yaml`, a
/// mapping of old fingerprints to new.
package struct Aliases: Sendable, Hashable {
    package static let path = "skills/aliases.yaml"
    private let next: [String: String]
    private let previous: [String: [String]]

    /// No group was ever renamed.
    package init() {
        next = [:]
        previous = [:]
    }

    private init(_ next: [String: String]) {
        self.next = next
        previous = Dictionary(grouping: next.keys.sorted()) { next[$0] ?? $0 }
    }

    /// Reads the file; an empty one has no aliases.
    /// - Throws: `SkillsError` with every line that is no pair of fingerprints, or `cycle` for a
    ///   chain that leads back to itself.
    package static func read(_ bytes: [UInt8], path: String = Aliases.path) throws(SkillsError)
        -> Aliases
    {
        var fields = Fields(path: path)
        var next: [String: String] = [:]
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        do throws(YAMLError) {
            guard let root = try YAMLDocument.read(bytes).root, !fields.isNull(root) else {
                return Aliases()
            }
            if let mapping = root.mapping {
                members = mapping
            } else {
                fields.mistake("aliases must be a mapping of old fingerprints to new", at: root)
            }
        } catch {
            fields.mistake(error)
        }
        for (key, value) in members {
            let (old, new) = (key.scalar?.text ?? "", value.scalar?.text ?? "")
            for (text, node) in [(old, key), (new, value)]
            where !SkillName.isFingerprint(text) {
                fields.mistake("\"\(VisibleText.safe(text))\" is no fingerprint", at: node)
            }
            next[old] = new
        }
        for (key, _) in members {
            if let chain = cycle(from: key.scalar?.text ?? "", next) {
                fields.mistake("the chain leads back to itself: \(chain)", at: key)
            }
        }
        guard fields.mistakes.isEmpty else {
            let isCycle = fields.mistakes.contains { $0.message.hasPrefix("the chain") }
            throw SkillsError(
                code: isCycle ? .cycle : .invalid, doing: "read \(path)",
                message: "it is no table of aliases", mistakes: fields.mistakes)
        }
        return Aliases(next)
    }

    /// The chain from a fingerprint back to it, in full; nil where there is none.
    private static func cycle(from start: String, _ next: [String: String]) -> String? {
        var chain = [start]
        var seen: Set<String> = [start]
        while let last = chain.last, let follower = next[last] {
            chain.append(follower)
            if follower == start { return chain.joined(separator: " -> ") }
            guard seen.insert(follower).inserted else { return nil }
        }
        return nil
    }

    /// The fingerprint a group has now; itself where it was never renamed.
    package func newest(_ fingerprint: String) -> String {
        var at = fingerprint
        while let follower = next[at] { at = follower }
        return at
    }

    /// The fingerprint from which a chain started; of several that were merged the one that sorts
    /// first, so that it never depends on the order of the file.
    package func first(_ fingerprint: String) -> String {
        var at = fingerprint
        while let earlier = previous[at]?.first { at = earlier }
        return at
    }

    /// The fingerprints that have become others, sorted.
    package var renamed: [String] { next.keys.sorted() }
}

extension Aliases {
    /// The file with one more pair, every other byte as it was.
    /// - Throws: `SkillsError` where the file is no table of aliases, or the chain would lead back to
    ///   itself.
    package static func adding(_ old: String, _ new: String, to bytes: [UInt8]) throws(SkillsError)
        -> [UInt8]
    {
        try changed(bytes) { document throws(YAMLError) in
            try document.setting([.key(old)], to: .string(new))
        }
    }

    /// The file without a pair, every other byte as it was.
    package static func removing(_ old: String, from bytes: [UInt8]) throws(SkillsError) -> [UInt8]
    {
        try changed(bytes) { document throws(YAMLError) in try document.removing([.key(old)]) }
    }

    private static func changed(
        _ bytes: [UInt8], _ change: (YAMLDocument) throws(YAMLError) -> [UInt8]
    ) throws(SkillsError) -> [UInt8] {
        _ = try read(bytes)
        let result: [UInt8]
        do throws(YAMLError) {
            result = try change(try YAMLDocument.read(bytes.isEmpty ? heading : bytes))
        } catch {
            throw SkillsError(code: .invalid, doing: "change \(path)", message: error.message)
        }
        _ = try read(result)
        return result
    }

    /// What a new file begins with.
    private static let heading = Array(
        """
        # Groups of errors that are one: the fingerprint on the left is the one on the right now.
        # flow errors merge and split write here; commit it for runs to follow it.

        """.utf8)
}
