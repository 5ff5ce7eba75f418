internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText
internal import FlowYAML

/// What differs between two runs.
struct RunDiff {
    /// One thing that differs; nil: it is not there.
    struct Change {
        let name: String
        let before: JSON?
        let after: JSON?

        var json: JSON {
            ["name": .string(name), "before": before ?? .null, "after": after ?? .null]
        }

        var line: String {
            "\(VisibleText.safe(name)): \(Self.text(before)) → \(Self.text(after))"
        }

        private static func text(_ value: JSON?) -> String {
            guard let value else { return "–" }
            let text = VisibleText.safe(value.stringValue ?? value.text())
            if text.hasPrefix(RunDiff.byContent) { return "\(text.prefix(19))…" }
            return text.count > 80 ? "\(text.prefix(80))…" : text
        }
    }

    /// What stands for a value that is kept by content, before its hash.
    fileprivate static let byContent = "sha256 "

    /// How a workflow's file has changed.
    struct Recipes {
        /// What the two are called, where that differs.
        var names: Change?
        var added: [String] = []
        var removed: [String] = []
        var changed: [String] = []
        /// Keys of the file other than `nodes`, local actions, and workflows that are nodes.
        var others: [String] = []

        var isEmpty: Bool {
            names == nil && [added, removed, changed, others].allSatisfy(\.isEmpty)
        }

        var lines: [String] {
            let kinds = [("added", added), ("removed", removed), ("changed", changed + others)]
            return (names.map { [$0.line] } ?? [])
                + kinds.filter { !$1.isEmpty }.map { kind, names in
                    "\(kind): \(names.map { VisibleText.safe($0) }.joined(separator: ", "))"
                }
        }

        var json: JSON {
            func list(_ names: [String]) -> JSON { .array(names.map(JSON.string)) }
            return [
                "added": list(added), "removed": list(removed), "changed": list(changed),
                "others": list(others), "names": names?.json ?? .null,
            ]
        }
    }

    /// How long the attempts of a node took together, in milliseconds.
    struct Duration {
        let node: String
        let before: Int
        let after: Int

        var ratio: Double { Double(after) / Double(max(1, before)) }

        var json: JSON {
            [
                "node": .string(node), "before_ms": .integer(before), "after_ms": .integer(after),
                "ratio": .number((ratio * 100).rounded() / 100),
            ]
        }

        var line: String {
            let words = [before, after].map { DurationWords.text(seconds: Double($0) / 1000) }
            let tenths = Int((ratio * 10).rounded())
            return "\(node): \(words[0]) → \(words[1]) (×\(tenths / 10).\(tenths % 10))"
        }

        /// What differs less, in seconds or as a ratio, is the machine's mood.
        var isWorthAWord: Bool {
            abs(after - before) >= 500 && !(0.8...1.25).contains(ratio)
        }
    }

    let params: [Change]
    let recipes: Recipes
    let results: [Change]
    let outputs: [Change]
    let durations: [Duration]

    init(_ old: RecordedRun, _ new: RecordedRun, _ content: ContentFolder) throws {
        params = Self.changes(old.restored.params, new.restored.params)
        recipes = try Self.recipes(old, new, content)
        results = Self.changes(Self.results(of: old), Self.results(of: new))
        outputs = Self.changes(Self.outputs(of: old), Self.outputs(of: new))
        let before = Self.times(of: old)
        durations = Self.times(of: new).members.compactMap { node, after in
            guard let after = after.intValue, let before = before[node]?.intValue else {
                return nil
            }
            let duration = Duration(node: node, before: before, after: after)
            return duration.isWorthAWord ? duration : nil
        }
    }

    var isEmpty: Bool {
        params.isEmpty && recipes.isEmpty && results.isEmpty && outputs.isEmpty
            && durations.isEmpty
    }

