internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

/// The files of one attempt: the node contract on flow's side.
struct AttemptFiles: Sendable {
    /// A folder of the attempt's own, absolute.
    let folder: String

    init(folder: String) { self.folder = folder }

    var input: String { Path.join(folder, "input.json") }
    var output: String { Path.join(folder, "output") }
    var events: String { Path.join(folder, "events.jsonl") }
    var summary: String { Path.join(folder, "summary.md") }
    var scratch: String { Path.join(folder, "tmp") }

    /// The largest output or event file that is read.
    private static let limit = 256 << 20

    /// Makes the folders and writes the input.
    func prepare(input value: JSON) throws(SystemError) {
        try Files.makeFolder(scratch)
        if !value.isNull {
            try Files.write(value.bytes(), to: input, sync: false)
        }
    }

    /// What the command wrote to its output file, typed as declared.
    func outputs(_ declared: [OutputDeclaration]) -> Result<[(name: String, value: JSON)], Mistake>
    {
        guard Files.exists(output) else { return .success([]) }
        do {
            let bytes = try Files.read(output, limit: Self.limit)
            return .success(try OutputFile.read(bytes, declared))
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("\(error)"))
        }
    }

    /// The events that the command wrote.
    func ownEvents() -> Result<[EventDraft], Mistake> {
        guard Files.exists(events) else { return .success([]) }
        do {
            return .success(
                try JSONLines.read(try Files.read(events, limit: Self.limit)).map(Self.draft))
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("an event that it wrote cannot be read: \(error)"))
        }
    }

    private static func draft(_ value: JSON) throws -> EventDraft {
        guard let type = value["type"]?.stringValue, type.contains(".") else {
            throw Mistake("an event that it wrote has no dotted type: \(value.text())")
        }
        guard !EventType.isReserved(type) else {
            throw Mistake("an event that it wrote has the type \(type), which only flow writes")
        }
        if let data = value["data"]?.objectValue { return EventDraft(type, data: data) }
        var data = value.objectValue ?? [:]
        for key in ["type", "seq", "time", "run", "node", "leg", "attempt"] { data[key] = nil }
        return EventDraft(type, data: data)
    }

    /// Why what a command handed over cannot be taken.
    struct Mistake: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

/// The file that `FLOW_OUTPUT` names: `name=value` lines, or `name<<END`, lines, `END`.
enum OutputFile {
    static func read(_ bytes: [UInt8], _ declared: [OutputDeclaration])
        throws(AttemptFiles.Mistake) -> [(name: String, value: JSON)]
    {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .init("its outputs are not valid UTF-8")
        }
        var kinds: [String: Parameter.Kind] = [:]
        for output in declared { kinds[output.name] = output.kind }
        var values: [(name: String, value: JSON)] = []
        for (name, text) in try pairs(bytes) {
            values.removeAll { $0.name == name }
            values.append((name, try typed(name, text, kinds[name] ?? .string)))
        }
        return values
    }

    /// Works on bytes: as characters a CR would join the newline after it, and a combining mark the
    /// `=` before it.
    private static func pairs(_ bytes: [UInt8]) throws(AttemptFiles.Mistake) -> [(String, String)] {
        var pairs: [(String, String)] = []
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let sign = line.firstIndex(of: UInt8(ascii: "="))
            let angle = line.indices.first { line[$0...].starts(with: "<<".utf8) }
            if let angle, sign.map({ angle < $0 }) ?? true {
                let name = try name(line[..<angle])
                let end = line[(angle + 2)...]
                guard let place = lines.firstIndex(of: end), !end.isEmpty else {
                    throw .init("its output '\(name)' has no line '\(text(end))'")
                }
                let value = lines[lines.startIndex..<place].joined(separator: [0x0A])
                pairs.append((name, String(decoding: Array(value), as: UTF8.self)))
                lines = lines[(place + 1)...]
            } else if let sign {
                pairs.append((try name(line[..<sign]), text(line[(sign + 1)...])))
            } else {
                throw .init(
                    "its output '\(text(line).prefix(80))' is neither name=value nor name<<END")
            }
        }
        return pairs
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(AttemptFiles.Mistake) -> String {
        guard !bytes.isEmpty,
            bytes.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
            })
        else { throw .init("'\(text(bytes).prefix(80))' is no name for an output") }
        return text(bytes)
    }

    private static func typed(_ name: String, _ text: String, _ kind: Parameter.Kind)
        throws(AttemptFiles.Mistake) -> JSON
    {
        if kind == .string { return .string(text) }
        let value = try? JSON.read(text)
        let fits =
            switch kind {
            case .integer: value?.intValue != nil
            case .number, .duration: value?.doubleValue != nil
            case .boolean: value?.boolValue != nil
            case .array: value?.arrayValue != nil
            case .object: value?.objectValue != nil
            case .string: true
            }
        guard let value, fits else {
            throw .init(
                "its output '\(name)' should be of type \(kind.rawValue), "
                    + "but is '\(text.prefix(80))'")
        }
        return value
    }
}
