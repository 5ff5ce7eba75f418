internal import FlowEngine
internal import FlowStore
internal import FlowSystem

/// Reads the events of a run as they come.
struct EventFollower {
    private let store: RunStore
    private let run: String
    private var last: Int
    private(set) var hasEnded = false

    /// - Parameter seq: the number of the last event that is known already.
    init(_ store: RunStore, run: String, after seq: Int = 0) {
        self.store = store
        self.run = run
        last = seq
    }

    /// The events since the last call. Where nobody is at the run, or it has ended or waits for
    /// people, these are the last ones.
    mutating func next() throws -> [Event] {
        // Looked at first: what the owner wrote until it left is read below.
        let isOwned = RunLock.isHeld(store.state, run: run)
        var events: [Event] = []
        try store.events(of: run, after: last) { events.append($0) }
        last = events.last?.seq ?? last
        let isOver = events.last.map {
            [EventType.runFinished, EventType.runWaiting].contains($0.type)
        }
        hasEnded = !isOwned || isOver == true
        return events
    }

    /// Waits a moment; readers of the log are not told of a new event.
    func pause() { Thread.pause(milliseconds: 50) }
}
