internal import FlowJSON
internal import Glibc

/// Reads event logs of any of three forms, told by how they begin: JSONL of events, OpenTelemetry
/// spans in JSON (a document, or one a line), and XES of process mining (IEEE 1849).
///
/// Files come one after the other, each in pieces; what is packed must be unpacked before. What
/// cannot be read is named in the notes with its file and line, left out and counted; all else is
/// read. Costs one pass over the bytes and memory for the steps, never for the text of a file,
/// unless it is one JSON document over several lines.
package struct EventLogReader {
    private enum Form {
        case lines
        case document
        case xes(XESReader)
    }

    private var builder = EventLogBuilder()
    private var lines = EventLines()
    private var spans = SpanReader()
    private var form: Form?
    private var file = ""
    private var pending: [UInt8] = []
    private var lineNumber = 0
    /// A document larger than this is refused: it is held as a whole.
    private static let longestDocument = 1 << 30

    package init() {}

    /// Begins a file; `name` is what notes call it.
    package mutating func begin(_ name: String) {
        file = name
        form = nil
        pending = []
        lineNumber = 0
    }

    /// The next piece of the file, cut anywhere.
    package mutating func add(_ bytes: [UInt8]) {
        var bytes = bytes[...]
        if form == nil {
            pending += bytes
            form = detectedForm(isWhole: false)
            if form == nil { return }
            bytes = pending[...]
            pending = []
        }
        take(bytes)
    }

    /// The end of the file. `damage` says why it ended early, if it did.
    package mutating func end(damage: String? = nil) {
        if form == nil {
            form = detectedForm(isWhole: true)
            let rest = pending
            pending = []
            take(rest[...])
        }
        switch form {
        case .lines, nil:
            if !pending.isEmpty {
                let rest = pending
                pending = []
                rest.withUnsafeBufferPointer { line($0) }
            }
        case .document: readDocument()
        case .xes(let reader):
            if let failure = reader.finish(&builder) { problem("documents", failure) }
        }
        if let damage { problem("damaged files", damage) }
    }

    /// All that was read, in order, and what was wrong with it.
    package consuming func finish() -> (log: ExecutionLog, notes: EventNotes) {
        var (spans, builder) = (spans, builder)
        spans.finish(&builder)
        return builder.finish()
    }

    private mutating func problem(_ kind: String, _ sentence: String) {
        builder.notes.problem("\(kind) that cannot be read on", "\(file): \(sentence)")
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        switch form {
        case .lines: cut(bytes)
        case .document: pending += bytes
        case .xes(let reader): reader.add(bytes, &builder)
        case nil: break
        }
    }

    /// `<` begins XES; a first line that is a whole JSON value begins lines, one that is not a
    /// document.
    private func detectedForm(isWhole: Bool) -> Form? {
        let start = pending.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard
            let first = pending[start...].first(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }
            )
        else { return isWhole ? .lines : nil }
        if first == UInt8(ascii: "<") { return .xes(XESReader(file: file)) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return .lines }
        let text = pending[start...].drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let end = text.firstIndex(of: UInt8(ascii: "\n")) else {
            return isWhole || pending.count > Self.longestDocument ? .lines : nil
        }
        // only a document goes on in its second line after one of these
        let last = text[..<end].last { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }
        return last == UInt8(ascii: "}")
            ? .lines
            : [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ",")].contains(last)
                ? .document : .lines
    }

    private mutating func cut(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                let rest = bytes.count - start
                guard let found = memchr(base + start, 0x0A, rest) else {
                    pending += bytes[start...]
                    return
                }
                let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                let part = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if pending.isEmpty {
                    line(part)
                } else {
                    pending += part
                    let whole = pending
                    pending.removeAll(keepingCapacity: whole.count < 1 << 20)
                    whole.withUnsafeBufferPointer { line($0) }
                }
                start = end + 1
            }
        }
    }

    private mutating func line(_ bytes: UnsafeBufferPointer<UInt8>) {
        lineNumber += 1
        var bytes = bytes
        if lineNumber == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes = UnsafeBufferPointer(rebasing: bytes.dropFirst(3))
        }
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        lines.file = file
        lines.number = lineNumber
        if lines.read(bytes, into: &builder) { readSpans(Array(bytes), "\(file):\(lineNumber)") }
    }

    private mutating func readSpans(_ text: [UInt8], _ place: String) {
        do throws(JSONError) {
            spans.read(try JSON.read(text), at: place, &builder)
        } catch {
            builder.notes.problem("lines that cannot be read", "\(place): \(error)", skipping: 1)
        }
    }

    private mutating func readDocument() {
        let text = pending
        pending = []
        do throws(JSONError) {
            let document = try JSON.read(text)
            for value in document.arrayValue ?? [document] { spans.read(value, at: file, &builder) }
        } catch {
            problem("documents", "\(error)")
        }
    }
}
