package import FlowJSON
internal import FlowSystem

/// How far all files of a source were read.
package struct SourceState: Sendable {
    package private(set) var marks: [FileMark]
    private var index: MarkIndex
    /// How many of the marks are from before this reading.
    private var before: Int

    /// Marks of files that are no longer there, at most; the oldest go first.
    private static let mostGone = 10_000
    /// Those among them whose unfinished ends may still go on. A file that was renamed while its
    /// folder was listed is missed once and is there again in the next reading.
    private static let mostUnfinished = 100

    package init(marks: [FileMark] = []) {
        self.marks = marks
        index = MarkIndex(marks)
        before = marks.count
    }

    /// Where to begin to read a file.
    package enum Start: Sendable {
        /// Nothing of it is counted.
        case new
        /// It goes on with what this mark is of: under the same name, another one, or as a copy.
        case resume(FileMark)
        /// It was read before, but its bytes are others now: it was truncated or written anew.
        case again(reason: String)
        /// It holds the first bytes of a longer file and no others: a copy that is being made. It is
        /// looked at again when it holds more.
        case copy(of: String)
    }

    /// Decides where to begin. Of all marks that the file's bytes agree with, the one that knows most
    /// of them counts; what its unfinished end was counted for passes to the file, which is read
    /// again from there.
    ///
    /// So of two files that are one another's copies the shorter is to be started first. Costs no
    /// reading beyond two pieces of each file for a mark that may be meant, and no look at marks of
    /// other names.
    /// - Parameters:
    ///   - piece: the bytes `range` of the file, hashed.
    ///   - other: the same of the file that a mark is of; nil where this reading has no such file.
    package mutating func start(
        _ file: FileIdentity, piece: (Range<Int>) throws(MiningError) -> FileMark.Piece,
        other: (FileIdentity, Range<Int>) throws(MiningError) -> FileMark.Piece?
    ) throws(MiningError) -> Start {
        let candidates = index.candidates(for: file)
        if let original = try original(of: file, candidates, piece, other) {
            return .copy(of: original)
        }
        var best: Int?
        for place in candidates {
            let mark = marks[place]
            let isOwn = mark.file.place == file.place
            // A few bytes with which another file goes on tell nothing while theirs is there.
            let isTelling =
                place < before || mark.seen == file.size || mark.seen >= FileMark.leastTelling
            guard mark.seen > 0, file.size >= mark.seen,
                isOwn || isTelling && Self.maybeCopy(file, of: mark),
                try Self.fits(mark, piece)
            else { continue }
            if best.map({ Self.rank(marks[$0]) < Self.rank(mark) }) ?? true { best = place }
            // What the file was before is part of it, whichever mark it goes on with.
            if isOwn, mark.seen < FileMark.leastTelling { marks[place].unfinished = nil }
        }
        if let best {
            let mark = marks[best]
            // its own file has been read on already, and further than this one reaches
            if let heir = mark.heir, mark.seen >= FileMark.leastTelling { return .copy(of: heir) }
            if mark.seen >= FileMark.leastTelling { marks[best].offset = mark.seen }
            marks[best].unfinished = nil
            marks[best].heir = file.path
            return .resume(mark)
        }
        guard let old = index.first(at: file).map({ marks[$0] }), old.seen > 0 else { return .new }
        return .again(
            reason: file.size < old.seen
                ? "\(file.path) is shorter than what was read of it; it is read from its start"
                : "\(file.path) begins with other bytes than before; it is read from its start")
    }

    /// The path of a longer file that begins with all the bytes of this one.
    private func original(
        of file: FileIdentity, _ candidates: [Int],
        _ piece: (Range<Int>) throws(MiningError) -> FileMark.Piece,
        _ other: (FileIdentity, Range<Int>) throws(MiningError) -> FileMark.Piece?
    ) throws(MiningError) -> String? {
        guard file.size >= FileMark.leastTelling else { return nil }
        let length = min(file.size, FileMark.pieceLength)
        let ranges = [0..<length, (file.size - length)..<file.size]
        for mark in candidates.map({ marks[$0] })
        where mark.seen > file.size && mark.file.place != file.place {
            guard Self.maybeCopy(file, of: mark) else { continue }
            var isCopy = true
            for range in ranges where isCopy {
                let same = try other(mark.file, range)
                // emptied since its size was asked: a copy has just been made
                let isEmptied = same.map { $0.length < range.count } ?? false
                if !isEmptied { isCopy = try same == piece(range) }
            }
            if isCopy { return mark.file.path }
        }
        return nil
    }

    /// How much a mark knows, and then whether it is the one that still has the unfinished end.
    private static func rank(_ mark: FileMark) -> (Int, Int, Int) {
        (mark.seen, -mark.offset, mark.unfinished == nil ? 0 : 1)
    }

    /// Whether a file with another inode can be what the mark is of: rotated by copying, or written
    /// anew. Files of unlike names, or in folders beside each other, that say the same are two that
    /// say the same.
    private static func maybeCopy(_ file: FileIdentity, of mark: FileMark) -> Bool {
        guard
            file.folder == mark.file.folder || Path.isWithin(file.folder, mark.file.folder)
                || Path.isWithin(mark.file.folder, file.folder)
        else { return false }
        let (one, other) = (file.stem.utf8, mark.file.stem.utf8)
        let (short, long) = one.count < other.count ? (one, other) : (other, one)
        guard long.starts(with: short) else { return false }
        return long.dropFirst(short.count).first.map { "-_".utf8.contains($0) } ?? true
    }

    private static func fits(
        _ mark: FileMark, _ piece: (Range<Int>) throws(MiningError) -> FileMark.Piece
    ) throws(MiningError) -> Bool {
        guard try piece(0..<mark.head.length) == mark.head else { return false }
        return try piece((mark.seen - mark.tail.length)..<mark.seen) == mark.tail
    }

    /// Notes how far a file was read. Marks from before stay until `finish`: a copy may still have
    /// to find that of its original.
    package mutating func note(_ mark: FileMark) {
        index.add(mark.file, at: marks.count)
        marks.append(mark)
    }

    /// Ends a reading: the last `count` marks, noted in it, replace those that they went on with. One
    /// whose file holds other bytes now is kept without its place, for its copy may still come.
    /// - Returns: what the unfinished ends of files were counted for that have been gone for long:
    ///   nobody will read them again, so they are to be counted for good.
    package mutating func finish(noted count: Int) -> [Miner] {
        var new: [FileIdentity.Place: FileMark] = [:]
        var old: [FileMark] = []
        for mark in marks.suffix(count) {
            // a file that was renamed while the others were read is met twice
            if let twice = new.updateValue(mark, forKey: mark.file.place), twice.heir == nil {
                old.append(twice.withoutPlace)
            }
        }
        for mark in marks.dropLast(count) where mark.heir == nil {
            old.append(new[mark.file.place] == nil ? mark : mark.withoutPlace)
        }
        var settled: [Miner] = []
        for place in old.indices.dropLast(Self.mostUnfinished) {
            if let counts = old[place].unfinished { settled.append(counts) }
            old[place].unfinished = nil
            old[place].offset = old[place].seen
        }
        marks = old.suffix(Self.mostGone)
        marks += new.values.sorted {
            $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8)
        }
        for place in marks.indices { marks[place].heir = nil }
        index = MarkIndex(marks)
        before = marks.count
        return settled
    }

    package var json: JSON { ["version": 2, "files": .array(marks.map(\.json))] }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` for another shape or version.
    package init(json: JSON) throws(MiningError) {
        guard json["version"]?.intValue == 2, let files = json["files"]?.arrayValue else {
            throw MiningError(
                .badDocument, doing: "read how far the sources were read",
                "it is not of version 2; remove it to read everything again")
        }
        var marks: [FileMark] = []
        for file in files { marks.append(try FileMark(json: file)) }
        self.init(marks: marks)
    }
}
