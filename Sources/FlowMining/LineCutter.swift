internal import Glibc

/// Cuts chunks of bytes into lines and never keeps more of a line than its limit.
///
/// Zero bytes at the start of a line are passed over: a file that was truncated while its writer went
/// on where it was begins with as many as it had bytes.
struct LineCutter: Sendable {
    struct Line {
        /// Without its end; cut at the limit.
        let bytes: ArraySlice<UInt8>
        /// Where it begins, in bytes from the start of the source.
        let offset: Int
        /// From 1.
        let number: Int
        /// How many bytes were left out.
        let lost: Int
    }

    let limit: Int
    private var pending: [UInt8] = []
    private var lost = 0
    private var number = 0
    /// Where the line that is being collected begins.
    private(set) var offset: Int
    private var length = 0

    init(limit: Int, offset: Int) {
        self.limit = limit
        self.offset = offset
    }

    mutating func read(_ chunk: ArraySlice<UInt8>, _ take: (Line) -> Void) {
        var start = chunk.startIndex
        while let end = Self.newline(chunk[start...]) {
            collect(chunk[start..<end])
            length += 1
            emit(take)
            start = end + 1
        }
        collect(chunk[start...])
    }

    /// The last line, where no newline ends it.
    mutating func finish(_ take: (Line) -> Void) {
        if length > 0 { emit(take) }
    }

    private mutating func collect(_ part: ArraySlice<UInt8>) {
        length += part.count
        let kept = pending.isEmpty && part.first == 0 ? part.drop { $0 == 0 } : part
        let room = max(0, limit - pending.count)
        pending += kept.prefix(room)
        lost += max(0, kept.count - room)
    }

    /// Where the first newline stands.
    static func newline(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                let found = memchr(start, Int32(UInt8(ascii: "\n")), buffer.count)
            else { return nil }
            return bytes.startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(start))
        }
    }

    private mutating func emit(_ take: (Line) -> Void) {
        number += 1
        var line = pending[...]
        if lost == 0, line.last == UInt8(ascii: "\r") { line.removeLast() }
        take(Line(bytes: line, offset: offset, number: number, lost: lost))
        offset += length
        length = 0
        lost = 0
        pending.removeAll(keepingCapacity: true)
        if pending.capacity > 1 << 22 { pending = [] }
    }
}
