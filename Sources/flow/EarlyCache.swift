internal import FlowStore
internal import FlowSystem

/// Reads what the cache knows of a workflow while the workflow itself is being read: of ten thousand
/// nodes the one takes as long as the other.
enum EarlyCache {
    /// Begins where the file looks as if it used the cache; nil: there is nothing to read. Wrong
    /// guesses cost a little time and nothing else.
    /// - Parameter state: the state folder, which may be missing.
    static func begin(_ workflow: [UInt8], state: String) -> CacheMemory? {
        let file = StateFolder.cacheDatabase(in: state)
        guard mentionsCache(workflow), let name = name(in: workflow), Files.exists(file) else {
            return nil
        }
        let memory = CacheMemory(file)
        memory.prepare(name)
        return memory
    }

    private static func mentionsCache(_ workflow: [UInt8]) -> Bool {
        let word = Array("cache:".utf8)
        return workflow.indices.contains { place in
            workflow[place] == word[0] && workflow[place...].starts(with: word)
        }
    }

    /// What stands behind `name:` at the beginning of one of the first lines.
    private static func name(in workflow: [UInt8]) -> String? {
        let head = String(decoding: workflow.prefix(4096), as: UTF8.self)
        guard let line = head.split(separator: "\n").first(where: { $0.hasPrefix("name:") }),
            let word = line.dropFirst(5).split(whereSeparator: { " \t\r\"'".contains($0) }).first
        else { return nil }
        return String(word)
    }
}
