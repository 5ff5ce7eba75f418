internal import FlowSystem

/// Finds the files that a source names: a path, or a path with `*`, `?` and `[a-z]` in its parts.
package enum SourcePattern {
    /// The files, sorted by their bytes, each once. A name that begins with a dot is matched only by
    /// a part that does; `**`, `~` and variables mean nothing here.
    /// - Throws: `noFile` where nothing is there, `notAFile` for a folder or a device that is named
    ///   outright, `unreadable` for a folder that cannot be listed.
    package static func files(_ pattern: String) throws(MiningError) -> [String] {
        let doing = "read \(pattern)"
        guard pattern.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
            switch Files.kind(pattern, following: true) {
            case .file?: return [pattern]
            case nil where Files.kind(pattern, following: false) != nil:
                throw MiningError(
                    .noFile, doing: doing, "its symbolic link leads nowhere, or in a circle")
            case nil:
                throw MiningError(
                    .noFile, doing: doing, "no such file; check the path of the source")
            case .folder?:
                throw MiningError(
                    .notAFile, doing: doing, "it is a folder; name its files, as in \(pattern)/*")
            default: throw MiningError(.notAFile, doing: doing, "it is not a regular file")
            }
        }
        var found = [pattern.hasPrefix("/") ? "/" : ""]
        for part in pattern.split(separator: "/") {
            found = try step(found, String(part), doing)
        }
        let files = found.filter { Files.kind($0, following: true) == .file }
        guard !files.isEmpty else {
            throw MiningError(
                .noFile, doing: doing, "no file matches; check the pattern of the source")
        }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func step(_ folders: [String], _ part: String, _ doing: String)
        throws(MiningError) -> [String]
    {
        let literal = !part.utf8.contains(where: { "*?[".utf8.contains($0) })
        var result: [String] = []
        for folder in folders {
            if literal {
                let path = Path.join(folder, part)
                if Files.exists(path) { result.append(path) }
                continue
            }
            guard Files.kind(folder.isEmpty ? "." : folder, following: true) == .folder else {
                continue
            }
            do throws(SystemError) {
                for name in try Files.list(folder.isEmpty ? "." : folder)
                where Glob.matches(name, part) {
                    result.append(Path.join(folder, name))
                }
            } catch {
                throw MiningError(
                    .unreadable, doing: doing, "cannot list \(folder): \(error.message)")
            }
        }
        return result
    }
}
