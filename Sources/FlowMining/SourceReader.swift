internal import FlowSystem

/// Reads the files that sources name, each from where it was left.
package struct SourceReader {
    /// What was read of one file.
    package struct FileReport: Sendable {
        package let path: String
        package let format: LogFormat
        package let start: SourceState.Start
        package let report: ReadReport
        /// Bytes read by this call.
        package let bytes: Int
    }

    package var format: LogFormat?
    package var settings: ReadSettings
    /// Whether a last line without a newline waits for its end; so it must where files grow.
    package var isGrowing: Bool

    package init(format: LogFormat? = nil, settings: ReadSettings, isGrowing: Bool = true) {
        self.format = format
        self.settings = settings
        self.isGrowing = isGrowing
    }

    /// Hands over every record that `state` has not counted and notes in it how far each file was
    /// read. Standard input (`-`) is read whole and noted nowhere.
    /// - Parameter patterns: paths and patterns (`SourcePattern`); a file named twice is read once.
    /// - Throws: for the first file that cannot be read; `state` is then as it was, so that the
    ///   records handed over must be dropped.
    package func read(
        _ patterns: [String], _ state: inout SourceState, _ take: (ErrorRecord) -> Void
    ) throws(MiningError) -> [FileReport] {
        var paths: [String] = []
        for pattern in patterns {
            for path in pattern == "-" ? ["-"] : try SourcePattern.files(pattern)
            where !paths.contains(path) {
                paths.append(path)
            }
        }
        // all decided before any is noted: a copy must still find the mark of its original
        var starts: [SourceState.Start] = []
        for path in paths {
            starts.append(path == "-" ? .new : try SourceFile.open(path).start(state))
        }
        var reports: [FileReport] = []
        var marks: [FileMark] = []
        for (path, start) in zip(paths, starts) {
            let (report, mark) = try read(path, start, take)
            reports.append(report)
            if let mark { marks.append(mark) }
        }
        for mark in marks { state.note(mark) }
        return reports
    }

    private func read(
        _ path: String, _ start: SourceState.Start, _ take: (ErrorRecord) -> Void
    ) throws(MiningError) -> (FileReport, FileMark?) {
        var file = try SourceFile.open(path)
        var offset = 0
        if case .resume(let counted) = start { offset = counted }
        if path != "-" { try file.seek(to: offset) }
        var format = format
        if format == nil, offset > 0 {
            format = LogFormat.found(
                in: try file.read(0..<min(offset, LogFormat.sample)), settings: settings)
        }
        var settings = settings
        if settings.component.isEmpty { settings.component = Self.component(of: path) }
        var reader = LogReader(file: path, format: format, offset: offset, settings: settings)
        while true {
            let chunk = try file.next()
            if chunk.isEmpty { break }
            reader.read(chunk, take)
        }
        reader.finish(partial: !isGrowing || path == "-", take)
        if let damage = file.damage { reader.noteDamage(damage) }
        let report = FileReport(
            path: path, format: reader.format ?? .plain, start: start, report: reader.report,
            bytes: reader.offset - offset)
        return (report, path == "-" ? nil : try file.mark(offset: reader.offset))
    }

    /// The component of records that name none: `git` of `logs/git.2.log`, nothing of standard input.
    private static func component(of path: String) -> String {
        path == "-" ? "" : String(Path.name(path).prefix { $0 != "." })
    }
}