    private static func changes(_ old: JSONObject, _ new: JSONObject) -> [Change] {
        let names = old.keys + new.keys.filter { old[$0] == nil }
        return names.compactMap { name in
            old[name] == new[name] ? nil : Change(name: name, before: old[name], after: new[name])
        }
    }

    // MARK: Sides

    private static func results(of run: RecordedRun) -> JSONObject {
        var results = JSONObject()
        for (place, node) in run.state.nodes.enumerated() {
            let path = run.state.paths[place]
            results[path] = word(node.settlement?.result, node.settlement?.isTolerated == true)
            for (leg, state) in node.legs.enumerated() where node.isMatrix {
                let name = NodeAddress(place: place, leg: leg).text(in: run.state)
                results[name] = word(state.result, state.isTolerated)
            }
        }
        results["run"] = .string(run.state.status.rawValue)
        return results
    }

    private static func word(_ result: NodeResult?, _ isTolerated: Bool) -> JSON {
        guard let result else { return "open" }
        let isFlagged = isTolerated && result == .failure
        return .string(result.rawValue + (isFlagged ? " (tolerated)" : ""))
    }

    /// By `node.name`, of a leg by its key, so that the same leg is compared wherever it stands; the run's
    /// own without a node. What is kept by content is told by its hash.
    private static func outputs(of run: RecordedRun) -> JSONObject {
        var outputs = JSONObject()
        for (place, node) in run.state.nodes.enumerated() {
            for (leg, state) in node.legs.enumerated() {
                let address = NodeAddress(place: place, leg: node.isMatrix ? leg : nil)
                for (name, value) in state.outputs {
                    outputs["\(address.text(in: run.state)).\(name)"] =
                        switch value {
                        case .inline(let json): json
                        case .stored(let hash, _): .string(byContent + hash)
                        }
                }
            }
        }
        let finished = run.events.last { $0.type == EventType.runFinished }
        for (name, value) in finished?.data["outputs"]?.objectValue?.members.map({ $0 }) ?? [] {
            outputs[name] = value
        }
        return outputs
    }

    /// What neither a cache nor an earlier run stood for.
    private static func times(of run: RecordedRun) -> JSONObject {
        var times = JSONObject()
        for event in run.events where event.type == EventType.attemptFinished {
            guard let node = event.draft.node, event.data["cached_from"] == nil,
                event.data["kept_from"] == nil,
                let took = event.data["duration_ms"]?.intValue
            else { continue }
            times[node] = .integer((times[node]?.intValue ?? 0) + took)
        }
        return times
    }

    // MARK: Workflows

    private static func recipes(
        _ old: RecordedRun, _ new: RecordedRun, _ content: ContentFolder
    ) throws -> Recipes {
        var recipes = Recipes()
        let names = [old, new].map { JSON.string($0.restored.workflow.name) }
        if names[0] != names[1] {
            recipes.names = Change(name: "name", before: names[0], after: names[1])
        }
        let facts = [old, new].map { $0.events.first?.data ?? [:] }
        for kind in ["actions", "workflows"] {
            let sides = facts.map { $0[kind]?.objectValue ?? [:] }
            recipes.others += changes(sides[0], sides[1]).map(\.name)
        }
        guard facts[0]["hash"] != facts[1]["hash"] else { return recipes }
        let files = try facts.map { facts in
            let bytes = try content.get(facts["hash"]?.stringValue ?? "")
            return try YAMLDocument.read(bytes).root?.json.objectValue ?? [:]
        }
        let nodes = files.map { $0["nodes"]?.objectValue ?? [:] }
        for change in changes(nodes[0], nodes[1]) {
            if change.before == nil {
                recipes.added.append(change.name)
            } else if change.after == nil {
                recipes.removed.append(change.name)
            } else {
                recipes.changed.append(change.name)
            }
        }
        recipes.others =
            changes(files[0], files[1]).map(\.name).filter { $0 != "nodes" } + recipes.others
        return recipes
    }
}
