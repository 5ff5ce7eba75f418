/// Paths as text; nothing here touches a disk.
///
/// A path is split and compared by its Unicode scalars, as the system does by its bytes: to Swift a
/// slash before a combining accent is no slash, and equal means equivalent.
package enum Path {
    /// `name` below `base`; an absolute `name` stays as it is.
    package static func join(_ base: String, _ name: String) -> String {
        if name.utf8.first == slash || base.isEmpty { return name }
        if name.isEmpty { return base }
        return base.utf8.last == slash ? base + name : base + "/" + name
    }

    /// The last part: `b.yaml` of `a/b.yaml`.
    package static func name(_ path: String) -> String {
        parts(path).last.map(String.init) ?? path
    }

    /// All but the last part; `.` where there is only one, `/` at the root.
    package static func folder(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: slash) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without `.`, `..` and doubled slashes, resolved as text; `..` at the root stays there,
    /// before a relative path's start it is kept.
    package static func normal(_ path: String) -> String {
        let absolute = path.utf8.first == slash
        var parts: [Substring] = []
        for part in Self.parts(path) where part != "." {
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
        base == "/" || relative(path, to: base) != nil
    }

    /// `path` seen from `base`, where it lies below it; both normal.
    package static func relative(_ path: String, to base: String) -> String? {
        if path.utf8.elementsEqual(base.utf8) { return "." }
        let prefix = base == "/" ? "/" : base + "/"
        guard path.utf8.starts(with: prefix.utf8) else { return nil }
        return String(path.utf8.dropFirst(prefix.utf8.count))
    }

    private static let slash = UInt8(ascii: "/")

    private static func parts(_ path: String) -> [Substring] {
        path.utf8.split(separator: slash).map(Substring.init)
    }
}
