internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// What happened when in a run: a fold of its events and nothing else. Times are in microseconds
/// since 1970. Costs O(events).
struct Timeline {
    let start: Int64
    let end: Int64
    /// Times in which nobody worked on the run: it waited for a decision, or its flow had ended.
    let pauses: [Range<Int64>]
    let tracks: [NodeTrack]
    /// The places of the tracks that stand inside no other, in the order of their first events;
    /// nodes without events come last.
    let outer: [Int]
    private let places: [String: Int]

    /// - Parameters:
    ///   - now: where a run that goes on ends for now; nil: it ends with its last event.
    init(_ events: [Event], of workflow: Workflow, now: Timestamp?) {
        var fold = Fold(titles: Self.titles(of: workflow))
        for event in events { fold.take(event) }
        for node in workflow.nodes { _ = fold.place(of: node.id) }
        let last = fold.last ?? 0
        start = fold.first ?? 0
        end = max(last, now?.microseconds ?? last)
        if fold.isPaused, end > last { fold.pauses.append(last..<end) }
        pauses = fold.pauses
        for place in fold.tracks.indices { fold.tracks[place].close(at: end, isLive: now != nil) }
        tracks = fold.tracks
        outer = fold.outer
        places = fold.places
    }

    /// The track of a node by its path.
    subscript(path: String) -> NodeTrack? { places[path].map { tracks[$0] } }

    /// Titles by path, without the numbers of legs.
    private static func titles(of workflow: Workflow, in path: String = "") -> [String: String] {
        var titles: [String: String] = [:]
        for node in workflow.nodes {
            titles[path + node.id] = VisibleText.safe(node.title)
            if case .workflow(let sub, _) = node.work {
                titles.merge(Self.titles(of: sub.workflow, in: path + node.id + "/")) { $1 }
            }
        }
        return titles
    }

    /// A duration as people read it, exact below a second.
    static func words(_ microseconds: Int64) -> String {
        microseconds < 1_000_000
            ? "\((microseconds + 500) / 1000) ms"
            : DurationWords.text(seconds: Double(microseconds) / 1_000_000)
    }

    private struct Fold {
        let titles: [String: String]
        var tracks: [NodeTrack] = []
        var outer: [Int] = []
        var places: [String: Int] = [:]
        var first: Int64?
        var last: Int64?
        var pauses: [Range<Int64>] = []
        var isPaused = false
        /// The last event that a flow wrote before the run was taken up.
        private var endSeen: Int64?

        init(titles: [String: String]) { self.titles = titles }

        mutating func take(_ event: Event) {
            // A clock may be set back; the picture does not go back with it.
            let time = max(event.time.microseconds, last ?? .min)
            first = first ?? time
            switch event.type {
            case EventType.runWaiting: isPaused = true
            case EventType.runResumed:
                if let last, time > last { pauses.append(last..<time) }
                endSeen = last
                isPaused = false
            default:
                guard let path = event.draft.node else { break }
                let place = place(of: path)
                let isLost = event.data["lost"] == true
                tracks[place].take(event, at: isLost ? endSeen ?? time : time)
            }
            last = time
        }

        /// The place of a node's track, which is made where there is none, as are those around it.
        mutating func place(of path: String) -> Int {
            if let known = places[path] { return known }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            let plain = parts.map { $0.prefix { $0 != "." } }.joined(separator: "/")
            let own = String(parts.last ?? "")
            let title = titles[plain] ?? VisibleText.safe(own)
            var around: Int?
            if parts.count > 1 {
                let outside = parts.dropLast().joined(separator: "/")
                let dot = outside.lastIndex(of: ".")
                let slash = outside.lastIndex(of: "/")
                let isLeg = dot.map { dot in slash.map { dot > $0 } ?? true } ?? false
                around = self.place(
                    of: isLeg ? String(outside[..<(dot ?? outside.endIndex)]) : outside)
            }
            let place = tracks.count
            places[path] = place
            tracks.append(NodeTrack(path: path, title: title))
            if let around { tracks[around].inner.append(place) } else { outer.append(place) }
            return place
        }
    }
}

