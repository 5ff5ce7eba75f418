package import FlowSystem

/// What a reader needs to know that the log does not say.
package struct ReadSettings: Sendable {
    /// The zone of times without one.
    package var zone = LogZone.utc
    /// The latest moment that a time without a year may mean.
    package var reference: Timestamp
    /// The component of records that name none.
    package var component = ""
    /// Bytes of a line that are kept; the rest is left out, with a note.
    package var longestLine = 1 << 20

    package init(reference: Timestamp) { self.reference = reference }
}

/// What happened while a source was read, besides its records.
package struct ReadReport: Sendable, Hashable {
    /// Something about one line.
    package struct Note: Sendable, Hashable {
        /// From 1; counted from where reading began.
        package let line: Int
        package let reason: String
    }

    package var lines = 0
    package var records = 0
    /// Every line is in a record, blank between two, or skipped.
    package var linesInRecords = 0
    package var blankLines = 0
    /// Lines that are in no record; the first hundred of them with their reasons.
    package var skippedCount = 0
    package var skipped: [Note] = []
    /// Lines that are in a record, but not whole; or with what should follow missing.
    package var cutCount = 0
    package var cut: [Note] = []

    package init() {}

    static let mostNotes = 100

    mutating func skip(_ line: Int, _ reason: String, _ lines: Int = 1) {
        skippedCount += lines
        if skipped.count < Self.mostNotes { skipped.append(Note(line: line, reason: reason)) }
    }

    mutating func noteCut(_ line: Int, _ reason: String) {
        cutCount += 1
        if cut.count < Self.mostNotes { cut.append(Note(line: line, reason: reason)) }
    }
}

/// Turns the bytes of one source, given in chunks of any size, into records of every level.
///
/// Memory is bounded: one line of `longestLine` bytes, one record of some hundred lines. How the
/// bytes are cut into chunks changes nothing.
package struct LogReader: Sendable {
    package private(set) var format: LogFormat?
    private let file: String
    private let settings: ReadSettings
    private var start: [UInt8] = []
    private var cutter: LineCutter
    private var journal: JournalCutter
    private var assembler: RecordAssembler

    /// - Parameters:
    ///   - format: nil to have it found in the first bytes.
    ///   - offset: where in the file the first byte stands.
    package init(
        file: String, format: LogFormat? = nil, offset: Int = 0, settings: ReadSettings
    ) {
        self.file = file
        self.format = format
        self.settings = settings
        cutter = LineCutter(limit: settings.longestLine, offset: offset)
        journal = JournalCutter(limit: settings.longestLine, offset: offset)
        assembler = RecordAssembler(file: file, settings: settings)
    }

    package var report: ReadReport { assembler.report }

    /// Where reading must begin again so that the records of `finish` come once more, whole, and
    /// with what has been appended to them; everything before it is in records handed over, or was
    /// skipped. Ask before `finish`.
    package var settled: Int {
        assembler.openOffset ?? (format == .journal ? journal.offset : cutter.offset)
    }

    /// Reads a chunk and hands over the records that are complete.
    package mutating func read(_ chunk: [UInt8], _ take: (ErrorRecord) -> Void) {
        if format == nil {
            // a truncated file may begin with more zero bytes than the sample has
            let zeros = start.isEmpty ? chunk.prefix { $0 == 0 } : chunk.prefix(0)
            cutter.read(zeros) { _ in }
            journal.passOver(zeros.count)
            start += chunk.dropFirst(zeros.count)
            if start.count >= LogFormat.sample { readStart(take) }
        } else {
            readLines(chunk[...], take)
        }
    }

    /// Hands over what is unfinished where the bytes end: all of a start too short to be sure of its
    /// format, a record whose next lines may not be written yet, a line without its end.
    package mutating func finish(_ take: (ErrorRecord) -> Void) {
        if format == nil { readStart(take) }
        if format == .journal {
            if !journal.finish({ assembler.read($0, take) }) { assembler.noteHalfEntry() }
        } else {
            cutter.finish { assembler.read($0, format ?? .plain, take) }
        }
        assembler.end(take)
    }

    /// Notes that more text should follow than could be unpacked.
    package mutating func noteDamage(_ reason: String) { assembler.noteDamage(reason) }

    private mutating func readStart(_ take: (ErrorRecord) -> Void) {
        format = LogFormat.found(
            in: Array(start.prefix(LogFormat.sample)), settings: settings)
        readLines(start[...], take)
        start = []
    }

    private mutating func readLines(_ bytes: ArraySlice<UInt8>, _ take: (ErrorRecord) -> Void) {
        if format == .journal {
            journal.read(bytes) { assembler.read($0, take) }
        } else {
            cutter.read(bytes) { assembler.read($0, format ?? .plain, take) }
        }
    }
}
