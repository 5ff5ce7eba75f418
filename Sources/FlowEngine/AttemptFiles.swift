internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// The files of one attempt: the node contract on flow's side.
///
/// Only folders of the lane are there before the command, and of what it may have left only what is
/// there is looked at and removed: making and removing two folders costs ext4 as much as starting a
/// shell.
struct AttemptFiles: Sendable {
    /// What the paths of the attempt's own files begin with, absolute.
    private let base: String
    /// Hides secrets in what the command handed over.
    private let mask: SecretMask
    let output: String
    let events: String
    let summary: String
    /// The attempt's own files that are there, as far as flow knows.
    private var there: [String] = []

    /// The folders of a lane, which stay from one attempt to the next.
    struct Folders: Sendable {
        /// For the files of the attempt that runs.
        fileprivate let attempt: OpenFolder
        /// `FLOW_TMP`.
        let scratch: OpenFolder

        /// Makes them in a folder of the run.
        init(in folder: String, lane: Int) throws(SystemError) {
            attempt = try OpenFolder(making: Path.join(folder, "attempts/\(lane)"))
            scratch = try OpenFolder(making: Path.join(folder, "scratch/\(lane)"))
        }
    }

    private let folders: Folders

    init(_ name: String, in folders: Folders, mask: SecretMask = .none) {
        self.folders = folders
        base = folders.attempt.path + "/" + name
        output = base + ".output"
        events = base + ".events.jsonl"
        summary = base + ".summary.md"
        self.mask = mask
    }

    /// The attempt's scratch folder, absolute.
    var scratch: String { folders.scratch.path }
    var input: String { base + ".input.json" }
    private var script: String { base + ".script" }

    /// The largest output or event file that is read.
    private static let limit = 256 << 20

    /// Writes the input.
    mutating func prepare(input value: JSON) throws(SystemError) {
        guard !value.isNull else { return }
        there.append(input)
        try Files.write(value.bytes(), to: input, sync: false)
    }

    /// Keeps a script for the shell and gives the file's path.
    mutating func keep(script text: String) throws(SystemError) -> String {
        there.append(script)
        try Files.write(Array(text.utf8), to: script, sync: false)
        return script
    }

    /// Looks at what the command has left.
    mutating func look() {
        if folders.attempt.isEmpty { return }
        for path in [output, events, summary] where Files.kind(path) != nil { there.append(path) }
    }

    /// Whether the command has left a summary.
    var hasSummary: Bool { there.contains(summary) }

    /// Removes what the attempt has left.
    /// - Returns: whether the folders are as they were; else they are to be made anew.
    func clear() throws(SystemError) -> Bool {
        for path in there { try Files.remove(path) }
        if folders.scratch.isEmpty { return true }
        try Files.remove(scratch)
        return false
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
        guard there.contains(path) else { return nil }
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
