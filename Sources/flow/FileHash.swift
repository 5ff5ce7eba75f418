internal import FlowSystem

/// GitHub's `hashFiles`: the SHA-256 over the SHA-256 of each file that matches, in path order; empty
/// where none does.
enum FileHash {
    static func of(_ patterns: [String], below root: String) -> String {
        var paths: Set<String> = []
        for pattern in patterns {
            if pattern.hasPrefix("!") {
                paths.subtract(Glob.files(String(pattern.dropFirst()), below: root))
            } else {
                paths.formUnion(Glob.files(pattern, below: root))
            }
        }
        guard !paths.isEmpty else { return "" }
        var hash = SHA256()
        for path in paths.sorted() {
            hash.update(SHA256.digest((try? Files.read(Path.join(root, path))) ?? []))
        }
        return hash.finish().hex
    }
}
