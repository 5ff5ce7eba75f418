internal import FlowEngine

/// One line of a drawn timeline.
struct TimelineRow {
    enum Content {
        /// A node's only leg, or one leg of a matrix.
        case leg(LegTrack)
        /// A node that holds others, from its first to its last moment.
        case group(start: Int64, end: Int64)
        /// Legs that have no row of their own.
        case rest([LegTrack])
        case nothing
    }

    /// The node's path, with the leg's number where it is a leg.
    let path: String
    let title: String
    let depth: Int
    let look: Look
    let content: Content
    /// What stands at the end of the line.
    let note: String
    let facts: [String]
    /// When a decision was made, or when a node ended that never began.
    let mark: Int64?

    /// Legs of one matrix that have a row each; the others share one.
    static let legLimit = 12

    /// The rows of a run, nodes inside others beneath them.
    static func all(of timeline: Timeline) -> [TimelineRow] {
        var rows: [TimelineRow] = []
        for place in timeline.outer { add(timeline.tracks[place], 0, timeline, &rows) }
        return rows
    }

    private static func add(
        _ track: NodeTrack, _ depth: Int, _ timeline: Timeline, _ rows: inout [TimelineRow]
    ) {
        let content: Content
        if track.isMatrix || !track.inner.isEmpty {
            let ends = track.inner.compactMap { timeline.tracks[$0].span }
            let start = ends.map(\.start).min() ?? track.span?.start
            let end = track.endedAt ?? track.span?.end ?? timeline.end
            content = start.map { .group(start: $0, end: max($0, end)) } ?? .nothing
        } else {
            content = track.legs.first.map { .leg($0) } ?? .nothing
        }
        let isMarked = track.decidedAt != nil || track.span == nil
        rows.append(
            TimelineRow(
                path: track.path, title: track.title, depth: depth, look: track.look,
                content: content, note: note(track), facts: [track.path] + track.facts,
                mark: isMarked ? track.decidedAt ?? track.endedAt : nil))
        guard track.isMatrix else {
            for place in track.inner { add(timeline.tracks[place], depth + 1, timeline, &rows) }
            return
        }
        addLegs(track, depth + 1, timeline, &rows)
    }

    private static func note(_ track: NodeTrack) -> String {
        var words = track.span.map { [Timeline.words($0.end - $0.start)] } ?? []
        let attempts = track.legs.first?.bars.count ?? 0
        if track.isMatrix {
            words.append("\(track.legs.count) legs")
        } else if attempts > 1 {
            words.append("\(attempts) attempts")
        }
        if words.isEmpty { words.append(track.look.words) }
        return words.joined(separator: ", ")
    }

    // MARK: Legs

    private static func addLegs(
        _ track: NodeTrack, _ depth: Int, _ timeline: Timeline, _ rows: inout [TimelineRow]
    ) {
        let shown = chosen(track.legs)
        var inner: [Int: [Int]] = [:]
        for place in track.inner {
            let number = timeline.tracks[place].path.dropFirst(track.path.count + 1)
                .prefix { $0 != "/" }
            if let leg = Int(number) { inner[leg, default: []].append(place) }
        }
        for place in shown {
            let inside = (inner[place] ?? []).map { timeline.tracks[$0] }
            rows.append(row(of: track, leg: place, holding: inside, depth))
            for inside in inner[place] ?? [] {
                add(timeline.tracks[inside], depth + 1, timeline, &rows)
            }
        }
        let own = Set(shown)
        let rest = track.legs.indices.filter { !own.contains($0) }.map { track.legs[$0] }
        guard !rest.isEmpty else { return }
        var counts: [Look: Int] = [:]
        for leg in rest { counts[leg.look, default: 0] += 1 }
        let words = Look.allCases.compactMap { look in counts[look].map { "\($0) \(look.words)" } }
        rows.append(
            TimelineRow(
                path: track.path + ".rest", title: "\(rest.count) more legs", depth: depth,
                look: counts.count == 1 ? rest[0].look : .pending, content: .rest(rest),
                note: words.joined(separator: ", "),
                facts: ["\(rest.count) more legs of \(track.path)"] + words, mark: nil))
    }

    /// - Parameter inner: the nodes of a leg that is a workflow.
    private static func row(
        of track: NodeTrack, leg place: Int, holding inner: [NodeTrack], _ depth: Int
    ) -> TimelineRow {
        let leg = track.legs[place]
        let look = inner.isEmpty || leg.look != .pending ? leg.look : whole(inner)
        let starts = leg.bars.map(\.start) + inner.compactMap { $0.span?.start }
        let ends = leg.bars.map(\.end) + inner.compactMap { $0.span?.end }
        var words: [String] = []
        var content = TimelineRow.Content.leg(leg)
        if let start = starts.min(), let end = ends.max() {
            words.append(Timeline.words(end - start))
            if !inner.isEmpty { content = .group(start: start, end: end) }
        }
        if leg.bars.count > 1 { words.append("\(leg.bars.count) attempts") }
        if words.isEmpty { words.append(look.words) }
        return TimelineRow(
            path: "\(track.path).\(place)", title: leg.key.isEmpty ? "leg \(place)" : leg.key,
            depth: depth, look: look, content: content, note: words.joined(separator: ", "),
            facts: ["leg \(place) of \(track.path)", leg.key, look.words] + words, mark: nil)
    }

    /// How a workflow stands by its nodes.
    private static func whole(_ nodes: [NodeTrack]) -> Look {
        let order = [Look.running, .waiting, .lost, .failure, .cancelled]
        let looks = Set(nodes.map(\.look))
        return order.first(where: looks.contains) ?? .success
    }

    /// The legs with a row of their own, in order: those that tell most first.
    private static func chosen(_ legs: [LegTrack]) -> [Int] {
        // One more leg takes no more room than the row of the rest.
        guard legs.count > legLimit + 1 else { return Array(legs.indices) }
        func isQuiet(_ leg: LegTrack) -> Bool {
            switch leg.look {
            case .success, .cached, .skipped, .pending: leg.bars.count < 2
            default: false
            }
        }
        let telling = legs.indices.filter { !isQuiet(legs[$0]) }.prefix(legLimit)
        let known = Set(telling)
        let others = legs.indices.lazy.filter { !known.contains($0) }
        return (telling + others.prefix(legLimit - telling.count)).sorted()
    }
}
