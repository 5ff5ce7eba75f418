internal import FlowEngine
internal import FlowSpec
internal import FlowText

/// How a node, a leg or an attempt stands, as a picture shows it.
enum Look: String, CaseIterable {
    case success, cached, failure, tolerated, cancelled, skipped, running, waiting, lost, pending

    init(_ result: NodeResult, tolerated: Bool, cached: Bool) {
        switch result {
        case .success: self = cached ? .cached : .success
        case .failure: self = tolerated ? .tolerated : .failure
        case .cancelled: self = .cancelled
        case .skipped: self = .skipped
        }
    }

    /// As people read it.
    var words: String {
        switch self {
        case .tolerated: "failure, tolerated"
        case .lost: "end not seen"
        case .pending: "not begun"
        default: rawValue
        }
    }

    /// One character for pictures that are text.
    var symbol: String {
        switch self {
        case .success: "✓"
        case .cached: "="
        case .failure: "✗"
        case .tolerated: "!"
        case .cancelled: "■"
        case .skipped: "–"
        case .running: "▸"
        case .waiting: "…"
        case .lost: "?"
        case .pending: "·"
        }
    }
}

/// What is drawn of a workflow or a run; the three languages draw the same picture.
struct Picture {
    struct Item {
        enum Shape { case command, workflow, gate }

        /// The id, or in a run the path.
        let id: String
        /// Safe to show.
        let title: String
        let shape: Shape
        let isMatrix: Bool
        /// nil: of a workflow.
        let look: Look?
        /// Sentences about it, safe to show; the first names it.
        let facts: [String]
    }

    /// Safe to show.
    let title: String
    /// Lines beneath the title, safe to show.
    let subtitles: [String]
    let items: [Item]
    /// The places of the items that each item needs, each once.
    let needs: [[Int]]
    /// nil: of a workflow.
    let timeline: Timeline?

    init(
        title: String, subtitles: [String], items: [Item], needs: [[Int]], timeline: Timeline?
    ) {
        self.title = title
        self.subtitles = subtitles
        self.items = items
        self.needs = needs
        self.timeline = timeline
    }

    /// - Parameter timeline: of a run of the workflow.
    init(_ workflow: Workflow, subtitles: [String], timeline: Timeline? = nil) {
        self.init(
            title: VisibleText.safe(workflow.name),
            subtitles: subtitles.map { VisibleText.safe($0) },
            items: workflow.nodes.map { Self.item($0, timeline?[$0.id]) },
            needs: Graph(workflow).needs.map { Array(Set($0)).sorted() }, timeline: timeline)
    }

    private static func item(_ node: Node, _ track: NodeTrack?) -> Item {
        let title = VisibleText.safe(node.title)
        var facts = [title == node.id ? node.id : "\(node.id): \(title)"]
        facts += [what(node.work), node.matrix == nil ? nil : "a matrix"].compactMap { $0 }
        if let track { facts += track.facts }
        return Item(
            id: node.id, title: title, shape: Item.Shape(node.work), isMatrix: node.matrix != nil,
            look: track?.look, facts: facts)
    }

    private static func what(_ work: Work) -> String? {
        switch work {
        case .script, .arguments: nil
        case .uses(let manifest, _): "uses \(VisibleText.safe(manifest.reference))"
        case .workflow(let sub, _):
            "the workflow \(VisibleText.safe(sub.reference)), "
                + "\(sub.workflow.nodes.count) nodes"
        case .approve: "waits for an approval"
        }
    }

    /// How many items stand how, the most telling first: `2 failure, 10 success`; empty of a workflow.
    var counts: String {
        var counts: [Look: Int] = [:]
        for item in items { if let look = item.look { counts[look, default: 0] += 1 } }
        return Look.allCases.compactMap { look in counts[look].map { "\($0) \(look.words)" } }
            .joined(separator: ", ")
    }
}

extension Picture.Item.Shape {
    init(_ work: Work) {
        switch work {
        case .script, .arguments, .uses: self = .command
        case .workflow: self = .workflow
        case .approve: self = .gate
        }
    }
}
