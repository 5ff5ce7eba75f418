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

    /// Makes the folders and writes the input. What an attempt of the same number has left, whose
    /// beginning the log never saw, goes.
    func prepare(input value: JSON) throws(SystemError) {
        try Files.remove(folder)
        try Files.makeFolder(scratch)
        if !value.isNull {
            try Files.write(value.bytes(), to: input, sync: false)
        }
    }

    /// What the command wrote to its output file, typed as declared.
    func outputs(_ declared: [OutputDeclaration]) -> Result<[(name: String, value: JSON)], Mistake>
    {
        do {
            guard let bytes = try written(output) else { return .success([]) }
            return .success(try OutputFile.read(bytes, declared))
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("\(error)"))
        }
    }

    /// The events that the command wrote.
    func ownEvents() -> Result<[EventDraft], Mistake> {
        do {
            guard let bytes = try written(events) else { return .success([]) }
            return .success(try JSONLines.read(bytes).map(Self.draft))
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("an event that it wrote cannot be read: \(error)"))
        }
    }

    /// The bytes of a file that the command may have written; nil where there is none.
    private func written(_ path: String) throws -> [UInt8]? {
        switch Files.kind(path, following: true) {
        case nil: return nil
        case .file?: return try Files.read(path, limit: Self.limit)
        default: throw Mistake("it put something that is no file in place of \(Path.name(path))")
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
