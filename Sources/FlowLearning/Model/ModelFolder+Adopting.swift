internal import FlowSystem
internal import Glibc

extension ModelFolder {
    /// The hash of a folder that is no model of flow's: the SHA-256 of a line `<SHA-256>  <path>` for
    /// each file in it, sorted by path, as `sha256sum` prints them.
    /// - Throws: `system`; also where something in it is neither file nor folder.
    package static func foreignHash(of path: String) throws(LearningError) -> String {
        do throws(SystemError) {
            let lines = try names(of: path).map { name throws(SystemError) in
                let hash = try Files.digest(Path.join(path, name)).hash
                return hash.hex + "  " + name + "\n"
            }
            return SHA256.hex(lines.joined().utf8)
        } catch {
            throw LearningError(.system, doing: error.doing, error.message)
        }
    }

    /// Whether the folder of that hash below `folder` has the bytes that the hash stands for.
    package static func isWhole(_ hash: String, below folder: String) -> Bool {
        do throws(LearningError) {
            _ = try read(hash, below: folder)
            return true
        } catch {
            guard error.code == .foreignModel else { return false }
            return (try? foreignHash(of: Path.join(folder, hash))) == hash
        }
    }

    /// Makes a folder stand below `folder` under its hash too, all of it or nothing. The files are the
    /// same ones where one disk holds both. One that stands there already is left alone.
    /// - Throws: `system`; what was begun is removed then.
    package static func adopt(_ path: String, as hash: String, below folder: String)
        throws(LearningError)
    {
        let target = Path.join(folder, hash)
        if Files.exists(target) { return }
        let temporary = Path.join(folder, ".\(hash).\(getpid())")
        do throws(SystemError) {
            try Files.remove(temporary)
            do throws(SystemError) {
                for name in try names(of: path) {
                    let copy = Path.join(temporary, name)
                    try Files.makeFolder(Path.folder(copy))
                    do throws(SystemError) {
                        try Files.makeName(copy, for: Path.join(path, name))
                    } catch {
                        _ = try Files.copy(Path.join(path, name), to: copy, mode: 0o644)
                    }
                }
                guard rename(temporary, target) == 0 else {
                    throw SystemError(errno: errno, doing: "write \(target)")
                }
            } catch {
                try? Files.remove(temporary)
                throw error
            }
        } catch {
            throw LearningError(.system, doing: error.doing, error.message)
        }
    }

    /// The paths of all files in a model's folder and those in it, from there on, sorted.
    /// - Throws: `system`; also where something in it is neither file nor folder.
    package static func files(of path: String) throws(LearningError) -> [String] {
        do throws(SystemError) {
            return try names(of: path)
        } catch {
            throw LearningError(.system, doing: error.doing, error.message)
        }
    }

    private static func names(of path: String, _ prefix: String = "") throws(SystemError)
        -> [String]
    {
        var found: [String] = []
        for name in try Files.list(path) {
            let inner = Path.join(path, name)
            switch Files.kind(inner) {
            case .folder: found += try names(of: inner, Path.join(prefix, name))
            case .file: found.append(Path.join(prefix, name))
            default:
                throw SystemError(
                    code: .other(EINVAL), doing: "read \(inner)",
                    message: "a model's folder holds files and folders only")
            }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
