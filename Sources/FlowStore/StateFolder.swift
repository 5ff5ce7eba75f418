internal import FlowSystem

/// The folder of everything that is not in git and that can be lost without losing knowledge.
package struct StateFolder: Sendable, Hashable {
    package let path: String
    /// Why what is there can only be looked at, and what to do about it; nil: it can be changed.
    package let obstacle: StoreError?

    /// Makes the folder, which ignores itself in git.
    /// - Throws: `StoreError` for a folder that this user may not change, and for a network file
    ///   system, where SQLite's locks cannot be trusted.
    package init(_ path: String) throws(StoreError) {
        try self.init(reading: path)
        if let obstacle { throw obstacle }
        do throws(SystemError) {
            try Files.makeFolder(path)
            let ignore = Path.join(path, ".gitignore")
            if !Files.exists(ignore) { try Files.write("*\n", to: ignore) }
        } catch {
            throw StoreError(error)
        }
    }

    /// The folder as it stands, to look at what is in it; it need not be there.
    /// - Throws: `StoreError` for a network file system.
    package init(reading path: String) throws(StoreError) {
        self.path = path
        let there = Files.nearest(path)
        guard there != path || Files.kind(path, following: true) == .folder else {
            throw StoreError(
                code: .unusable, doing: "keep state in \(path)",
                message: "it is no folder; move it away")
        }
        if let kind = Files.networkFileSystem(at: there) {
            throw StoreError(
                code: .networkFolder, doing: "keep state in \(path)",
                message: "it is on a network file system (\(kind)), whose locks cannot be "
                    + "trusted; set FLOW_STATE to a folder on a local disk")
        }
        let files = ["runs.db", "runs.db-wal", "runs"].map { Path.join(path, $0) }
        // SQLite's log goes away whenever nobody has the file open.
        obstacle = ([there] + files).lazy.compactMap { Files.obstacle(toWriting: $0) }.first
            .map { StoreError(readOnly: $0, folder: there == path ? path : nil) }
    }

    /// The same folder, to look at only.
    package init(_ other: StateFolder, obstacle: StoreError) {
        path = other.path
        self.obstacle = obstacle
    }

    package var runsDatabase: String { Path.join(path, "runs.db") }
    package var memoryDatabase: String { Path.join(path, "memory.db") }
    package var placesDatabase: String { Path.join(path, "places.db") }

    /// The folder of one run: its logs, the files of its attempts, its lock.
    package func folder(ofRun id: String) -> String { Path.join(path, "runs/\(id)") }

    /// The ids of the runs that have a folder, oldest first.
    func runFolders() -> [String] { (try? Files.list(Path.join(path, "runs"))) ?? [] }

    /// The file whose lock marks the owner of a run.
    func lock(ofRun id: String) -> String { Path.join(folder(ofRun: id), "lock") }

    package var objects: String { Path.join(path, "objects") }
}
