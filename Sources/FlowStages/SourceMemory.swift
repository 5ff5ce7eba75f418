internal import FlowJSON
internal import FlowMining
internal import FlowStore
internal import FlowSystem

/// What is counted of the sources that a stage names, kept in the state folder from run to run.
struct SourceMemory {
    let patterns: [String]
    let reader: SourceReader
    private let store: MemoryStore
    private let name: String

    /// - Throws: for a format, a zone or a source that means nothing.
    init(_ context: StageContext) throws {
        patterns = context.text("source").split(separator: " ").map(String.init)
        guard !patterns.isEmpty else { throw StageError("'source' names no file") }
        let format = context.text("format")
        var settings = ReadSettings(reference: context.now)
        settings.zone = try ZoneOffset(context.text("timezone"))
        reader = SourceReader(
            format: format == "auto" ? nil : try LogFormat(named: format), settings: settings)
        store = try MemoryStore(context.state)
        // whatever changes the meaning of what is read
        let places = Set(patterns.map { Path.join(Files.workingFolder, $0) }).sorted()
        name = JSON.object([
            "sources": .array(places.map { .string($0) }), "format": .string(format),
            "zone": .integer(settings.zone.seconds),
        ]).text()
    }

    /// What one reading has found.
    struct Reading {
        /// Everything that is counted of the source, by this run and those before.
        let miner: Miner
        let files: [SourceReader.FileReport]
        /// Errors that were not counted before.
        let new: Int
    }

    /// Reads what is new and keeps it, all of it or nothing.
    /// - Parameter note: says why a source is read anew.
    func read(_ note: (String) -> Void) throws -> Reading {
        while true {
            let (generation, document) = try store.source(name)
            var source = MinedSource()
            if generation > 0 {
                do {
                    source = try MinedSource(json: try JSON.read(document))
                } catch {
                    note("what was mined before cannot be used; all is read again: \(error)")
                }
            }
            let before = source.miner.errors
            let files = try source.read(patterns, reader)
            // somebody else may have read on meanwhile
            guard try store.keep(source: name, after: generation, source.json) else { continue }
            let miner = source.miner
            return Reading(miner: miner, files: files, new: miner.errors - before)
        }
    }
}
