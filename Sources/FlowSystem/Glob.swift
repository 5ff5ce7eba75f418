/// Patterns of paths: `*` and `?` within a name, `[a-z]`, `**` over folders.
package enum Glob {
    /// The files below a folder that a pattern matches, as sorted paths relative to the folder.
    /// Links to folders are not followed; what cannot be listed holds nothing. Names that begin with
    /// a dot are matched only by patterns that do.
    package static func files(_ pattern: String, below root: String) -> [String] {
        let parts = Path.normal(pattern).unicodeScalars.split(separator: "/").map { Array($0) }
        var found: Set<String> = []
        search(parts[...], in: root, relative: "", &found)
        return found.sorted()
    }

    private static func search(
        _ parts: ArraySlice<[Unicode.Scalar]>, in root: String, relative: String,
        _ found: inout Set<String>
    ) {
        guard let part = parts.first else { return }
        let folder = relative.isEmpty ? root : Path.join(root, relative)
        let rest = parts.dropFirst()
        let isDeep = part == ["*", "*"]
        if isDeep { search(rest, in: root, relative: relative, &found) }
        for name in (try? Files.list(folder)) ?? [] {
            if name.hasPrefix("."), part.first != "." { continue }
            guard isDeep || matches(Array(name.unicodeScalars)[...], part[...]) else { continue }
            let path = relative.isEmpty ? name : "\(relative)/\(name)"
            switch Files.kind(Path.join(root, path)) {
            case .folder: search(isDeep ? parts : rest, in: root, relative: path, &found)
            case .file where rest.isEmpty: found.insert(path)
            case .link where rest.isEmpty:
                if Files.kind(Path.join(root, path), following: true) == .file {
                    found.insert(path)
                }
            default: break
            }
        }
    }

    /// Whether a name matches a pattern of one path part; a name that begins with a dot only where
    /// the pattern does. Costs O(name × pattern) at worst.
    package static func matches(_ name: String, _ pattern: String) -> Bool {
        if name.hasPrefix("."), !pattern.hasPrefix(".") { return false }
        return matches(Array(name.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
    }

    private static func matches(
        _ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        var name = name
        var pattern = pattern
        var star: (pattern: ArraySlice<Unicode.Scalar>, name: ArraySlice<Unicode.Scalar>)?
        while true {
            if pattern.first == "*" {
                pattern.removeFirst()
                star = (pattern, name)
            } else if let letter = name.first, let rest = one(letter, pattern) {
                name.removeFirst()
                pattern = rest
            } else if name.isEmpty, pattern.isEmpty {
                return true
            } else if let back = star, !back.name.isEmpty {
                star = (back.pattern, back.name.dropFirst())
                pattern = back.pattern
                name = back.name.dropFirst()
            } else {
                return false
            }
        }
    }

    /// What is left of a pattern whose first element matches a letter.
    private static func one(_ letter: Unicode.Scalar, _ pattern: ArraySlice<Unicode.Scalar>)
        -> ArraySlice<Unicode.Scalar>?
    {
        guard let first = pattern.first else { return nil }
        if first == "?" { return pattern.dropFirst() }
        let second = pattern.dropFirst().first
        let isNegated = second == "!" || second == "^"
        let inside = pattern.dropFirst(isNegated ? 2 : 1)
        // A bracket that comes first is an element of the set.
        guard first == "[", let end = inside.dropFirst().firstIndex(of: "]") else {
            return first == letter ? pattern.dropFirst() : nil
        }
        let set = inside[..<end]
        return contains(set, letter) != isNegated ? pattern[(end + 1)...] : nil
    }

    private static func contains(_ set: ArraySlice<Unicode.Scalar>, _ letter: Unicode.Scalar)
        -> Bool
    {
        var set = set
        while let low = set.popFirst() {
            if set.first == "-", let high = set.dropFirst().first {
                if low <= letter, letter <= high { return true }
                set.removeFirst(2)
            } else if low == letter {
                return true
            }
        }
        return false
    }
}
