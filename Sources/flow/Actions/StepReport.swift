internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

/// What a run leaves in the files of its step of GitHub Actions: the summary, and the outputs `run-id`,
/// `status`, `outputs` (all of the workflow's as one JSON object) and each of these by its name.
struct StepReport {
    let summary: StepSummary

    /// A step without these files, or with full ones, changes nothing of the run.
    func write() {
        if let path = Environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
            let used = FileStatus(path)?.size ?? 0
            append(summary.text(room: StepSummary.limit - used), to: path)
        }
        if let path = Environment["GITHUB_OUTPUT"], !path.isEmpty { append(outputs, to: path) }
    }

    private func append(_ text: String, to path: String) {
        do {
            try AppendingFile(path).append(Array(text.utf8))
        } catch {
            Output.note("warning: \(error)")
        }
    }

    /// The run's own come last: of one name the last counts.
    private var outputs: String {
        let ending = summary.ending
        let own: [(String, JSON)] = [
            ("run-id", .string(summary.run)), ("status", .string(ending.status.rawValue)),
            ("outputs", .string(JSON.object(ending.outputs).text())),
        ]
        return (ending.outputs.members.map { ($0.0, $0.1) } + own).map { name, value in
            // A delimiter that the value cannot hold, since it is made after it.
            let end = "end_" + (0..<16).map { _ in UInt8.random(in: 0...255) }.hex
            return "\(name)<<\(end)\n\(value.stringValue ?? value.text())\n\(end)\n"
        }.joined()
    }
}
