package import FlowEngine
internal import FlowJSON
internal import FlowSystem

extension StateFolder {
    /// Where the attempts of a run keep what they printed and wrote for people.
    package func attempts(ofRun id: String) -> LocalExecutor.Places {
        LocalExecutor.Places(
            workspace: "", folder: folder(ofRun: id), stageProgram: nil, runID: id,
            environment: [:])
    }

    /// A file of the attempt that an event tells of: where the attempt was kept from another run, that
    /// run's as long as it is there, then this one's (`KeptLogs`).
    /// - Parameter name: the file of an attempt of a node and a leg, which may have been others then.
    package func path(
        of event: Event, _ name: (LocalExecutor.Places, _ node: String, _ leg: Int?) -> String
    ) -> String {
        let node = event.draft.node ?? ""
        if let from = event.data["kept_from"]?.stringValue {
            let before = event.data["kept_as"]
            let path = name(
                attempts(ofRun: from), before?["node"]?.stringValue ?? node,
                before == nil ? event.draft.leg : before?["leg"]?.intValue)
            if Files.exists(path) { return path }
        }
        return name(attempts(ofRun: event.run), node, event.draft.leg)
    }
}

/// What runs show of earlier ones whose results they keep (`flow retry`): it stands in the folder of
/// the run that printed it, for as long as that is there, and then in their own.
struct KeptLogs {
    private struct Use {
        /// The run that keeps the attempt.
        let run: String
        let name: Name
        /// What it was in the run that printed it.
        let before: Name
        let attempt: Int
    }

    private struct Name {
        let node: String
        let leg: Int?
    }

    private let state: StateFolder
    /// By the run that printed it.
    private var uses: [String: [Use]] = [:]

    /// Reads the events of all runs.
    init(_ store: RunStore) throws(StoreError) {
        state = store.state
        for row in try store.database.run(
            """
            SELECT data ->> '$.kept_from', id, node, leg, attempt,
                data ->> '$.kept_as.node', data ->> '$.kept_as.leg'
            FROM events JOIN runs ON number = run
            WHERE type = ? AND data LIKE '%"kept_from"%' AND json_valid(data)
            """, [.text(EventType.attemptFinished)])
        {
            guard let from = row[0].text, let run = row[1].text, let node = row[2].text,
                let attempt = row[4].int
            else { continue }
            let name = Name(node: node, leg: row[3].int)
            let before = row[5].text.map { Name(node: $0, leg: row[6].int) } ?? name
            uses[from, default: []].append(
                Use(run: run, name: name, before: before, attempt: attempt))
        }
    }

    /// Gives what is kept of a run that goes a second name in the folders of the runs that keep it.
    /// - Parameters:
    ///   - gone: runs that go as well.
    ///   - isDry: only looks.
    /// - Returns: the bytes that stay on the disk, because a run stays that keeps them.
    func hand(over run: String, gone: Set<String>, isDry: Bool) throws(StoreError) -> Int {
        var staying: [String: Int] = [:]
        for use in uses[run] ?? [] {
            let before = files(of: run, use.before, use.attempt)
            for (path, own) in zip(before, files(of: use.run, use.name, use.attempt)) {
                guard let status = FileStatus(path) else { continue }
                if !gone.contains(use.run) { staying[path] = status.diskBytes }
                guard !isDry, !Files.exists(own) else { continue }
                do throws(SystemError) {
                    try Files.makeFolder(Path.folder(own))
                    try Files.makeName(own, for: path)
                } catch {
                    throw StoreError(error)
                }
            }
        }
        return staying.values.reduce(0, +)
    }

    private func files(of run: String, _ name: Name, _ attempt: Int) -> [String] {
        let places = state.attempts(ofRun: run)
        return [
            places.log(node: name.node, leg: name.leg, attempt: attempt),
            places.summary(node: name.node, leg: name.leg, attempt: attempt),
        ]
    }
}
