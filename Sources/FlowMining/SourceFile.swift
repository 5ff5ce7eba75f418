internal import FlowSystem
internal import Glibc

/// One open log file, or standard input; closed when the value goes.
package struct SourceFile: ~Copyable {
    /// When it was opened; standard input has no size.
    package let identity: FileIdentity
    package var path: String { identity.path }
    package var size: Int { identity.size }
    private let descriptor: Int32
    private var at = 0

    private init(path: String, descriptor: Int32, status: stat) {
        self.descriptor = descriptor
        var status = status
        if path == "-" { status.st_size = 0 }
        identity = FileIdentity(path: path, status)
    }

    /// Opens a file; `-` is standard input.
    /// - Throws: `noFile` and `unreadable` naming the file, `notAFile`, and `compressed` for gzip and
    ///   zstd.
    package static func open(_ path: String) throws(MiningError) -> SourceFile {
        let doing = "read \(path)"
        // O_NONBLOCK: opening a pipe that no one writes to must not wait
        let descriptor =
            path == "-" ? dup(0) : Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let number = errno
            throw MiningError(
                number == ENOENT ? .noFile : .unreadable, doing: doing, words(number))
        }
        var status = stat()
        let known = fstat(descriptor, &status) == 0
        let number = errno
        let file = SourceFile(path: path, descriptor: descriptor, status: status)
        guard known else { throw MiningError(.unreadable, doing: doing, words(number)) }
        if path == "-" { return file }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw MiningError(
                .notAFile, doing: doing, isFolder ? words(EISDIR) : "it is not a regular file")
        }
        let start = try file.read(0..<min(4, file.size))
        if start.starts(with: [0x1F, 0x8B]) || start == [0x28, 0xB5, 0x2F, 0xFD] {
            throw MiningError(
                .compressed, doing: doing, "it is compressed; unpack it and name the unpacked file")
        }
        return file
    }

    deinit { close(descriptor) }

    /// Moves to where reading begins.
    package mutating func seek(to offset: Int) throws(MiningError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
            throw MiningError(.unreadable, doing: "read \(path)", Self.words(errno))
        }
        at = offset
    }

    /// The next bytes, up to 256 KiB; empty at the end.
    package mutating func next() throws(MiningError) -> [UInt8] {
        let chunk = try piece(1 << 18) { buffer, room in Glibc.read(descriptor, buffer, room) }
        at += chunk.count
        return chunk
    }

    /// Some bytes of the file, wherever reading stands; fewer where the file ends before.
    package func read(_ range: Range<Int>) throws(MiningError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < range.count {
            let from = off_t(range.lowerBound + bytes.count)
            let more = try piece(range.count - bytes.count) { buffer, room in
                pread(descriptor, buffer, room, from)
            }
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    private func piece(_ room: Int, _ call: (UnsafeMutableRawPointer?, Int) -> Int)
        throws(MiningError) -> [UInt8]
    {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let got = call(buffer.baseAddress, room)
                failure = got < 0 ? errno : 0
                count = max(0, got)
            }
            if failure == 0 { return bytes }
            if failure != EINTR {
                throw MiningError(.unreadable, doing: "read \(path)", Self.words(failure))
            }
        }
    }

    private static func words(_ number: Int32) -> String {
        switch number {
        case ENOENT: "no such file; check the path of the source"
        case EACCES: "permission denied; allow this user to read it"
        case ELOOP: "its symbolic links go in a circle"
        case EISDIR: "it is a folder; name its files, as in folder/*"
        default: String(cString: strerror(number))
        }
    }

    /// Where to begin to read this file.
    /// - Parameter others: all files of this reading.
    package func start(_ state: inout SourceState, among others: [FileIdentity])
        throws(MiningError) -> SourceState.Start
    {
        var pieces: [Range<Int>: FileMark.Piece] = [:]
        return try state.start(identity) { range throws(MiningError) in
            if let known = pieces[range] { return known }
            let piece = FileMark.Piece(try read(range))
            pieces[range] = piece
            return piece
        } other: { marked, range throws(MiningError) in
            let found =
                others.first { $0.place == marked.place } ?? others.first { $0.path == marked.path }
            guard let found, found.place != identity.place, found.size >= range.upperBound else {
                return nil
            }
            return FileMark.Piece(try SourceFile.open(found.path).read(range))
        }
    }
}
