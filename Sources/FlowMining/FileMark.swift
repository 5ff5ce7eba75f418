package import FlowJSON
internal import FlowSystem

/// How far a file was read, and what tells it from other files, so that nothing is counted twice
/// whatever is appended, renamed, copied or truncated in between.
package struct FileMark: Sendable {
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
    /// The least start that tells one file from another; the records of a file that has less are
    /// never counted for good.
    static let leastTelling = 24

    /// As it was when it was read.
    package var file: FileIdentity
    /// Bytes that were read; they tell the file from others.
    package var seen: Int
    /// Bytes whose records are counted for good; what stands between here and `seen` may go on, and
    /// is read again.
    package var offset: Int
    /// How it was read, so that what is appended is read so too; the bytes that told it may be gone.
    var format: LogFormat?
    /// The first bytes, no more than `seen` of them.
    package var head: Piece
    /// The last bytes before `seen`.
    package var tail: Piece
    /// What the records between `offset` and `seen` count for until the file is read again: those at
    /// its unfinished end. They stay counted where the file is gone.
    package var unfinished: Miner?
    /// The file that was read on from here in this reading.
    var heir: String?

    package init(
        _ file: FileIdentity, seen: Int, offset: Int, ends: FileEnds, format: LogFormat? = nil,
        unfinished: Miner? = nil
    ) {
        self.file = file
        self.format = format
        self.seen = seen
        self.offset = offset
        head = Piece(ends.head)
        tail = Piece(ends.tail)
        self.unfinished = unfinished
    }

    /// The same of a file that is no longer where it was.
    var withoutPlace: FileMark {
        var mark = self
        mark.file = FileIdentity(path: file.path, device: 0, inode: 0, size: file.size)
        return mark
    }

    package var json: JSON {
        func piece(_ piece: Piece) -> JSON {
            ["length": .integer(piece.length), "sha256": .string(piece.sha256)]
        }
        return [
            "path": .string(file.path), "device": .string(String(file.place.device)),
            "inode": .string(String(file.place.inode)), "seen": .integer(seen),
            "offset": .integer(offset), "format": format.map { .string($0.rawValue) } ?? .null,
            "head": piece(head), "tail": piece(tail), "unfinished": unfinished?.json ?? .null,
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
        func count(_ name: String, _ range: ClosedRange<Int>) throws(MiningError) -> Int {
            guard let value = json[name]?.intValue, range.contains(value) else {
                throw missing(name)
            }
            return value
        }
        func piece(_ name: String, of seen: Int) throws(MiningError) -> Piece {
            guard let length = json[name]?["length"]?.intValue,
                length == min(seen, Self.pieceLength), let hash = json[name]?["sha256"]?.stringValue
            else { throw missing(name) }
            return Piece(length: length, sha256: hash)
        }
        guard let path = json["path"]?.stringValue else { throw missing("path") }
        seen = try count("seen", 0...Int.max)
        file = FileIdentity(
            path: path, device: try number("device"), inode: try number("inode"), size: seen)
        offset = try count("offset", 0...seen)
        format = json["format"]?.stringValue.flatMap(LogFormat.init(rawValue:))
        head = try piece("head", of: seen)
        tail = try piece("tail", of: seen)
        if let counts = json["unfinished"], !counts.isNull {
            unfinished = try Miner(json: counts)
        }
    }
}

/// The first and the last bytes of what was read of a file, taken while it was read: later it may
/// hold others.
package struct FileEnds: Sendable {
    package private(set) var head: [UInt8]
    package private(set) var tail: [UInt8]

    package init(head: [UInt8] = [], tail: [UInt8] = []) {
        self.head = head
        self.tail = tail
    }

    package mutating func add(_ chunk: [UInt8]) {
        head += chunk.prefix(FileMark.pieceLength - head.count)
        if chunk.count < FileMark.pieceLength { tail += chunk } else { tail = chunk }
        tail = Array(tail.suffix(FileMark.pieceLength))
    }
}
