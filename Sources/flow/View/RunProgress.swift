internal import FlowEngine
internal import FlowJSON
internal import FlowSpec

/// What a view remembers of a run: its nodes, and those of workflows that are nodes as they begin.
struct RunProgress {
    /// In the order of `RunState`, so that a leg's node is found by its place.
    private(set) var nodes: [NodeProgress]
    private var definitions: [Node]
    /// The file that each stands in, as its workflow names it.
    private var files: [String]
    private var places: [String: Int]
    /// Where the nodes of a workflow begin, by the place of the node that it is.
    private var inside: [Int: [Range<Int>]] = [:]

    init(_ workflow: Workflow) {
        nodes = workflow.nodes.map { NodeProgress(id: $0.id, title: $0.title) }
        definitions = workflow.nodes
        files = workflow.nodes.map { _ in workflow.file }
        places = workflow.places
    }

    private mutating func enter(_ workflow: Workflow, prefix: String, depth: Int) {
        for node in workflow.nodes {
            places[prefix + node.id] = nodes.count
            nodes.append(NodeProgress(id: prefix + node.id, title: node.title, depth: depth))
        }
        definitions += workflow.nodes
        files += workflow.nodes.map { _ in workflow.file }
    }

    /// Where a node is written, by its path.
    func origin(of path: String) -> (file: String, line: Int)? {
        places[path].map { (files[$0], definitions[$0].line) }
    }

    /// - Returns: the place of the node that the event is of.
    mutating func take(_ event: Event) -> Int? {
        guard let place = event.draft.node.flatMap({ places[$0] }) else { return nil }
        nodes[place].take(event)
        if event.type == EventType.attemptStarted, event.data["params"] != nil,
            case .workflow(let part, _) = definitions[place].work
        {
            let leg = event.draft.leg.map { ".\($0)" } ?? ""
            let first = nodes.count
            enter(
                part.workflow, prefix: "\(nodes[place].id)\(leg)/", depth: nodes[place].depth + 1)
            inside[place, default: []].append(first..<nodes.count)
        }
        return place
    }

    mutating func reopen(_ open: [String]) {
        for place in open.compactMap({ places[$0] }) { nodes[place].reopen() }
    }

    mutating func heard(_ place: Int, _ line: String) {
        if nodes.indices.contains(place), !nodes[place].isDone { nodes[place].message = line }
    }

    /// The nodes as a tree is read: what is inside a node behind it. What has begun anew is there
    /// once.
    var shown: [NodeProgress] {
        var shown: [NodeProgress] = []
        var open = Array(nodes.indices.prefix { nodes[$0].depth == 0 }.reversed())
        while let place = open.popLast() {
            guard places[nodes[place].id] == place else { continue }
            shown.append(nodes[place])
            for range in (inside[place] ?? []).reversed() { open += range.reversed() }
        }
        return shown
    }
}
