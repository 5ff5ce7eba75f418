internal import CGit2
internal import Glibc

/// libgit2 itself, started once for the process and never stopped.
enum Library {
    /// Touched before any other call into libgit2.
    static let started: Bool = {
        guard git_libgit2_init() > 0 else { return false }
        // A sparse checkout sets the first, a partial clone the second. Neither changes how what
        // flow reads and writes is stored; an object that is missing is an error when it is read.
        let known = ["worktreeconfig", "partialclone"]
        guard withCStrings(known, { flow_git2_accept_extensions($0, known.count) }) == 0 else {
            return false
        }
        // By itself libgit2 keeps no folder of more than some hundred files: to look up each file of a
        // large one would read the folder as often, as would each look for its .gitattributes.
        return flow_git2_keep_folders(folderLimit, keptLimit) == 0
    }()

    /// Bytes of a folder, of which each file takes some 60: up to 250,000 files.
    private static let folderLimit = 16 << 20
    /// Bytes of everything that a repository keeps in memory.
    private static let keptLimit = 64 << 20
}

/// Lends the texts as an array of C strings.
func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let bytes = texts.map { Array($0.utf8CString) }
    let starts = bytes.map { UnsafeMutablePointer<CChar>.allocate(capacity: $0.count) }
    defer { for start in starts { start.deallocate() } }
    for (start, text) in zip(starts, bytes) { start.initialize(from: text, count: text.count) }
    var pointers: [UnsafePointer<CChar>?] = starts.map { UnsafePointer($0) }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
}

/// Lends copies of the texts as libgit2 takes them.
func withCopies<Result>(
    _ texts: [String], _ body: (UnsafePointer<git_strarray>) -> Result
) -> Result {
    var copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeMutableBufferPointer { buffer in
        var array = git_strarray(strings: buffer.baseAddress, count: buffer.count)
        return body(&array)
    }
}

extension git_strarray {
    /// The texts, copied.
    var texts: [String] {
        (0..<count).compactMap { index in strings[index].map { String(cString: $0) } }
    }
}

/// An object of libgit2 that this value owns and frees.
struct Owned: ~Copyable {
    let pointer: OpaquePointer
    private let free: @convention(c) (OpaquePointer?) -> Void

    /// Calls `make` with a place for the new object.
    init(
        _ free: @escaping @convention(c) (OpaquePointer?) -> Void,
        _ doing: @autoclosure () -> String,
        _ make: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(GitError) {
        var made: OpaquePointer?
        try check(make(&made), doing())
        guard let made else { throw GitError(.other, doing: doing(), "libgit2 gave nothing") }
        self.pointer = made
        self.free = free
    }

    deinit { free(pointer) }
}

/// The bytes of a libgit2 buffer that this value frees.
struct Buffer: ~Copyable {
    var raw = git_buf()

    var bytes: [UInt8] {
        Array(UnsafeRawBufferPointer(start: raw.ptr, count: raw.ptr == nil ? 0 : raw.size))
    }

    deinit {
        var raw = raw
        git_buf_dispose(&raw)
    }
}
