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
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .init("its outputs are not valid UTF-8")
        }
        var kinds: [String: Parameter.Kind] = [:]
        for output in declared { kinds[output.name] = output.kind }
        var values: [(name: String, value: JSON)] = []
        for (name, text) in try pairs(text) {
            values.removeAll { $0.name == name }
            values.append((name, try typed(name, text, kinds[name] ?? .string)))
        }
        return values
    }

    private static func pairs(_ text: String) throws(AttemptFiles.Mistake) -> [(String, String)] {
        var pairs: [(String, String)] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.allSatisfy(\.isWhitespace) { continue }
            let sign = line.firstIndex(of: "=")
            if let here = line.firstRange(of: "<<"), sign.map({ here.lowerBound < $0 }) ?? true {
                let end = line[here.upperBound...]
                guard let place = lines.firstIndex(of: end), !end.isEmpty else {
                    throw .init("its output '\(line[..<here.lowerBound])' has no line '\(end)'")
                }
                let value = lines[lines.startIndex..<place].joined(separator: "\n")
                pairs.append((try name(line[..<here.lowerBound]), value))
                lines = lines[(place + 1)...]
            } else if let sign {
                pairs.append((try name(line[..<sign]), String(line[line.index(after: sign)...])))
            } else {
                throw .init(
                    "its output '\(line.prefix(80))' is neither name=value nor name<<END")
            }
        }
        return pairs
    }

    private static func name(_ text: Substring) throws(AttemptFiles.Mistake) -> String {
        guard !text.isEmpty,
            text.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
            })
        else { throw .init("'\(text.prefix(80))' is no name for an output") }
        return String(text)
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
