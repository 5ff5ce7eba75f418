internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// The files of one attempt: the node contract on flow's side.
///
/// Only the scratch folder is there before the command; files of many attempts share a folder, and a
/// lane keeps its scratch folder while it stays empty: making and removing two folders costs ext4 as
/// much as starting a shell.
struct AttemptFiles: Sendable {
    /// What the paths of the attempt's own files begin with, absolute.
    let base: String
    /// The lane's scratch folder, absolute.
    let scratch: String
    /// Hides secrets in what the command handed over.
    let mask: SecretMask

    init(base: String, scratch: String, mask: SecretMask = .none) {
        self.base = base
        self.scratch = scratch
        self.mask = mask
    }

    var input: String { base + ".input.json" }
    var output: String { base + ".output" }
    var events: String { base + ".events.jsonl" }
    var summary: String { base + ".summary.md" }
    var script: String { base + ".script" }

    /// The largest output or event file that is read.
    private static let limit = 256 << 20

    /// Makes the folders and writes the input. What an attempt of the same number has left, whose
    /// beginning the log never saw, goes.
    func prepare(input value: JSON) throws(SystemError) {
        try clear()
        try Files.makeFolder(Path.folder(base))
        try Files.makeFolder(scratch)
        if !value.isNull {
            try Files.write(value.bytes(), to: input, sync: false)
        }
    }

    /// Removes what the attempt has left.
    func clear() throws(SystemError) {
        for path in [input, output, events, summary, script] { try Files.remove(path) }
        if let names = try? Files.list(scratch), !names.isEmpty { try Files.remove(scratch) }
    }

    /// What the command wrote to its output file, typed as declared.
    func outputs(_ declared: [OutputDeclaration]) -> Result<[(name: String, value: JSON)], Mistake>
    {
        do {
            guard let bytes = try written(output, "outputs") else { return .success([]) }
            // Before a mistake can quote a part of a secret, which would not be found any more.
            return .success(try OutputFile.read(mask.mask(bytes), declared))
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("\(error)"))
        }
    }

    /// The events that the command wrote; of one that was ended, those whose lines are whole.
    func ownEvents(isEnded: Bool) -> Result<[EventDraft], Mistake> {
        do {
            guard var bytes = try written(events, "events") else { return .success([]) }
            if isEnded { bytes.removeSubrange(((bytes.lastIndex(of: 0x0A) ?? -1) + 1)...) }
            // Values are looked at when they are read, since a secret may stand in a number.
            guard let events = try? JSONLines.read(bytes).map(Self.draft) else {
                return .success(try JSONLines.read(mask.mask(bytes)).map(Self.draft))
            }
            return .success(events)
        } catch let mistake as Mistake {
            return .failure(mistake)
        } catch {
            return .failure(Mistake("an event that it wrote cannot be read: \(error)"))
        }
    }

    /// The bytes of a file that the command may have written; nil where there is none.
    private func written(_ path: String, _ what: String) throws -> [UInt8]? {
        switch Files.kind(path, following: true) {
        case nil: return nil
        case .file?: return try Files.read(path, limit: Self.limit)
        default: throw Mistake("it put something that is no file in place of its \(what)")
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
