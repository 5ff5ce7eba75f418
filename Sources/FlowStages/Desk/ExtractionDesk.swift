internal import FlowEngine
package import FlowJSON
internal import FlowMining
internal import FlowSkills
package import FlowStore
internal import FlowSystem

/// Procedures out of execution events for people: reads logs and mines them.
package struct ExtractionDesk {
    private let log: ExecutionLog
    private let masks: MessageMasks
    private let settings: ExtractionSettings
    /// What was left out; a command that has one ends with 1.
    package let problems: [String]
    /// What is unusual, where nothing was left out.
    package let notes: [String]

    /// Thresholds, by the names that the command has for them.
    package struct Thresholds: Sendable {
        fileprivate var settings = ExtractionSettings()

        package init(
            minLength: Int, minFrequency: Int, minSimilarity: Double, minNodes: Int, maxGap: Int,
            limit: Int
        ) {
            settings.minLength = minLength
            settings.minFrequency = minFrequency
            settings.minSimilarity = minSimilarity
            settings.minNodes = minNodes
            settings.maxGap = maxGap
            settings.limit = limit
        }
    }

    /// Reads files of events, whatever form they have and however they are packed; without files the
    /// runs of the repository that have ended.
    /// - Throws: `MiningError` for the first file that cannot be opened.
    package init(_ files: [String], _ place: Workspace, _ thresholds: Thresholds) throws {
        masks = try MessageMasks(of: place.root)
        settings = thresholds.settings
        var reader = EventLogReader()
        for path in files { try reader.read(file: path) }
        if files.isEmpty { try Self.readRuns(place.state, into: &reader) }
        let notes: EventNotes
        (log, notes) = reader.finish()
        problems = notes.problems
        self.notes = notes.notes
    }

    private static func readRuns(_ state: String, into reader: inout EventLogReader) throws {
        guard Files.exists(Path.join(state, "runs.db")) else { return }
        let store = try RunStore(try StateFolder(reading: state))
        for run in try store.runs(limit: .max) where run.finished != nil {
            reader.begin("run \(run.id)")
            try store.events(of: run.id) { reader.add(Self.line($0)) }
            reader.end()
        }
    }

    /// Without the time of a step whose log had none, which only the store needs.
    private static func line(_ event: Event) -> [UInt8] {
        var json = event.json
        if event.data[EventImport.untimed] == true, var members = json.objectValue {
            members["time"] = nil
            json = .object(members)
        }
        return json.bytes() + [UInt8(ascii: "\n")]
    }

    package var runs: Int { log.runCount }
    package var steps: Int { log.steps.count }

    /// All procedures of the log, the best first, as JSON.
    package func procedures() -> [JSON] {
        Extraction(log, settings, mask: mask).procedures.map(\.json)
    }

    /// The one that a run followed in some of its nodes, as JSON.
    /// - Throws: `SkillsError` where there is none.
    package func procedure(of run: String, nodes: [String], name: String?) throws -> [JSON] {
        try Extraction(log, run: run, nodes: nodes, name: name, settings, mask: mask)
            .procedures.map(\.json)
    }

    /// The name of the newest run.
    /// - Throws: `StageError` where the log has none.
    package func lastRun() throws -> String {
        guard log.runCount > 0 else { throw StageError("there is no run that has ended") }
        return log.name(of: log.runCount - 1)
    }

    private var mask: ValueMask { ValueMask(masks) }

    /// How procedures of the first four fifths of the runs hold in the rest, as JSON.
    package func heldOut() -> JSON { HeldOut(log, settings).json }

    /// Runs that are alike, the largest group first, as JSON.
    package func groups() -> [JSON] {
        ExecutionGroups(log, minSimilarity: settings.minSimilarity).groups.map { group in
            [
                "runs": .integer(group.runs.count), "leader": .string(log.name(of: group.leader)),
                "similarity": .number((group.similarity * 10_000).rounded() / 10_000),
                "failed": .integer(group.runs.count { log.outcomes[$0] == .failure }),
                "steps": .array(
                    log.steps(of: group.leader).map {
                        let symbol = log.symbols[Int(log.steps[$0])]
                        return .string(symbol.name.isEmpty ? symbol.type : symbol.name)
                    }),
            ]
        }
    }
}
