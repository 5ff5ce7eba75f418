internal import FlowJSON

/// What becomes of a file that two sides may both have changed.
package enum JoinedFile: Sendable, Hashable {
    /// Its content; nil: it goes away.
    case content(ObjectID?)
    case conflict
}

extension Repository {
    /// Brings a file's change to what another side made of the same file: the change where the other
    /// side left the file alone or ended alike; of a `.jsonl` file to which both only added lines, the
    /// lines of both, those of `there` first. All else is a conflict, and so are two lines about one
    /// thing: the same `id`, or the same `hash`.
    package func joined(
        _ path: String, from old: ObjectID?, to new: ObjectID?, over there: ObjectID?
    ) throws(GitError) -> JoinedFile {
        if there == old || there == new { return .content(new) }
        guard path.hasSuffix(".jsonl"), let there, let new else { return .conflict }
        var before: [UInt8] = []
        if let old { before = try blob(old) }
        let (mine, theirs) = (try blob(new), try blob(there))
        let newline = UInt8(ascii: "\n")
        guard mine.starts(with: before), theirs.starts(with: before),
            [before, theirs].allSatisfy({ $0.isEmpty || $0.last == newline })
        else { return .conflict }
        let known = Set(theirs.split(separator: newline))
        let added = mine[before.count...].split(separator: newline).filter { !known.contains($0) }
        let things = Set(theirs[before.count...].split(separator: newline).compactMap(Self.thing))
        guard !added.contains(where: { Self.thing($0).map(things.contains) ?? false }) else {
            return .conflict
        }
        return .content(try writeBlob(theirs + added.flatMap { $0 + [newline] }))
    }

    /// What a line is about; nil where it does not say.
    private static func thing(_ line: ArraySlice<UInt8>) -> String? {
        let json = try? JSON.read(Array(line))
        return (json?["id"] ?? json?["hash"])?.stringValue
    }
}
