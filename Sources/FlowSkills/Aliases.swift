/// Which fingerprint a group of errors has now, where regrouping or a person gave it another, and what
/// people took out of groups: `skills/aliases.yaml`.
package struct Aliases: Sendable, Hashable {
    package static let path = "skills/aliases.yaml"

    /// Messages that are a group of their own although the grouping has them in another.
    package struct Split: Sendable, Hashable {
        /// The fingerprint of what was taken out.
        package let part: String
        /// The group that it was taken out of.
        package let of: String
        /// A regular expression (`LinearRegex`) of its masked messages.
        package let matching: String
        /// Of the file, where it was read from one.
        package let line: Int?

        package init(part: String, of: String, matching: String, line: Int? = nil) {
            self.part = part
            self.of = of
            self.matching = matching
            self.line = line
        }
    }

    /// In the order of the file: of several that fit a message the first counts.
    package let splits: [Split]
    private(set) var next: [String: String]
    private var previous: [String: [String]]
    /// Of the file, by the fingerprint that they rename.
    private let lines: [String: Int]

    /// No group was ever renamed.
    package init() { self.init([:], splits: [], lines: [:]) }

    init(_ next: [String: String], splits: [Split], lines: [String: Int]) {
        self.next = next
        self.splits = splits
        self.lines = lines
        previous = Dictionary(grouping: next.keys.sorted()) { next[$0] ?? $0 }
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

    /// Whether it has become another.
    package func isRenamed(_ fingerprint: String) -> Bool { next[fingerprint] != nil }

    /// The line of the file that renames a fingerprint; nil where none does.
    package func line(of fingerprint: String) -> Int? { lines[fingerprint] }

    /// With the splits of another reading of the file.
    package func with(splits other: Aliases) -> Aliases {
        Aliases(next, splits: other.splits, lines: lines)
    }

    /// Lets what `old` is now be from now on what `new` is now; nothing where they are one already.
    mutating func add(_ old: String, _ new: String) -> AliasPair? {
        let pair = AliasPair(old: newest(old), new: newest(new))
        guard pair.old != pair.new else { return nil }
        next[pair.old] = pair.new
        previous[pair.new] = ((previous[pair.new] ?? []) + [pair.old]).sorted()
        return pair
    }
}

/// That a group has another fingerprint now.
package struct AliasPair: Sendable, Hashable {
    package let old: String
    package let new: String

    package init(old: String, new: String) {
        self.old = old
        self.new = new
    }
}
