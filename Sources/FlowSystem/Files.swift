internal import CFlowSystem
internal import Glibc

/// Whole files and folders. Every function that fails says what it was doing to which path.
package enum Files {
    /// What stands at a path.
    package enum Kind: Sendable { case file, folder, link, other }

    /// The bytes of a file.
    /// - Throws: `tooLarge` beyond `limit` bytes, before they are read; else what the system says.
    package static func read(_ path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
        let file = try descriptor(path, O_RDONLY | O_CLOEXEC, doing: "read \(path)")
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw SystemError(errno: errno, doing: "read \(path)")
        }
        if Int(status.st_size) > limit { throw tooLarge(path, limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size) + 1)
        while true {
            let room = max(1 << 16, Int(status.st_size) - bytes.count + 1)
            let piece = try readPiece(file, room, path)
            if piece.isEmpty { return bytes }
            bytes += piece
            if bytes.count > limit { throw tooLarge(path, limit) }
        }
    }

    /// The text of a file; bytes that are not UTF-8 become U+FFFD.
    package static func text(_ path: String, limit: Int = .max) throws(SystemError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Writes a file so that a reader sees the old bytes or the new ones, never a part: to a
    /// temporary file beside it, synced, then renamed. Folders on the way are made.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644, sync: Bool = true
    ) throws(SystemError) {
        let folder = Path.folder(path)
        try makeFolder(folder)
        let temporary = "\(folder)/.\(Path.name(path)).\(getpid()).\(UInt32.random(in: 0...(.max)))"
        let doing = "write \(path)"
        let file = try descriptor(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: mode, doing: doing)
        do throws(SystemError) {
            defer { close(file) }
            try writeAll(bytes, to: file, doing: doing)
            if sync, fsync(file) != 0 { throw SystemError(errno: errno, doing: doing) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = SystemError(errno: errno, doing: doing)
            unlink(temporary)
            throw error
        }
    }

    /// Writes text so that a reader sees the old text or the new one.
    package static func write(_ text: String, to path: String, mode: UInt32 = 0o644)
        throws(SystemError)
    {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// Makes a folder and those above it that are missing; one that is there is fine.
    package static func makeFolder(_ path: String) throws(SystemError) {
        if path.isEmpty || mkdir(path, 0o777) == 0 { return }
        switch errno {
        case EEXIST where kind(path, following: true) == .folder: return
        case ENOENT:
            let parent = Path.folder(path)
            guard parent != path else { break }
            try makeFolder(parent)
            if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
        default: break
        }
        if errno == EEXIST {
            throw SystemError(
                code: .exists, doing: "make the folder \(path)",
                message: "something else stands in its place; move it away")
        }
        throw SystemError(errno: errno, doing: "make the folder \(path)")
    }

    /// What stands at the path; nil for nothing. Links are not followed unless asked for.
    package static func kind(_ path: String, following: Bool = false) -> Kind? {
        var status = stat()
        let result = following ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .other
        }
    }

    package static func exists(_ path: String) -> Bool { kind(path, following: true) != nil }

    /// The path itself where something stands there, else the nearest folder above it.
    package static func nearest(_ path: String) -> String {
        let above = Path.folder(path)
        return exists(path) || above == path ? path : nearest(above)
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        guard let folder = opendir(path) else {
            throw SystemError(errno: errno, doing: "list \(path)")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes a file, or a folder with all that is in it; links are removed, not followed. Nothing
    /// there is fine.
    package static func remove(_ path: String) throws(SystemError) {
        switch kind(path) {
        case nil: return
        case .folder?:
            for name in try list(path) { try remove(Path.join(path, name)) }
            guard rmdir(path) == 0 else { throw SystemError(errno: errno, doing: "remove \(path)") }
        default:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw SystemError(errno: errno, doing: "remove \(path)")
            }
        }
    }

    /// The path with every link resolved.
    package static func real(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else {
            throw SystemError(errno: errno, doing: "find \(path)")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    package static var workingFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    private static func descriptor(
        _ path: String, _ flags: Int32, mode: UInt32 = 0, doing: String
    ) throws(SystemError) -> Int32 {
        guard !path.utf8.contains(0) else {
            throw SystemError(
                code: .notFound, doing: doing, message: "a path cannot hold a NUL byte")
        }
        while true {
            let file = open(path, flags, mode)
            if file >= 0 { return file }
            if errno != EINTR { throw SystemError(errno: errno, doing: doing) }
        }
    }

    private static func readPiece(_ file: Int32, _ room: Int, _ path: String) throws(SystemError)
        -> [UInt8]
    {
        while true {
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let got = Glibc.read(file, buffer.baseAddress, room)
                failure = got < 0 ? errno : 0
                count = max(0, got)
            }
            if failure == 0 { return piece }
            if failure != EINTR { throw SystemError(errno: failure, doing: "read \(path)") }
        }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32, doing: String)
        throws(SystemError)
    {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote >= 0 {
                done += wrote
            } else if errno != EINTR {
                throw SystemError(errno: errno, doing: doing)
            }
        }
    }

    private static func tooLarge(_ path: String, _ limit: Int) -> SystemError {
        SystemError(
            code: .tooLarge, doing: "read \(path)", message: "it is larger than \(limit) bytes")
    }
}

extension Files {
    /// Why this user cannot write to a file, or make and remove files in a folder; nil where nothing is
    /// in the way, or nothing is there. What a disk has room for is another question.
    package static func obstacle(toWriting path: String) -> SystemError? {
        let wanted = kind(path, following: true) == .folder ? W_OK | X_OK : W_OK
        guard access(path, wanted) != 0, errno != ENOENT, errno != ENOTDIR else { return nil }
        return SystemError(errno: errno, doing: "write to \(path)")
    }

    /// Whether the path is a file that this user may execute.
    package static func isExecutable(_ path: String) -> Bool {
        kind(path, following: true) == .file && access(path, X_OK) == 0
    }
}

extension Files {
    /// The name of the network file system that a path is on; nil on a local disk
    /// (`statfs(2)`, `linux/magic.h`).
    package static func networkFileSystem(at path: String) -> String? {
        let names: [Int: String] = [
            0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x517B: "SMB",
            0x0102_1997: "9P", 0x6B41_4653: "AFS", 0x00C3_6400: "Ceph", 0x0BD0_0BD0: "Lustre",
            0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS",
        ]
        return names[flow_file_system(path)]
    }
}

extension Files {
    /// Makes a folder the working folder.
    package static func enter(_ path: String) throws(SystemError) {
        guard chdir(path) == 0 else { throw SystemError(errno: errno, doing: "enter \(path)") }
    }
}

extension Files {
    /// The permission bits of what stands at a path, links followed; nil for nothing.
    package static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }
}
