internal import FlowEngine
internal import FlowSystem

/// What there is to prune: every run and value with what it takes.
struct PruneSurvey {
    /// A run's folder without a run.
    struct Orphan {
        let path: String
        let bytes: Int
    }

    /// Oldest first.
    private(set) var runs: [PrunePlan.Run] = []
    /// Nil for a value that stays whoever refers to it.
    let objects: [ContentFolder.Object?]
    let strays: [String]
    private(set) var orphans: [Orphan] = []
    /// What the state folder takes, without what its database could give back.
    let total: Int

    private struct Events {
        var count = 0
        var bytes = 0
        var objects: Set<Int> = []
    }

    /// Columns and keys of an event beside its data.
    private static let eventOverhead = 48

    init(_ store: RunStore, keeping: Set<String>, now: Timestamp) throws(StoreError) {
        let young = now.adding(seconds: -ContentFolder.grace)
        // Listed before the events are read: a value that comes later is not judged.
        let (found, strays) = ContentFolder(store.state).objects()
        self.strays = strays
        objects = found.map { $0.modified < young && !keeping.contains($0.hash) ? $0 : nil }
        let folders = store.state.runFolders()
        total = Files.diskUse(of: store.state.path) - (try store.unusedBytes())
        let places = Dictionary(
            found.enumerated().map { ($1.hash, $0) }, uniquingKeysWith: { first, _ in first })
        let events = try Self.events(of: store, places)
        var known: Set<String> = []
        // What was imported is as old as its import, whenever it was done.
        try store.database.each(
            """
            SELECT number, id, status,
                CASE WHEN number > 0 THEN finished
                ELSE (SELECT time FROM events WHERE run = number AND seq = 1) END
            FROM runs ORDER BY number
            """, []
        ) { row in
            guard let number = row[0].int, let id = row[1].text, let status = row[2].text else {
                return
            }
            known.insert(id)
            let isOver = RunStatus(rawValue: status)?.isFinal == true
            let ended = isOver && !RunLock.isHeld(store.state, run: id) ? row[3].int : nil
            let own = events[number] ?? Events()
            runs.append(
                PrunePlan.Run(
                    id: id, number: number,
                    ended: ended.map { Timestamp(microseconds: Int64($0)) },
                    bytes: own.bytes + Files.diskUse(of: store.state.folder(ofRun: id)),
                    events: own.count, objects: own.objects))
        }
        for id in folders where !known.contains(id) {
            let path = store.state.folder(ofRun: id)
            // A run that is just beginning has a folder before it has events.
            guard let status = FileStatus(path), status.modified < young,
                !RunLock.isHeld(store.state, run: id)
            else { continue }
            orphans.append(Orphan(path: path, bytes: Files.diskUse(of: path)))
        }
    }

    private static func events(of store: RunStore, _ places: [String: Int]) throws(StoreError)
        -> [Int: Events]
    {
        var events: [Int: Events] = [:]
        try store.database.each("SELECT run, data FROM events", []) { row in
            guard let run = row[0].int, let data = row[1].text else { return }
            events[run, default: Events()].count += 1
            events[run, default: Events()].bytes += data.utf8.count + eventOverhead
            HashScan.hashes(in: data) { hash in
                if let place = places[hash] { events[run]?.objects.insert(place) }
            }
        }
        return events
    }
}
