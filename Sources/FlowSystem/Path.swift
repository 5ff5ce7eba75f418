/// Paths as text; nothing here touches a disk.
package enum Path {
    /// `name` below `base`; an absolute `name` stays as it is.
    package static func join(_ base: String, _ name: String) -> String {
        if name.hasPrefix("/") || base.isEmpty { return name }
        if name.isEmpty { return base }
        return base.hasSuffix("/") ? base + name : base + "/" + name
    }

    /// The last part: `b.yaml` of `a/b.yaml`.
    package static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// All but the last part; `.` where there is only one, `/` at the root.
    package static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without `.`, `..` and doubled slashes, resolved as text; `..` at the root stays there,
    /// before a relative path's start it is kept.
    package static func normal(_ path: String) -> String {
        let absolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !absolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return absolute ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// Whether a normal `path` is `base` or lies below it.
    package static func isWithin(_ path: String, _ base: String) -> Bool {
        path == base || base == "/" || path.hasPrefix(base + "/")
    }

    /// `path` seen from `base`, where it lies below it; both normal.
    package static func relative(_ path: String, to base: String) -> String? {
        if path == base { return "." }
        let prefix = base == "/" ? "/" : base + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
    }
}
