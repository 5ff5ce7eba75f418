internal import FlowSystem

/// Reads the files that sources name, each from where it was left.
package struct SourceReader {
    /// What was read of one file.
    package struct FileReport: Sendable {
        package let path: String
        package let start: SourceState.Start
        package fileprivate(set) var format = LogFormat.plain
        package fileprivate(set) var report = ReadReport()
        /// Bytes read by this call.
        package fileprivate(set) var bytes = 0
        /// The records at its end that may go on; not handed over.
        package fileprivate(set) var unfinished: [ErrorRecord] = []
    }

    package var format: LogFormat?
    package var settings: ReadSettings
    /// What counts the records at the ends of files.
    var empty = Miner()

    package init(format: LogFormat? = nil, settings: ReadSettings) {
        self.format = format
        self.settings = settings
    }

    /// Hands over every finished record that `state` has not counted and notes in it how far each
    /// file was read. Standard input (`-`) is read whole and noted nowhere.
    /// - Parameter patterns: paths and patterns (`SourcePattern`); a file named twice is read once.
    /// - Returns: a report for each file in the order of reading, and what is now to be counted for
    ///   good of files that have been gone for long.
    /// - Throws: for the first file that cannot be read; `state` is then of no more use, and the
    ///   records handed over must be dropped.
    package func read(
        _ patterns: [String], _ state: inout SourceState, _ take: (ErrorRecord) -> Void
    ) throws(MiningError) -> (files: [FileReport], gone: [Miner]) {
        var reports: [FileReport] = []
        if patterns.contains("-") { reports.append(try read(SourceFile.open("-"), .new, take).0) }
        let files = try Self.files(patterns)
        let all = files.map(\.file)
        var noted = 0
        for (named, isMatch) in files {
            let file: SourceFile
            do throws(MiningError) {
                file = try SourceFile.open(named.path)
            } catch {
                // rotated since its folder was listed: it is found under its new name next time
                if isMatch, error.code == .noFile { continue }
                throw error
            }
            let start = try file.start(&state, among: all)
            if case .copy = start {
                reports.append(FileReport(path: named.path, start: start))
                continue
            }
            let (report, mark) = try read(file, start, take)
            reports.append(report)
            state.note(mark)
            noted += 1
        }
        return (reports, state.finish(noted: noted))
    }

    /// The files, and whether a pattern has found them; the shortest first, as `SourceState.start`
    /// wants copies.
    private static func files(_ patterns: [String]) throws(MiningError)
        -> [(file: FileIdentity, isMatch: Bool)]
    {
        var found: [(file: FileIdentity, isMatch: Bool)] = []
        var known: Set<String> = []
        for pattern in patterns where pattern != "-" {
            for path in try SourcePattern.files(pattern) where known.insert(path).inserted {
                if let file = FileIdentity(path: path) { found.append((file, path != pattern)) }
            }
        }
        return found.sorted {
            $0.file.size == $1.file.size
                ? $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8)
                : $0.file.size < $1.file.size
        }
    }

    private func read(
        _ file: consuming SourceFile, _ start: SourceState.Start, _ take: (ErrorRecord) -> Void
    ) throws(MiningError) -> (FileReport, FileMark) {
        let path = file.path
        var offset = 0
        if case .resume(let mark) = start { offset = mark.offset }
        let before = min(offset, FileMark.pieceLength)
        var ends = FileEnds(
            head: try file.read(0..<before), tail: try file.read((offset - before)..<offset))
        if path != "-" { try file.seek(to: offset) }
        var format = format
        if case .resume(let mark) = start, offset > 0 { format = format ?? mark.format }
        var settings = settings
        // nothing is the component of what standard input does not name
        if settings.component.isEmpty, path != "-" { settings.component = file.identity.stem }
        var reader = LogReader(file: path, format: format, offset: offset, settings: settings)
        let isTelling = path == "-" || offset > 0 || file.size >= FileMark.leastTelling
        var seen = offset
        var unfinished: [ErrorRecord] = []
        while true {
            let chunk = try file.next()
            if chunk.isEmpty { break }
            seen += chunk.count
            ends.add(chunk)
            reader.read(chunk) { if isTelling { take($0) } else { unfinished.append($0) } }
        }
        let settled = isTelling ? reader.settled : 0
        reader.finish { unfinished.append($0) }
        if let damage = file.damage { reader.noteDamage(damage) }
        let report = FileReport(
            path: path, start: start, format: reader.format ?? .plain, report: reader.report,
            bytes: seen - offset, unfinished: unfinished)
        return (
            report,
            FileMark(
                file.identity, seen: seen, offset: settled, ends: ends, format: reader.format,
                unfinished: unfinished.isEmpty ? nil : counts(unfinished))
        )
    }

    private func counts(_ records: [ErrorRecord]) -> Miner {
        var miner = empty
        for record in records { miner.add(record) }
        return miner
    }
}
