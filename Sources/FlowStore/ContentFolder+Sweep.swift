internal import FlowSystem

extension ContentFolder {
    /// A value in the folder.
    struct Object {
        let hash: String
        let diskBytes: Int
        let modified: Timestamp
    }

    /// Younger values stay although nothing refers to them: their event may be under way.
    static let grace = 3600.0
    /// The end of the name of a value that is being removed.
    private static let aside = ".swept"

    /// All values, and the paths of files that are none: what a killed flow has left half-written.
    func objects() -> (objects: [Object], strays: [String]) {
        var objects: [Object] = []
        var strays: [String] = []
        for part in (try? Files.list(folder)) ?? [] {
            for name in (try? Files.list(Path.join(folder, part))) ?? [] {
                let path = Path.join(folder, "\(part)/\(name)")
                guard let status = FileStatus(path) else { continue }
                if HashScan.isHash(part + name) {
                    objects.append(
                        Object(
                            hash: part + name, diskBytes: status.diskBytes,
                            modified: status.modified))
                } else {
                    strays.append(path)
                }
            }
        }
        return (objects, strays)
    }

    /// Removes a value unless it has been touched since `time`. Put aside first and looked at again:
    /// somebody may have kept the same value in this moment.
    /// - Returns: whether it is gone.
    func remove(_ hash: String, untouchedSince time: Timestamp) -> Bool {
        let path = path(hash)
        let aside = Path.join(Path.folder(path), ".\(Path.name(path))\(Self.aside)")
        guard (try? Files.move(path, to: aside)) != nil else { return false }
        if let status = FileStatus(aside), status.modified < time {
            return (try? Files.remove(aside)) != nil
        }
        if !Files.exists(path) { try? Files.move(aside, to: path) }
        return false
    }

    /// Removes a file that is no value, once it is too old to be one in the making. A value that a
    /// killed flow had put aside comes back, for the next sweep to judge.
    /// - Returns: the bytes it took.
    func removeStray(_ path: String, untouchedSince time: Timestamp) -> Int {
        if path.hasSuffix(Self.aside) {
            let value = Path.join(
                Path.folder(path), String(Path.name(path).dropFirst().dropLast(Self.aside.count)))
            if !Files.exists(value), (try? Files.move(path, to: value)) != nil { return 0 }
        }
        guard let status = FileStatus(path), status.modified < time,
            (try? Files.remove(path)) != nil
        else { return 0 }
        return status.diskBytes
    }
}
