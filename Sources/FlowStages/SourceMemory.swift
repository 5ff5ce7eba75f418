internal import FlowJSON
internal import FlowMining
internal import FlowStore
internal import FlowSystem

/// What is counted of the sources that a stage names, kept in the state folder from run to run.
struct SourceMemory {
    let patterns: [String]
    let reader: SourceReader
    private let masks: MessageMasks
    private let store: MemoryStore
    private let name: String

    /// - Throws: for a format, a zone or a source that means nothing, and mistakes in `flow.yaml`.
    init(_ context: StageContext) throws {
        patterns = context.text("source").split(separator: " ").map(String.init)
        guard !patterns.isEmpty else {
            throw StageError("'source' names neither a file nor a table")
        }
        let (format, zone) = (context.text("format"), context.text("timezone"))
        reader = try SourceReader(format: format, timezone: zone, now: context.now)
        // before anything is kept under the name of an address that must not be kept
        for address in patterns where TableSource.isTable(address) {
            _ = try TableSource(address, reader.settings)
        }
        masks = try MessageMasks(of: context.workspace)
        store = try MemoryStore(context.state)
        name = Self.name(patterns, format: format, zone).text()
    }

    /// The servers that addresses mean which do not say it themselves.
    private static let servers = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"]

    /// Whatever changes the meaning of what is read.
    private static func name(_ patterns: [String], format: String, _ zone: String) -> JSON {
        let tables = Set(patterns.filter(TableSource.isTable))
        let files = Set(patterns).subtracting(tables).map { Path.join(Files.workingFolder, $0) }
        let server =
            tables.isEmpty ? [] : servers.map { Environment[$0].map { .string($0) } ?? JSON.null }
        return [
            "files": .array(files.sorted().map { .string($0) }),
            "tables": .array(tables.sorted().map { .string($0) }), "server": .array(server),
            "format": .string(format), "zone": .string(zone),
        ]
    }

    /// What one reading has found.
    struct Reading {
        /// Everything that is counted of the source, by this run and those before.
        let miner: Miner
        let files: [SourceReader.FileReport]
        let tables: [MinedSource.TableReport]
        /// Errors that were not counted before.
        let new: Int
    }

    /// Reads what is new and keeps it, all of it or nothing.
    /// - Parameters:
    ///   - splits: what people have taken out of groups.
    ///   - note: says why a source is read anew.
    func read(_ splits: GroupSplits, _ note: (String) -> Void) throws -> Reading {
        while true {
            let (generation, document) = try store.source(name)
            var source = MinedSource(masks: masks, splits: splits)
            if generation > 0 {
                do {
                    source = try MinedSource(
                        json: try JSON.read(document), masks: masks, splits: splits)
                } catch {
                    note("what was mined before cannot be used; all is read again: \(error)")
                }
            }
            let before = source.errors
            let (files, tables) = try source.read(patterns, reader)
            // somebody else may have read on meanwhile
            guard try store.keep(source: name, after: generation, source.json) else { continue }
            return Reading(
                miner: source.miner, files: files, tables: tables, new: source.errors - before)
        }
    }

    /// Which messages were in which group when the source was mined before.
    /// - Returns: nothing where it was not, or where what was kept cannot be read.
    func groups() throws -> GroupMemory {
        let kept = try store.grouping(of: name).flatMap { try? JSON.read($0) }
        return kept.flatMap { GroupMemory(json: $0) } ?? GroupMemory()
    }

    /// Keeps which messages are in which group now.
    func keep(_ groups: GroupMemory) throws {
        try store.keep(grouping: groups.json, of: name)
    }
}
