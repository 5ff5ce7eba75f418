internal import Glibc

/// Large files, piece by piece, and what stands beside files.
extension Files {
    /// The SHA-256 of a file that is no link.
    /// - Returns: the digest and the file's status from before and after reading it: where they
    ///   differ, somebody wrote meanwhile.
    package static func digest(_ path: String) throws(SystemError) -> (
        hash: [UInt8], before: FileStamp, after: FileStamp
    ) {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, doing: "read \(path)")
        let before = try file.status()
        guard before.kind == .file else {
            throw SystemError(
                code: .other(EINVAL), doing: "read \(path)", message: "it is not a file")
        }
        var hash = SHA256()
        try file.forEachPiece { piece throws(SystemError) in hash.update(piece) }
        return (hash.finish(), before, try file.status())
    }

    /// Copies a file that is no link to a new file, which must not be there.
    /// - Returns: the SHA-256 and the size of what was copied.
    package static func copy(_ path: String, to copy: String, mode: UInt32) throws(SystemError)
        -> (hash: [UInt8], size: Int64)
    {
        let source = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, doing: "read \(path)")
        let target = try OpenFile(
            copy, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, doing: "write \(copy)")
        var hash = SHA256()
        var size: Int64 = 0
        try source.forEachPiece { piece throws(SystemError) in
            hash.update(piece)
            size += Int64(piece.count)
            try target.write(piece)
        }
        try target.setMode(mode)
        return (hash.finish(), size)
    }

    /// The names in a folder with what they stand for, in no order; a name that is not UTF-8 is nil.
    package static func entries(_ folder: String) throws(SystemError) -> [(
        name: String?, kind: Kind
    )] {
        guard let stream = opendir(folder) else {
            throw SystemError(errno: errno, doing: "list \(folder)")
        }
        defer { closedir(stream) }
        var found: [(name: String?, kind: Kind)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(validating: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let kind: Kind =
                switch Int(entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .folder
                case Int(DT_LNK): .link
                case Int(DT_UNKNOWN):
                    name.flatMap { Self.kind(Path.join(folder, $0)) } ?? .other
                default: .other
                }
            found.append((name, kind))
        }
        return found
    }

    /// What a link says; nil where there is none, or where it is not UTF-8.
    package static func target(ofLink path: String) -> String? {
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { max(0, readlink(path, $0, chars.count)) } ?? 0
            }
        }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// Makes a link that says `target`.
    package static func makeLink(_ path: String, to target: String) throws(SystemError) {
        guard symlink(target, path) == 0 else {
            throw SystemError(errno: errno, doing: "make the link \(path)")
        }
    }

    /// Gives a file another name on the same disk, beside the one that it has.
    package static func makeName(_ path: String, for file: String) throws(SystemError) {
        guard link(file, path) == 0 else {
            throw SystemError(errno: errno, doing: "give \(file) the name \(path)")
        }
    }

    /// Sets the permission bits of a file.
    package static func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        guard chmod(path, mode) == 0 else {
            throw SystemError(errno: errno, doing: "change the mode of \(path)")
        }
    }
}

/// An open file, closed with the value.
private struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let doing: String
    private static let piece = 1 << 18

    init(_ path: String, _ flags: Int32, mode: UInt32 = 0, doing: String) throws(SystemError) {
        self.doing = doing
        while true {
            let opened = open(path, flags | O_CLOEXEC, mode)
            if opened >= 0 {
                descriptor = opened
                return
            }
            if errno != EINTR { throw SystemError(errno: errno, doing: doing) }
        }
    }

    deinit { close(descriptor) }

    func status() throws(SystemError) -> FileStamp {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw error() }
        return FileStamp(status)
    }

    func setMode(_ mode: UInt32) throws(SystemError) {
        guard fchmod(descriptor, mode) == 0 else { throw error() }
    }

    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void)
        throws(SystemError)
    {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = read(descriptor, buffer.baseAddress, buffer.count)
            if got == 0 { return }
            if got > 0 {
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            } else if errno != EINTR {
                throw error()
            }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let wrote = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if wrote >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(wrote))
            } else if errno != EINTR {
                throw error()
            }
        }
    }

    private func error() -> SystemError { SystemError(errno: errno, doing: doing) }
}
