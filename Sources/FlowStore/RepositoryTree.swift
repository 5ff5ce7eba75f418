internal import FlowSystem

/// The files of a repository that a cache may look at: beneath its root, links included, and neither
/// git's nor flow's own.
struct RepositoryTree: Sendable {
    /// Why a file, or all that a glob names, cannot be looked at.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "\(path) (\(reason))" }
    }

    /// Absolute, links resolved.
    let root: String
    /// The state folder relative to the root; nil where it is elsewhere.
    private let state: String?

    /// - Parameters:
    ///   - root: absolute, links resolved.
    ///   - state: the state folder, nothing of which counts.
    init(root: String, state: String) {
        self.root = root
        let real = (try? Files.real(state)) ?? state
        self.state = Path.relative(real, to: root)
    }

    func absolute(_ path: String) -> String { path.isEmpty ? root : Path.join(root, path) }

    // MARK: Globs

    /// The files and links to files that globs name, sorted; `!glob` takes some away. A name without
    /// wildcards that is a folder's means all in it. Links to folders are followed only where they
    /// are named; names that begin with a dot are matched only by patterns that do.
    /// - Parameter also: paths of files that will be there.
    func files(_ globs: [String], also: some Collection<String> = EmptyCollection()) throws(Refusal)
        -> [String]
    {
        if globs.count == 1, let path = Self.literal(globs[0]), isPlainFile(path) { return [path] }
        var all: Set<String> = []
        for glob in globs {
            var found: Set<String> = []
            let isNegated = glob.hasPrefix("!")
            let pattern = isNegated ? String(glob.dropFirst()) : glob
            try search(pattern, &found)
            found.formUnion(also.filter { matches($0, pattern) })
            if isNegated { all.subtract(found) } else { all.formUnion(found) }
        }
        return all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// All files and links to files in a folder, hidden ones as well, sorted.
    func allFiles(in folder: String, also: some Collection<String> = EmptyCollection())
        throws(Refusal) -> [String]
    {
        let start = Path.normal(folder)
        var found = Set(also.filter { Path.isWithin($0, start) })
        try refuseOutside(start)
        try walk(["**"], in: start, hidden: true, &found)
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The path that a glob is, where it has no wildcard, is in its normal form and does not lead out
    /// by its text; else nil.
    static func literal(_ glob: String) -> String? {
        guard isLiteral(glob[...]), glob.utf8.first != UInt8(ascii: "!"),
            isBeneath(glob), Path.normal(glob) == glob
        else { return nil }
        return glob
    }

    private static func isBeneath(_ path: String) -> Bool {
        !path.hasPrefix("/") && path != ".." && !path.hasPrefix("../")
    }

    private static func isLiteral(_ part: Substring) -> Bool {
        !part.utf8.contains { "*?[".utf8.contains($0) }
    }

    private func isPlainFile(_ path: String) -> Bool {
        guard Files.kind(absolute(path)) == .file else { return false }
        return !isOwn(path) && (try? Files.real(absolute(path))) == absolute(path)
    }

    /// Whether a glob names a file at this path, were there one: what `search` finds, told without
    /// looking.
    private func matches(_ path: String, _ glob: String) -> Bool {
        let normal = Path.normal(glob)
        guard Self.isBeneath(normal), !isOwn(path) else { return false }
        let parts = normal == "." ? [] : normal.split(separator: "/")
        let literal = parts.prefix(while: Self.isLiteral)
        let names = path.split(separator: "/")
        guard names.starts(with: literal) else { return false }
        if literal.count == parts.count, names.count == parts.count { return true }
        let wild = literal.count == parts.count ? ["**"] : parts.dropFirst(literal.count)
        return Self.matches(names.dropFirst(literal.count), wild)
    }

    private static func matches(_ names: ArraySlice<Substring>, _ parts: ArraySlice<Substring>)
        -> Bool
    {
        guard let part = parts.first, let name = names.first else { return false }
        let rest = parts.dropFirst()
        let isDeep = part == "**"
        if isDeep, !rest.isEmpty, matches(names, rest) { return true }
        guard isDeep ? name.first != "." : Glob.matches(String(name), String(part)) else {
            return false
        }
        if names.count == 1 { return rest.isEmpty }
        return matches(names.dropFirst(), isDeep ? parts : rest)
    }

    private func search(_ glob: String, _ found: inout Set<String>) throws(Refusal) {
        let normal = Path.normal(glob)
        guard Self.isBeneath(normal) else {
            throw Refusal(path: glob, reason: "leads out of the repository")
        }
        let parts = normal == "." ? [] : normal.split(separator: "/")
        let literal = parts.prefix(while: Self.isLiteral)
        let wild = Array(parts.dropFirst(literal.count))
        let start = literal.joined(separator: "/")
        guard !isOwn(start), let status = FileStamp(absolute(start), following: true) else {
            return
        }
        try refuseOutside(start)
        switch status.kind {
        case .file where wild.isEmpty: found.insert(start)
        case .folder: try walk(wild.isEmpty ? ["**"] : wild[...], in: start, &found)
        default: break
        }
    }

    private func walk(
        _ parts: ArraySlice<Substring>, in folder: String, hidden: Bool = false,
        _ found: inout Set<String>
    ) throws(Refusal) {
        guard let part = parts.first else { return }
        let rest = parts.dropFirst()
        let isDeep = part == "**"
        if isDeep, !rest.isEmpty { try walk(rest, in: folder, hidden: hidden, &found) }
        let pattern = String(part)
        let entries: [(name: String?, kind: Files.Kind)]
        do throws(SystemError) {
            entries = try Files.entries(absolute(folder))
        } catch {
            if error.code == .notFound || error.code == .notDirectory { return }
            throw Refusal(path: folder, reason: "cannot be listed: \(error.message)")
        }
        for entry in entries {
            guard let name = entry.name else {
                throw Refusal(path: folder, reason: "holds a name that is not UTF-8")
            }
            let isHidden = name.utf8.first == UInt8(ascii: ".")
            if isHidden, !hidden, pattern.utf8.first != UInt8(ascii: ".") { continue }
            guard isDeep || pattern == "*" || Glob.matches(name, pattern) else { continue }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            switch entry.kind {
            case .folder where !isOwn(path):
                try walk(isDeep ? parts : rest, in: path, hidden: hidden, &found)
            case .file where rest.isEmpty && !isOwn(path): found.insert(path)
            case .link where rest.isEmpty && !isOwn(path):
                if Files.kind(absolute(path), following: true) == .file { found.insert(path) }
            default: break
            }
        }
    }

    /// Whether a path is git's or flow's own.
    private func isOwn(_ path: String) -> Bool {
        if let state, Path.isWithin(path, state) { return true }
        return path.split(separator: "/").contains { $0 == ".git" || $0 == ".flow" }
    }

    private func refuseOutside(_ path: String, of whole: String? = nil) throws(Refusal) {
        guard let real = try? Files.real(absolute(path)),
            let inside = Path.relative(real, to: root), !isOwn(inside)
        else { throw Refusal(path: whole ?? path, reason: "leads out of the repository") }
    }

    // MARK: Files

    /// The path of the file itself that a path means, relative to the root, where that is within the
    /// repository; and what the link at the path says, if it is one.
    func resolved(_ path: String) throws(Refusal) -> (path: String, link: String?) {
        guard FileStamp(absolute(path))?.kind == .link else { return (path, nil) }
        try refuseOutside(path)
        guard let link = Files.target(ofLink: absolute(path)),
            let real = try? Files.real(absolute(path)), let inside = Path.relative(real, to: root)
        else { throw Refusal(path: path, reason: "is a link that cannot be read") }
        return (inside, link)
    }

    /// Reads a file.
    /// - Throws: where it cannot be read, or somebody writes it all the while.
    func record(_ path: String) throws(Refusal) -> FileRecord {
        for _ in 0..<3 {
            let taken = FileStamp.now
            do throws(SystemError) {
                let read = try Files.digest(absolute(path))
                if read.before == read.after {
                    return FileRecord(status: read.after, hash: read.hash, taken: taken)
                }
            } catch {
                throw Refusal(path: path, reason: "cannot be read: \(error.message)")
            }
        }
        throw Refusal(path: path, reason: "changes while it is read")
    }

    /// Makes the folder that a file is to stand in.
    /// - Throws: where that is, or would be, outside of the repository.
    func makeFolder(of path: String) throws(Refusal) {
        guard let folder = try folderToMake(of: path) else { return }
        do throws(SystemError) {
            try Files.makeFolder(absolute(folder))
        } catch {
            throw Refusal(path: path, reason: "cannot be restored: \(error.message)")
        }
    }

    /// The folder that a file is to stand in; nil where it is there.
    /// - Throws: where it is, or would be, outside of the repository.
    func folderToMake(of path: String) throws(Refusal) -> String? {
        let folder = path.contains("/") ? Path.folder(path) : ""
        var there = folder
        while !there.isEmpty, FileStamp(absolute(there)) == nil {
            there = there.contains("/") ? Path.folder(there) : ""
        }
        if !there.isEmpty { try refuseOutside(there, of: path) }
        guard !isOwn(path) else { throw Refusal(path: path, reason: "is not the command's") }
        return there == folder ? nil : folder
    }
}
