internal import FlowSystem
internal import Glibc

/// One open log file, or standard input; closed when the value goes.
///
/// What is packed with gzip or zstd, or written in UTF-16, is seen as its text: offsets, `read`,
/// `next` and `mark` are about that, so a file that was packed after it was read is still known.
/// Each `read` and `seek` then unpacks from the start.
package struct SourceFile: ~Copyable {
    /// When it was opened; standard input has no size, and a packed file more than it can have.
    package private(set) var identity: FileIdentity
    package var path: String { identity.path }
    package var size: Int { identity.size }
    /// Of the file itself.
    private let length: Int
    private let descriptor: Int32
    private var packing: Packing?
    private var unpacked: UnpackedBytes?
    private var hasBegun = false
    /// What was read of standard input to see how it is packed, or unpacked beyond a seek.
    private var ahead: [UInt8] = []

    private init(path: String, descriptor: Int32, status: stat) {
        self.descriptor = descriptor
        length = path == "-" ? 0 : Int(status.st_size)
        var status = status
        status.st_size = off_t(length)
        identity = FileIdentity(path: path, status)
    }

    /// Opens a file; `-` is standard input, or what a test gives in its place.
    /// - Throws: `noFile` and `unreadable` naming the file, `notAFile`.
    package static func open(_ path: String, standardInput: Int32 = 0)
        throws(MiningError) -> SourceFile
    {
        let doing = "read \(path)"
        // O_NONBLOCK: opening a pipe that no one writes to must not wait
        let descriptor =
            path == "-"
            ? fcntl(standardInput, F_DUPFD_CLOEXEC, 0)
            : Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let number = errno
            throw MiningError(
                number == ENOENT ? .noFile : .unreadable, doing: doing, words(number))
        }
        var status = stat()
        let known = fstat(descriptor, &status) == 0
        let number = errno
        var file = SourceFile(path: path, descriptor: descriptor, status: status)
        guard known else { throw MiningError(.unreadable, doing: doing, words(number)) }
        if path == "-" { return file }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw MiningError(
                .notAFile, doing: doing, isFolder ? words(EISDIR) : "it is not a regular file")
        }
        file.packing = Packing(try file.plain(0..<min(Packing.sample, file.length)))
        guard let packing = file.packing else { return file }
        file.unpacked = UnpackedBytes(packing)
        let place = file.identity.place
        file.identity = FileIdentity(
            path: path, device: place.device, inode: place.inode, size: .max)
        return file
    }

    deinit { close(descriptor) }

    /// Moves to where reading begins.
    package mutating func seek(to offset: Int) throws(MiningError) {
        guard lseek(descriptor, packing == nil ? off_t(offset) : 0, SEEK_SET) >= 0 else {
            throw MiningError(.unreadable, doing: "read \(path)", Self.words(errno))
        }
        ahead = []
        guard let packing else { return }
        unpacked = UnpackedBytes(packing)
        var left = offset
        while left > 0 {
            let bytes = try next()
            if bytes.isEmpty { return }
            ahead = Array(bytes.dropFirst(left))
            left -= min(left, bytes.count)
        }
    }

    /// Why the text ended before the file did; nil until `next` has come to that place.
    package var damage: String? { unpacked?.damage }

    /// The next bytes, up to 256 KiB; empty at the end.
    package mutating func next() throws(MiningError) -> [UInt8] {
        if path == "-", !hasBegun { try begin() }
        if !ahead.isEmpty {
            defer { ahead = [] }
            return ahead
        }
        while true {
            switch unpacked?.next() {
            case nil: return try nextPlain()
            case .bytes(let bytes): return bytes
            case .needsMore:
                let more = try nextPlain()
                unpacked?.add(more)
            case .end: return []
            }
        }
    }

    /// Finds out how standard input is packed, of which nothing can be read twice.
    private mutating func begin() throws(MiningError) {
        hasBegun = true
        while ahead.count < Packing.sample {
            let more = try nextPlain()
            if more.isEmpty { break }
            ahead += more
        }
        packing = Packing(ahead)
        guard let packing else { return }
        unpacked = UnpackedBytes(packing)
        unpacked?.add(ahead)
        ahead = []
    }

    private func nextPlain() throws(MiningError) -> [UInt8] {
        try piece(UnpackedBytes.room) { buffer, room in Glibc.read(descriptor, buffer, room) }
    }

    /// Some bytes of the text, wherever reading stands; fewer where it ends before.
    package func read(_ range: Range<Int>) throws(MiningError) -> [UInt8] {
        guard let packing else { return try plain(range) }
        var stream = UnpackedBytes(packing)
        var (from, at) = (0, 0)
        var bytes: [UInt8] = []
        while at < range.upperBound {
            switch stream.next() {
            case .end: return bytes
            case .needsMore:
                let more = try plain(from..<(from + UnpackedBytes.room))
                from += more.count
                stream.add(more)
            case .bytes(let piece):
                let wanted = (max(at, range.lowerBound) - at)..<(range.upperBound - at)
                if wanted.lowerBound < piece.count {
                    bytes += piece[wanted.lowerBound..<min(piece.count, wanted.upperBound)]
                }
                at += piece.count
            }
        }
        return bytes
    }

    /// Bytes of the file itself.
    private func plain(_ range: Range<Int>) throws(MiningError) -> [UInt8] {
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
            if failure == EAGAIN {
                // standard input may be set not to wait
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&wanted, 1, -1)
            } else if failure != EINTR {
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
        let start = try self.start(identity, &state, others)
        guard packing != nil else { return start }
        switch start {
        case .resume, .copy: return start
        // a copy that is being packed: to be told it must be known how much it holds by now
        case .new, .again:
            let place = identity.place
            return try self.start(
                FileIdentity(
                    path: path, device: place.device, inode: place.inode, size: textLength()),
                &state, others)
        }
    }

    private func start(
        _ identity: FileIdentity, _ state: inout SourceState, _ others: [FileIdentity]
    ) throws(MiningError) -> SourceState.Start {
        var pieces: [Range<Int>: FileMark.Piece] = [:]
        return try state.start(identity) { range throws(MiningError) in
            if let known = pieces[range] { return known }
            let piece = FileMark.Piece(try read(range))
            pieces[range] = piece
            return piece
        } other: { marked, range throws(MiningError) in
            let found =
                others.first { $0.place == marked.place } ?? others.first { $0.path == marked.path }
            guard let found, found.place != identity.place else { return nil }
            let other: SourceFile
            do throws(MiningError) {
                other = try SourceFile.open(found.path)
            } catch {
                // rotated since its folder was listed
                if error.code == .noFile { return nil }
                throw error
            }
            guard other.identity.place == found.place, other.size >= range.upperBound else {
                return nil
            }
            return FileMark.Piece(try other.read(range))
        }
    }

    /// Bytes of the text of a packed file, as far as it can be unpacked; unpacks all of it.
    private func textLength() throws(MiningError) -> Int {
        guard let packing else { return size }
        var stream = UnpackedBytes(packing)
        var (from, length) = (0, 0)
        while true {
            switch stream.next() {
            case .end: return length
            case .bytes(let piece): length += piece.count
            case .needsMore:
                let more = try plain(from..<(from + UnpackedBytes.room))
                from += more.count
                stream.add(more)
            }
        }
    }
}
