/// Cuts chunks of bytes into lines and never keeps more of a line than its limit.
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
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
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
        let room = max(0, limit - pending.count)
        pending += part.prefix(room)
        lost += max(0, part.count - room)
        length += part.count
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
