package import FlowJSON
internal import FlowSystem

/// How far a file was read, and what tells it from other files, so that nothing is counted twice
/// whatever is appended, renamed, copied or truncated in between.
package struct FileMark: Sendable, Hashable {
    /// Some bytes of a file by their hash.
    package struct Piece: Sendable, Hashable {
        package let length: Int
        /// SHA-256, hexadecimal.
        package let sha256: String

        package init(length: Int, sha256: String) {
            self.length = length
            self.sha256 = sha256
        }

        package init(_ bytes: some Collection<UInt8>) {
            self.init(length: bytes.count, sha256: SHA256.hex(bytes))
        }
    }

    /// Bytes at either end that are hashed.
    package static let pieceLength = 1024
    /// The least start that tells one file from another by content alone.
    static let leastTelling = 64

    /// As it was named when it was read.
    package var path: String
    package var device: UInt64
    package var inode: UInt64
    package var size: Int
    /// Bytes that are counted.
    package var offset: Int
    /// The first bytes, no more than `offset` of them.
    package var head: Piece
    /// The last bytes before `offset`.
    package var tail: Piece

    package init(
        path: String, device: UInt64, inode: UInt64, size: Int, offset: Int, head: Piece,
        tail: Piece
    ) {
        self.path = path
        self.device = device
        self.inode = inode
        self.size = size
        self.offset = offset
        self.head = head
        self.tail = tail
    }

    package var json: JSON {
        func piece(_ piece: Piece) -> JSON {
            ["length": .integer(piece.length), "sha256": .string(piece.sha256)]
        }
        return [
            "path": .string(path), "device": .string(String(device)),
            "inode": .string(String(inode)), "size": .integer(size), "offset": .integer(offset),
            "head": piece(head), "tail": piece(tail),
        ]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` naming the member that is missing.
    package init(json: JSON) throws(MiningError) {
        func missing(_ name: String) -> MiningError {
            MiningError(
                .badDocument, doing: "read how far the sources were read",
                "'\(name)' is missing or of the wrong type")
        }
        func number(_ name: String) throws(MiningError) -> UInt64 {
            guard let value = json[name]?.stringValue.flatMap({ UInt64($0) }) else {
                throw missing(name)
            }
            return value
        }
        func count(_ name: String) throws(MiningError) -> Int {
            guard let value = json[name]?.intValue, value >= 0 else { throw missing(name) }
            return value
        }
        func piece(_ name: String) throws(MiningError) -> Piece {
            guard let length = json[name]?["length"]?.intValue, length >= 0,
                let hash = json[name]?["sha256"]?.stringValue
            else { throw missing(name) }
            return Piece(length: length, sha256: hash)
        }
        guard let path = json["path"]?.stringValue else { throw missing("path") }
        self.init(
            path: path, device: try number("device"), inode: try number("inode"),
            size: try count("size"), offset: try count("offset"), head: try piece("head"),
            tail: try piece("tail"))
    }
}

/// How far all files of a source were read.
package struct SourceState: Sendable, Hashable {
    package private(set) var marks: [FileMark]

    package init(marks: [FileMark] = []) { self.marks = marks }

    /// Where to begin to read a file.
    package enum Start: Sendable, Hashable {
        /// Nothing of it is counted.
        case new
        /// Bytes before `offset` are counted.
        case resume(offset: Int)
        /// It was read before, but its bytes are others now: it was truncated or written anew.
        case again(reason: String)
    }

    /// Decides where to begin. Costs no reading beyond what `piece` reads: at most two pieces a mark
    /// that may be meant.
    /// - Parameters:
    ///   - piece: the bytes `range` of the file, hashed.
    package func start(
        path: String, device: UInt64, inode: UInt64, size: Int,
        piece: (Range<Int>) throws(MiningError) -> FileMark.Piece
    ) throws(MiningError) -> Start {
        for mark in marks where mark.device == device && mark.inode == inode {
            if try fits(mark, size, piece) { return .resume(offset: mark.offset) }
        }
        // rotated by copying, or brought from elsewhere: other inode, same content
        for mark in marks where mark.head.length >= FileMark.leastTelling || mark.path == path {
            if try fits(mark, size, piece) { return .resume(offset: mark.offset) }
        }
        guard
            let old = marks.first(where: { $0.device == device && $0.inode == inode })
                ?? marks.first(where: { $0.path == path })
        else { return .new }
        return .again(
            reason: size < old.offset
                ? "\(path) is shorter than what was read of it; it is read from its start"
                : "\(path) begins with other bytes than before; it is read from its start")
    }

    private func fits(
        _ mark: FileMark, _ size: Int,
        _ piece: (Range<Int>) throws(MiningError) -> FileMark.Piece
    ) throws(MiningError) -> Bool {
        guard mark.offset > 0, size >= mark.offset else { return false }
        guard try piece(0..<mark.head.length) == mark.head else { return false }
        return try piece((mark.offset - mark.tail.length)..<mark.offset) == mark.tail
    }

    /// Notes how far a file was read: replaces the mark of the same file (device and inode, else
    /// the mark with the same start, whose file was renamed or copied), or adds one.
    package mutating func note(_ mark: FileMark) {
        marks.removeAll {
            $0.device == mark.device && $0.inode == mark.inode
                || $0.path == mark.path && ($0.head == mark.head || $0.offset == 0)
        }
        marks.append(mark)
        marks.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    package var json: JSON { ["version": 1, "files": .array(marks.map(\.json))] }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` for another shape or version.
    package init(json: JSON) throws(MiningError) {
        guard json["version"]?.intValue == 1, let files = json["files"]?.arrayValue else {
            throw MiningError(
                .badDocument, doing: "read how far the sources were read",
                "it is not of version 1; remove it to read everything again")
        }
        var marks: [FileMark] = []
        for file in files { marks.append(try FileMark(json: file)) }
        self.marks = marks
    }
}
