internal import FlowSystem
internal import FlowText
internal import FlowYAML

extension Aliases {
    /// The key under which the file has what people took out of groups.
    static let splitsKey = "splits"

    /// Reads the file; an empty one has no aliases.
    /// - Throws: `SkillsError` with every line that is neither a pair of fingerprints nor a split, or
    ///   `cycle` for a chain that leads back to itself.
    package static func read(_ bytes: [UInt8], path: String = Aliases.path) throws(SkillsError)
        -> Aliases
    {
        var reader = AliasReader(path: path)
        do throws(YAMLError) {
            guard let root = try YAMLDocument.read(bytes).root else { return Aliases() }
            reader.read(root)
        } catch {
            reader.fields.mistake(error)
        }
        guard reader.fields.mistakes.isEmpty else {
            throw SkillsError(
                code: reader.hasCycle ? .cycle : .invalid, doing: "read \(path)",
                message: "it is no table of aliases", mistakes: reader.fields.mistakes)
        }
        return Aliases(reader.next, splits: reader.splits, lines: reader.lines)
    }
}

/// One reading of the file.
private struct AliasReader {
    var fields: Fields
    private(set) var next: [String: String] = [:]
    private(set) var splits: [Aliases.Split] = []
    private(set) var lines: [String: Int] = [:]
    private(set) var hasCycle = false

    init(path: String) { fields = Fields(path: path) }

    mutating func read(_ root: YAMLNode) {
        if fields.isNull(root) { return }
        guard let members = root.mapping else {
            return fields.mistake("aliases must be a mapping of old fingerprints to new", at: root)
        }
        for (key, value) in members {
            if key.scalar?.text == Aliases.splitsKey {
                readSplits(value)
                continue
            }
            let (old, new) = (fingerprint(key), fingerprint(value))
            guard let old, let new else { continue }
            next[old] = new
            lines[old] = key.start.line
        }
        for (key, _) in members {
            guard let chain = cycle(from: key.scalar?.text ?? "") else { continue }
            hasCycle = true
            fields.mistake("the chain leads back to itself: \(chain)", at: key)
        }
    }

    private mutating func readSplits(_ node: YAMLNode) {
        if fields.isNull(node) { return }
        guard let members = node.mapping else {
            return fields.mistake(
                "splits must be a mapping of new fingerprints to what they are taken out of",
                at: node)
        }
        for (key, value) in members {
            let part = fingerprint(key)
            guard
                let own = fields.mapping(value, "a split", known: ["of", "matching"]),
                let from = fields.required("of", own, in: value),
                let matching = fields.required("matching", own, in: value),
                let of = fingerprint(from), let pattern = fields.text(matching, "matching"),
                let part
            else { continue }
            do throws(RegexError) {
                _ = try LinearRegex(pattern)
                splits.append(
                    Aliases.Split(part: part, of: of, matching: pattern, line: key.start.line))
            } catch {
                fields.mistake("matching is no regular expression: \(error)", at: matching)
            }
        }
    }

    private mutating func fingerprint(_ node: YAMLNode) -> String? {
        let text = node.scalar?.text ?? ""
        if SkillName.isFingerprint(text) { return text }
        fields.mistake("\"\(VisibleText.safe(text))\" is no fingerprint", at: node)
        return nil
    }

    /// The chain from a fingerprint back to it, in full; nil where there is none.
    private func cycle(from start: String) -> String? {
        var chain = [start]
        var seen: Set<String> = [start]
        while let last = chain.last, let follower = next[last] {
            chain.append(follower)
            if follower == start { return chain.joined(separator: " -> ") }
            guard seen.insert(follower).inserted else { return nil }
        }
        return nil
    }
}
