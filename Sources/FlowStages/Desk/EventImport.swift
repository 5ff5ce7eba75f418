internal import FlowEngine
package import FlowJSON
internal import FlowMining
internal import FlowSkills
package import FlowStore
internal import FlowSystem
internal import FlowText

/// Logs of others as runs of this repository: what steps they did and how they ended, with what is
/// private masked.
package struct EventImport {
    /// What came of one log.
    package struct Outcome: Sendable {
        package let log: String
        package let report: ImportReport
        /// What was left out; a command that has one ends with 1.
        package let problems: [String]
        /// What is unusual, where nothing was left out.
        package let notes: [String]

        package var json: JSON {
            [
                "log": .string(log), "added": .integer(report.added),
                "updated": .integer(report.updated), "known": .integer(report.known),
                "differing": .integer(report.differing.count), "steps": .integer(report.steps),
            ]
        }
    }

    /// Of a step whose log has no time for it: it has that of the step before it, or 1970.
    static let untimed = "untimed"

    private let store: RunStore
    private let masks: MessageMasks

    /// - Throws: where state cannot be kept.
    package init(_ place: Workspace) throws {
        masks = try MessageMasks(of: place.root)
        store = try RunStore(try StateFolder(place.state))
    }

    /// Imports the runs of files that are one log, all of them or none.
    /// - Parameter name: of the log; runs are known again by it and by their own names.
    /// - Throws: `MiningError` for the first file that cannot be opened.
    package func add(_ files: [String], name: String) throws -> Outcome {
        var reader = EventLogReader()
        for path in files { try reader.read(file: path) }
        let (log, notes) = reader.finish()
        let mask = ValueMask(masks)
        let report = try store.add(imported: log.runCount) { Self.run($0, of: log, name, mask) }
        return Outcome(
            log: name, report: report,
            problems: notes.problems + Self.problems(report.differing, name), notes: notes.notes)
    }

    /// A log's name, of the file that it is in.
    package static func name(of path: String) -> String {
        let endings: Set<String> = ["gz", "zst", "jsonl", "ndjson", "json", "xes", "log"]
        var parts = Path.name(path).split(separator: ".", omittingEmptySubsequences: false)
        while parts.count > 1, let last = parts.last, endings.contains(last.lowercased()) {
            parts.removeLast()
        }
        return parts.joined(separator: ".")
    }

    private static let named = 5

    private static func problems(_ differing: [String], _ log: String) -> [String] {
        let shown = differing.prefix(named).map {
            "run \(VisibleText.safe($0)) of the log \(VisibleText.safe(log)) is there with other "
                + "steps and stays as it is; import this one under another --name"
        }
        let rest = differing.count - shown.count
        return shown + (rest > 0 ? ["\(rest) more runs that are there with other steps"] : [])
    }

    private static func run(
        _ number: Int, of log: ExecutionLog, _ name: String, _ mask: ValueMask
    ) -> ImportedRun {
        let entries = log.steps(of: number).map { log.entry($0) }
        var time = entries.lazy.compactMap(\.time).first ?? Timestamp(seconds: 0)
        let steps = entries.map { entry in
            time = entry.time ?? time
            return ImportedRun.Step(draft(entry, mask), at: time)
        }
        let status: RunStatus =
            switch log.outcomes[number] {
            case .success: .success
            case .failure: .failure
            case .unknown: .unknown
            }
        return ImportedRun(
            log: name, name: mask.text(log.name(of: number)), status: status, steps: steps)
    }

    private static func draft(_ entry: ExecutionLog.Entry, _ mask: ValueMask) -> EventDraft {
        let isAttempt = entry.symbol.type == EventType.attemptFinished
        var data = JSONObject()
        if !isAttempt, !entry.symbol.name.isEmpty {
            data["name"] = .string(mask.text(entry.symbol.name))
        }
        data["agent"] = entry.agent.map { .string(mask.text($0)) }
        data["arguments"] = entry.arguments.map { mask.masked($0) }
        data["output"] = entry.output.map { mask.masked($0) }
        if entry.symbol.hasFailed { data[isAttempt ? "result" : "status"] = "failure" }
        data["duration_ms"] = entry.milliseconds.map(JSON.number)
        data["cost_usd"] = entry.cost.map(JSON.number)
        if entry.time == nil { data[untimed] = true }
        let node = isAttempt ? entry.symbol.name : entry.node
        return EventDraft(entry.symbol.type, node: node.map(mask.text), data: data)
    }
}
