internal import FlowJSON
internal import FlowYAML

/// Changes of the file that keep every byte that is not part of them.
extension Aliases {
    /// The table with what groups are called now; pairs that say nothing new are left out.
    /// - Returns: with the pairs as they are to be written: from the end of one chain to that of the
    ///   other, so that no chain leads back to itself.
    package func adding(_ pairs: some Sequence<AliasPair>) -> (Aliases, written: [AliasPair]) {
        var result = self
        let written = pairs.compactMap { result.add($0.old, $0.new) }
        return (result, written)
    }

    /// The file with more pairs, each on a line at its end.
    /// - Throws: `SkillsError` where the file is no table of aliases or stands in brackets.
    package static func adding(_ pairs: [AliasPair], to bytes: [UInt8]) throws(SkillsError)
        -> [UInt8]
    {
        let (expected, written) = try read(bytes).adding(pairs)
        if written.isEmpty { return bytes }
        var result = bytes.isEmpty ? heading : bytes
        if let last = result.last, last != UInt8(ascii: "\n") { result.append(UInt8(ascii: "\n")) }
        for pair in written { result += Array("\(pair.old): \(pair.new)\n".utf8) }
        guard let found = try? read(result), found.next == expected.next,
            found.splits.count == expected.splits.count
        else {
            throw SkillsError(
                code: .notEditable, doing: "add to \(path)",
                message: "it does not end with a line of the mapping; write one 'old: new' a line, "
                    + "without brackets, and nothing behind the mapping")
        }
        return result
    }

    /// The file without a pair.
    package static func removing(_ old: String, from bytes: [UInt8]) throws(SkillsError) -> [UInt8]
    {
        try changed(bytes) { document throws(YAMLError) in try document.removing([.key(old)]) }
    }

    /// The file with one more split. That its part was renamed before is taken out.
    package static func adding(_ split: Split, to bytes: [UInt8]) throws(SkillsError) -> [UInt8] {
        let known = try read(bytes)
        let base = known.isRenamed(split.part) ? try removing(split.part, from: bytes) : bytes
        return try changed(base) { document throws(YAMLError) in
            let value: JSON = ["of": .string(split.of), "matching": .string(split.matching)]
            guard known.splits.isEmpty else {
                return try document.setting([.key(splitsKey), .key(split.part)], to: value)
            }
            return try document.setting([.key(splitsKey)], to: [split.part: value])
        }
    }

    /// The file without a split.
    package static func removing(splitOf part: String, from bytes: [UInt8]) throws(SkillsError)
        -> [UInt8]
    {
        let isLast = try read(bytes).splits.count == 1
        return try changed(bytes) { document throws(YAMLError) in
            try document.removing(
                isLast ? [.key(splitsKey)] : [.key(splitsKey), .key(part)])
        }
    }

    private static func changed(
        _ bytes: [UInt8], _ change: (YAMLDocument) throws(YAMLError) -> [UInt8]
    ) throws(SkillsError) -> [UInt8] {
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
        # flow writes here what regrouping renames; flow errors merge and split write here what people
        # decide, which runs follow once it is committed.

        """.utf8)
}