/// Where the moments of a timeline stand: evenly from left to right, long pauses cut short.
struct TimeScale {
    struct Tick { let x: Double; let label: String }

    /// Where a pause was cut: its middle, and how long it was.
    private(set) var breaks: [(x: Double, length: Int64)] = []
    private let start: Int64
    private let pieces: [(times: Range<Int64>, x: Double)]
    private let pixels: Double
    private static let breakWidth = 26.0

    init(_ timeline: Timeline, width: Double) {
        start = timeline.start
        let whole = max(1, timeline.end - timeline.start)
        let paused = timeline.pauses.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        let active = max(1, whole - paused)
        let cut = timeline.pauses.filter { ($0.upperBound - $0.lowerBound) * 5 > active }
        let left = whole - cut.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        let room = max(width / 4, width - Double(cut.count) * Self.breakWidth)
        let gap = cut.isEmpty ? 0 : (width - room) / Double(cut.count)
        pixels = room / Double(max(1, left))
        var pieces: [(Range<Int64>, Double)] = []
        var (time, x) = (timeline.start, 0.0)
        for pause in cut {
            pieces.append((time..<pause.lowerBound, x))
            x += Double(pause.lowerBound - time) * pixels
            breaks.append((x + gap / 2, pause.upperBound - pause.lowerBound))
            x += gap
            time = pause.upperBound
        }
        pieces.append((time..<max(time, timeline.end), x))
        self.pieces = pieces
    }

    /// From 0 to the width. Costs O(log pauses).
    func x(_ time: Int64) -> Double {
        var (low, high) = (0, pieces.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if pieces[middle].times.lowerBound <= time { low = middle } else { high = middle - 1 }
        }
        let piece = pieces[low]
        let inside = min(max(time, piece.times.lowerBound), piece.times.upperBound)
        return piece.x + Double(inside - piece.times.lowerBound) * pixels
    }

    private static let steps: [Int64] =
        [1, 2, 5, 10, 20, 50, 100, 200, 500].map { $0 * 1_000 }
        + [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800].map { $0 * 1_000_000 }
        + [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672].map { $0 * 3_600_000_000 }

    /// Round moments since the start, at least 84 apart.
    var ticks: [Tick] {
        let apart = 84.0
        let step =
            Self.steps.first { Double($0) * pixels >= apart }
            ?? Int64(apart / pixels / 86_400_000_000 + 1) * 86_400_000_000
        var ticks: [Tick] = []
        for piece in pieces {
            var since = (piece.times.lowerBound - start + step - 1) / step * step
            while start + since <= piece.times.upperBound {
                let x = x(start + since)
                if ticks.last.map({ x - $0.x >= apart * 0.9 }) ?? true {
                    ticks.append(Tick(x: x, label: Self.label(since)))
                }
                since += step
            }
        }
        return ticks
    }

    /// `0`, `250 ms`, `1.5 s`, `2 min 30 s`, `1 d 6 h`.
    static func label(_ since: Int64) -> String {
        if since == 0 { return "0" }
        if since < 1_000_000 { return "\(since / 1000) ms" }
        var rest = since
        var words: [String] = []
        for (unit, name) in [
            (Int64(86_400_000_000), "d"), (3_600_000_000, "h"), (60_000_000, "min"),
        ] {
            if rest >= unit { words.append("\(rest / unit) \(name)") }
            rest %= unit
        }
        if rest > 0 {
            let fraction = String(1_000 + rest / 1000 % 1000).dropFirst()
            let digits = String(fraction.reversed().drop { $0 == "0" }.reversed())
            words.append("\(rest / 1_000_000)" + (digits.isEmpty ? "" : ".\(digits)") + " s")
        }
        return words.joined(separator: " ")
    }
}
