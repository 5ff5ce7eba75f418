internal import FlowEngine
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// A run as the Markdown that GitHub shows with a job: how it ended, a table of its nodes, its graph,
/// and what the nodes wrote to `FLOW_SUMMARY`.
struct StepSummary {
    let workflow: Workflow
    let run: String
    let ending: RunSetup.Ending
    let events: [Event]
    let state: StateFolder

    /// What GitHub takes of one step; it shows nothing of a longer one.
    static let limit = 1 << 20
    /// More rows are no table that anybody reads.
    private static let mostRows = 500
    /// Beyond these Mermaid draws an error (`maxTextSize` and `maxEdges` of its configuration).
    private static let drawable = (bytes: 50_000, edges: 500)

    /// - Parameter room: bytes at most.
    func text(room: Int) -> String {
        let timeline = Timeline(events, of: workflow, now: nil)
        let picture = Picture(workflow, subtitles: [], timeline: timeline)
        var page = Page(room: room, note: "\n_Cut to fit; all of it: `flow show \(run)`._\n")
        page.add(head(timeline, picture))
        page.add(table(timeline))
        page.add(graph(picture))
        for text in nodeSummaries() { page.add(text) }
        return page.text
    }

    private func head(_ timeline: Timeline, _ picture: Picture) -> String {
        let symbol = NodeResult(rawValue: ending.status.rawValue)?.symbol ?? "…"
        let length = Timeline.words(timeline.end - timeline.start)
        let name = MarkdownText.code(workflow.name)
        var text = "### \(symbol) \(name): \(ending.status.rawValue)\n\n"
        text += "Run `\(run)`, \(length): \(picture.counts)\n"
        if !ending.reason.isEmpty { text += "\n\(MarkdownText.code(ending.reason))\n" }
        for gate in ending.gates { text += "\n\(MarkdownText.code(gate.sentence(run: run)))\n" }
        return text
    }

    // MARK: The table

    private func table(_ timeline: Timeline) -> String {
        var tracks: [NodeTrack] = []
        var open = Array(timeline.outer.reversed())
        while let place = open.popLast() {
            tracks.append(timeline.tracks[place])
            open += timeline.tracks[place].inner.reversed()
        }
        var text = "\n| node | result | time | reason |\n|---|---|--:|---|\n"
        let left = tracks.count - Self.mostRows
        if left > 0 {
            let isPlain = { (track: NodeTrack) in [.success, .skipped].contains(track.look) }
            tracks = tracks.filter { !isPlain($0) } + tracks.filter(isPlain)
            tracks = Array(tracks.prefix(Self.mostRows))
        }
        for track in tracks {
            let time = track.span.map { Timeline.words($0.end - $0.start) } ?? ""
            let reason = track.look == .success ? "" : track.reason
            text +=
                "| \(MarkdownText.code(track.path)) | \(track.look.symbol) \(track.look.words) "
                + "| \(time) | \(MarkdownText.code(reason)) |\n"
        }
        if left > 0 { text += "\n_\(left) more nodes: `flow show \(run)`._\n" }
        return text
    }

    // MARK: The graph

    private func graph(_ picture: Picture) -> String {
        let drawing = MermaidDrawing.text(of: picture)
        let edges = picture.needs.reduce(0) { $0 + $1.count }
        guard drawing.utf8.count <= Self.drawable.bytes, edges <= Self.drawable.edges else {
            return "\n_Too large to be drawn here: `flow graph \(run) --format svg`._\n"
        }
        return "\n```mermaid\n\(drawing)```\n"
    }

    // MARK: What nodes wrote

    /// As they wrote it: Markdown is what `FLOW_SUMMARY` is for, and GitHub takes scripts out of it.
    private func nodeSummaries() -> [String] {
        var isList = false
        return RunSummaries.texts(of: events, state).map { node, text in
            let name = MarkdownText.code(node)
            // What the nodes say in a line each is one list.
            defer { isList = !text.isMoreThanALine }
            if text.isMoreThanALine {
                return "\n#### \(name)\n\n" + text + (text.hasSuffix("\n") ? "" : "\n")
            }
            return (isList ? "" : "\n") + "- \(name): \(text.onlyLine)\n"
        }
    }

    /// Text that never grows over its room.
    private struct Page {
        private(set) var text = ""
        private var rest: Int
        private let note: String
        private var isFull = false

        init(room: Int, note: String) {
            rest = room - note.utf8.count
            self.note = note
        }

        /// Adds what fits, whole lines of it, and the note in place of what does not.
        mutating func add(_ more: String) {
            guard !isFull else { return }
            if more.utf8.count <= rest {
                rest -= more.utf8.count
                text += more
                return
            }
            isFull = true
            guard rest > 0 else { return }
            let fitting = more.utf8.prefix(rest - 1)
            let end = fitting.lastIndex(of: UInt8(ascii: "\n")) ?? fitting.startIndex
            text += more[..<end] + "\n" + note
        }
    }
}
