internal import FlowJSON
internal import FlowSystem

extension RecordAssembler {
    mutating func readJSON(
        _ line: LineCutter.Line, _ source: ErrorRecord.Source, _ take: (ErrorRecord) -> Void
    ) {
        if document == nil, line.bytes.allSatisfy(MessagePieces.isBlank) {
            report.blankLines += 1
            return
        }
        if line.lost > 0 {
            dropDocument("a line of it is longer than \(settings.longestLine) bytes")
            return report.skip(
                line.number, "the line is longer than \(settings.longestLine) bytes")
        }
        if document == nil, let begun = JSONDocument(line, source) {
            document = begun
            return
        }
        guard document != nil else { return readJSON(line.bytes, source, lines: 1, take) }
        switch document?.add(line, limit: settings.longestLine) {
        case .ended:
            guard let whole = document else { return }
            document = nil
            readJSON(whole.bytes[...], whole.source, lines: whole.lines, take)
        case .broken(let reason):
            dropDocument(reason)
            readJSON(line, source, take)
        default: return
        }
    }

    mutating func dropDocument(_ reason: String) {
        guard let broken = document else { return }
        document = nil
        report.skip(broken.source.line, "a document begins here, but \(reason)", broken.lines)
    }

    private mutating func readJSON(
        _ bytes: ArraySlice<UInt8>, _ source: ErrorRecord.Source, lines: Int,
        _ take: (ErrorRecord) -> Void
    ) {
        do throws(JSONError) {
            let value = try Self.json(bytes)
            if let carried = Self.carried(value) {
                report.linesInRecords += lines - 1
                return readCarried(carried, source, take)
            }
            finish(take)
            let before = report.records
            var problems: [String] = []
            for result in FlatRecord.read(value, source, settings) {
                switch result {
                case .success(let record): emit(record, take)
                case .failure(let problem): problems.append(problem.reason)
                }
            }
            if report.records > before { report.linesInRecords += lines }
            if report.records == before {
                report.skip(source.line, problems.first ?? "no record", lines)
            } else if let first = problems.first {
                report.noteCut(source.line, "\(problems.count) of its records: \(first)")
            }
        } catch {
            report.skip(
                source.line, "not JSON: column \(error.column): \(error.message)", lines)
        }
    }

    private static func json(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSON {
        do throws(JSONError) {
            return try JSON.read(Array(bytes))
        } catch {
            // invalid UTF-8 is mended: a record with one bad byte is still a record
            if String(validating: bytes, as: UTF8.self) != nil { throw error }
            return try JSON.read(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// An object around one line that a program wrote: an entry of the journal, or a line of a
    /// container's log.
    private static func carried(_ value: JSON) -> CarriedText? {
        guard let object = value.objectValue else { return nil }
        return JournalEntry(object)?.carried ?? ContainerLine.carried(object)
    }
}
