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

        /// The seed's own.
        init() {}

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
        let isThere = Files.exists(Path.join(place.state, "runs.db"))
        try self.init(
            files, root: place.root, isThere ? StateFolder(reading: place.state) : nil, thresholds)
    }

    /// - Parameters:
    ///   - root: the repository's, whose masks hold.
    ///   - state: where its runs are; nil where there are none.
    init(_ files: [String], root: String, _ state: StateFolder?, _ thresholds: Thresholds) throws {
        masks = try MessageMasks(of: root)
        settings = thresholds.settings
        var reader = EventLogReader()
        for path in files { try reader.read(file: path) }
        if files.isEmpty, let state { try Self.readRuns(state, into: &reader) }
        let notes: EventNotes
        (log, notes) = reader.finish()
        problems = notes.problems
        self.notes = notes.notes
    }

    private static func readRuns(_ state: StateFolder, into reader: inout EventLogReader) throws {
        try RunEvents(state).forEachRun { run, events in
            reader.begin("run \(run)")
            for (place, event) in events.enumerated() {
                reader.add(line(event, of: run, place: place))
            }
            reader.end()
        }
    }

    /// Numbered by its place, as numbers begin anew in each retry; without the time of a step whose log
    /// had none, which only the store needs.
    private static func line(_ event: Event, of run: String, place: Int) -> [UInt8] {
        var members = event.json.objectValue ?? [:]
        members["run"] = .string(run)
        members["seq"] = .integer(place + 1)
        if event.data[EventImport.untimed] == true { members["time"] = nil }
        return JSON.object(members).bytes() + [UInt8(ascii: "\n")]
    }

    package var runs: Int { log.runCount }
    package var steps: Int { log.steps.count }

    /// Procedures that were found, the best first.
    package struct Found {
        let procedures: [Procedure]
        package var json: [JSON] { procedures.map(\.json) }
    }

    /// All procedures of the log.
    package var found: Found { Found(procedures: Extraction(log, settings, mask: mask).procedures) }

    /// The one that a run followed in some of its nodes.
    /// - Throws: `SkillsError` where there is none.
    package func procedure(of run: String, nodes: [String], name: String?) throws -> Found {
        let one = try Extraction(log, run: run, nodes: nodes, name: name, settings, mask: mask)
        return Found(procedures: one.procedures)
    }

    var minSimilarity: Double { settings.minSimilarity }

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
