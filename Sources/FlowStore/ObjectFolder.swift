internal import FlowSystem

/// Files kept by their content in the state folder, beside the values that `ContentFolder` keeps.
///
/// They are not synced, as they are looked at before they are used.
struct ObjectFolder: Sendable {
    private let folder: String
    /// Where files stand until they are whole.
    let unfinished: String

    init(_ state: StateFolder) {
        folder = state.objects
        unfinished = Path.join(state.path, "cache.tmp")
    }

    func path(_ hash: [UInt8]) -> String {
        let name = hash.hex
        return Path.join(folder, "\(name.prefix(2))/\(name.dropFirst(2))")
    }

    /// Whether there is an object of this name and size, which a sweep then spares for a while; what
    /// is in it is seen when it is used.
    func has(_ hash: [UInt8], size: Int64) -> Bool {
        guard let stamp = FileStamp(path(hash)), stamp.kind == .file, stamp.size == size else {
            return false
        }
        return Files.touch(path(hash))
    }

    /// Whether the content of an object is what its name says. Costs as much as reading it.
    func isWhole(_ hash: [UInt8]) -> Bool { (try? Files.digest(path(hash)).hash) == hash }

    /// Keeps a copy of a file.
    /// - Returns: whether the file had the content that is expected, and could be copied.
    func put(_ file: String, hash: [UInt8]) -> Bool {
        do throws(SystemError) {
            let copy = try copy(file, mode: 0o644)
            guard copy.hash == hash else {
                try Files.remove(copy.path)
                return false
            }
            try Files.makeFolder(Path.folder(path(hash)))
            try Files.move(copy.path, to: path(hash))
            return true
        } catch {
            return false
        }
    }

    /// A copy of an object, to be placed.
    /// - Returns: nil where the object is missing or damaged; a damaged one is removed.
    /// - Throws: where it cannot be copied.
    func copy(of hash: [UInt8], mode: UInt32) throws(SystemError) -> String? {
        guard Files.kind(path(hash)) == .file else { return nil }
        let copy = try copy(path(hash), mode: mode)
        if copy.hash == hash { return copy.path }
        try Files.remove(copy.path)
        try Files.remove(path(hash))
        return nil
    }

    /// A link, to be placed.
    func link(to target: String) throws(SystemError) -> String {
        let path = try newPath()
        try Files.makeLink(path, to: target)
        return path
    }

    /// Puts a copy in the place of what stands at a path, at once.
    func place(_ copy: String, at path: String) throws(SystemError) {
        do throws(SystemError) {
            try Files.move(copy, to: path)
        } catch {
            // The state is on another file system: a second copy, beside the place.
            guard error.code == .otherFileSystem, let status = FileStamp(copy) else { throw error }
            let beside = Path.join(
                Path.folder(path), ".\(Path.name(path)).\(Path.name(copy))")
            do throws(SystemError) {
                _ = try Files.copy(copy, to: beside, mode: status.mode)
                try Files.move(beside, to: path)
                try Files.remove(copy)
            } catch {
                try? Files.remove(beside)
                throw error
            }
        }
    }

    private func copy(_ file: String, mode: UInt32) throws(SystemError) -> (
        path: String, hash: [UInt8]
    ) {
        let path = try newPath()
        do throws(SystemError) {
            return (path, try Files.copy(file, to: path, mode: mode).hash)
        } catch {
            try? Files.remove(path)
            throw error
        }
    }

    private func newPath() throws(SystemError) -> String {
        try Files.makeFolder(unfinished)
        return Path.join(unfinished, String(UInt64.random(in: 0...(.max)), radix: 36))
    }
}
