internal import FlowSpec
internal import FlowText

/// A node of a run, or one leg of it, as people name it: `build`, `report.2`, `report[eu]`,
/// `deploy/build`, `deploy[eu]/build`.
package struct NodeAddress: Sendable, Hashable {
    /// The node's place in the run's state.
    package let place: Int
    /// The leg's place in its matrix, from 0; nil: the whole node.
    package let leg: Int?

    package init(place: Int, leg: Int? = nil) {
        self.place = place
        self.leg = leg
    }

    /// Finds what a text means in a run. A name with a dot that is a node's own wins over a leg.
    package init(_ text: String, in state: RunState) throws(NodeAddressError) {
        var prefix = ""
        var found: NodeAddress?
        for segment in Self.segments(text) {
            if let outer = found {
                prefix = try Self.prefix(inside: outer, state)
            }
            found = try Self.find(segment, prefix, state)
        }
        guard let found else { throw NodeAddressError("a node's name is missing") }
        self = found
    }

    /// What stands between slashes that are not within a key.
    private static func segments(_ text: String) -> [Substring] {
        var segments: [Substring] = []
        var start = text.startIndex
        var depth = 0
        for place in text.indices {
            switch text[place] {
            case "[": depth += 1
            case "]": depth = max(0, depth - 1)
            case "/" where depth == 0:
                segments.append(text[start..<place])
                start = text.index(after: place)
            default: break
            }
        }
        return segments + [text[start...]]
    }

    private static func find(_ segment: Substring, _ prefix: String, _ state: RunState)
        throws(NodeAddressError) -> NodeAddress
    {
        if let place = state.place(of: prefix + segment) { return NodeAddress(place: place) }
        if segment.hasSuffix("]"), let bracket = segment.firstIndex(of: "["),
            let place = state.place(of: prefix + segment[..<bracket])
        {
            let key = String(segment[segment.index(after: bracket)...].dropLast())
            let legs = state.nodes[place].legs
            guard state.nodes[place].isMatrix, let leg = legs.firstIndex(where: { $0.key == key })
            else { throw noLeg(key, of: place, state) }
            return NodeAddress(place: place, leg: leg)
        }
        if let dot = segment.lastIndex(of: "."),
            let leg = Int(segment[segment.index(after: dot)...]),
            let place = state.place(of: prefix + segment[..<dot])
        {
            guard state.nodes[place].isMatrix, state.nodes[place].legs.indices.contains(leg) else {
                throw noLeg(String(leg), of: place, state)
            }
            return NodeAddress(place: place, leg: leg)
        }
        let names = state.paths.filter {
            $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/")
        }
        throw NodeAddressError(
            "there is no node \(VisibleText.quoted(prefix + segment))"
                + Nearest.hint(prefix + segment, among: names))
    }

    private static func noLeg(_ leg: String, of place: Int, _ state: RunState)
        -> NodeAddressError
    {
        let node = state.nodes[place]
        guard node.isMatrix else {
            return NodeAddressError(
                "the node \(state.paths[place]) has no legs"
                    + (node.legs.isEmpty ? " yet" : ": it is no matrix"),
                mayCome: node.legs.isEmpty)
        }
        return NodeAddressError(
            "the node \(state.paths[place]) has no leg \(VisibleText.quoted(leg)); it has "
                + "\(node.legs.count)" + Nearest.hint(leg, among: node.legs.map(\.key)),
            mayCome: node.legs.isEmpty)
    }

    /// What the paths of a workflow begin with that is a node.
    private static func prefix(inside outer: NodeAddress, _ state: RunState)
        throws(NodeAddressError) -> String
    {
        let path = state.paths[outer.place]
        let node = state.nodes[outer.place]
        guard case .workflow = state.definition(outer.place).work else {
            throw NodeAddressError("the node \(path) is no workflow: nothing is inside it")
        }
        if node.isMatrix, outer.leg == nil {
            throw NodeAddressError(
                "the node \(path) has \(node.legs.count) legs; name one of them: \(path).0/…")
        }
        guard node.legs.indices.contains(outer.leg ?? 0),
            let frame = node.legs[outer.leg ?? 0].frame
        else {
            throw NodeAddressError(
                "the node \(path) has not begun, so that nothing is inside it", mayCome: true)
        }
        return state.frames[frame].prefix
    }

    /// The same words for the same node or leg, as people are shown it: `report[eu]`.
    package func text(in state: RunState) -> String {
        let path = state.paths[place]
        guard let leg else { return path }
        let key = state.nodes[place].legs[leg].key
        return key.isEmpty ? "\(path).\(leg)" : "\(path)[\(VisibleText.safe(key))]"
    }
}

/// A node that is not there.
package struct NodeAddressError: Error, Hashable, CustomStringConvertible {
    package let description: String
    /// Whether it may be there later in the run.
    package let mayCome: Bool

    init(_ description: String, mayCome: Bool = false) {
        self.description = description
        self.mayCome = mayCome
    }
}
