package import FlowEngine
internal import FlowSystem

/// The folder of everything that is not in git and that can be lost without losing knowledge.
package struct StateFolder: Sendable, Hashable {
    package let path: String

    /// Makes the folder, which ignores itself in git.
    /// - Throws: `StoreError` for a network file system, where SQLite's locks cannot be trusted.
    package init(_ path: String) throws(StoreError) {
        self.path = path
        do throws(SystemError) {
            try Files.makeFolder(path)
            let ignore = Path.join(path, ".gitignore")
            if !Files.exists(ignore) { try Files.write("*\n", to: ignore) }
        } catch {
            throw StoreError(error)
        }
        if let kind = Files.networkFileSystem(at: path) {
            throw StoreError(
                code: .networkFolder, doing: "keep state in \(path)",
                message: "it is on a network file system (\(kind)), whose locks cannot be "
                    + "trusted; set FLOW_STATE to a folder on a local disk")
        }
    }

    package var runsDatabase: String { Path.join(path, "runs.db") }
    package var memoryDatabase: String { Path.join(path, "memory.db") }
    package var placesDatabase: String { Path.join(path, "places.db") }

    /// The folder of one run: its logs, the files of its attempts, its lock.
    package func folder(ofRun id: String) -> String { Path.join(path, "runs/\(id)") }

    /// The file whose lock marks the owner of a run.
    func lock(ofRun id: String) -> String { Path.join(folder(ofRun: id), "lock") }

    package var objects: String { Path.join(path, "objects") }
}

/// Values kept by their content in the state folder.
package struct ContentFolder: ContentStore {
    private let folder: String

    package init(_ state: StateFolder) { folder = state.objects }

    package func put(_ bytes: [UInt8]) throws(EngineError) -> String {
        let hash = SHA256.hex(bytes)
        let path = path(hash)
        // What is there is looked at: a value that has been damaged is mended by keeping it again.
        if let kept = try? Files.read(path, limit: bytes.count), kept == bytes { return hash }
        do throws(SystemError) {
            try Files.write(bytes, to: path)
        } catch {
            throw EngineError(code: .content, doing: error.doing, message: error.message)
        }
        return hash
    }

    package func get(_ hash: String) throws(EngineError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path(hash))
        } catch {
            throw EngineError(code: .content, doing: error.doing, message: error.message)
        }
        guard SHA256.hex(bytes) == hash else {
            throw EngineError(
                code: .damaged, doing: "read \(path(hash))",
                message: "its content is not what its name says; the file is damaged")
        }
        return bytes
    }

    private func path(_ hash: String) -> String {
        Path.join(folder, "\(hash.prefix(2))/\(hash.dropFirst(2))")
    }
}
