package import FlowJSON
internal import FlowSystem

extension TrainingExample {
    /// The line's object, keys in the order of `formats.md`, unknown members last.
    package var json: JSON {
        var object: JSONObject = [
            "id": .string(id), "source": .string(source), "kind": .string(kind),
            "task": .string(task),
            "input": [
                "error_pattern": .string(input.errorPattern),
                "component": .string(input.component), "context": .string(input.context),
            ],
            "output": .object(output), "metrics": .object(metrics.object),
            "fingerprint": .string(fingerprint), "tags": .array(tags.map(JSON.string)),
            "timestamp": timestamp.map { .string($0.rfc3339) } ?? .null,
            "approved_at": approvedAt.map { .string($0.rfc3339) } ?? .null,
            "description": .string(description),
            "examples": .array(examples.map(JSON.string)), "split": .string(split.rawValue),
            "label": .string(label), "state": .string(state.rawValue),
        ]
        if isCorrected { object["corrected"] = true }
        if let givenWeight { object["weight"] = .number(givenWeight) }
        for (key, value) in other.members where object[key] == nil { object[key] = value }
        return .object(object)
    }

    private static let keys: Set<String> = [
        "id", "source", "kind", "task", "input", "output", "metrics", "fingerprint", "tags",
        "timestamp", "approved_at", "description", "examples", "split", "label", "state",
        "corrected", "weight",
    ]

    /// Reads a line's object. `id`, `source` and `fingerprint` must be there; what older files
    /// lack has its default: the label is the id, the state `approved`, the split the
    /// fingerprint's.
    /// - Throws: a sentence that names the member and what it should be.
    static func read(_ json: JSON) throws(LineMistake) -> TrainingExample {
        guard let object = json.objectValue else {
            throw LineMistake("an object is expected, not \(article(json))")
        }
        let members = MemberReader(object: object)
        let input = MemberReader(object: try members.object("input"), path: "input.")
        let id = try members.name("id")
        let fingerprint = try members.name("fingerprint")
        var example = TrainingExample(
            id: id, source: try members.name("source"), kind: try members.string("kind"),
            task: try members.string("task"),
            input: Input(
                errorPattern: try input.string("error_pattern"),
                component: try input.string("component"), context: try input.string("context")),
            output: try members.object("output"),
            metrics: try Metrics(members.object("metrics")), fingerprint: fingerprint,
            tags: try members.strings("tags"), timestamp: try members.timestamp("timestamp"),
            approvedAt: try members.timestamp("approved_at"),
            description: try members.string("description"),
            examples: try members.strings("examples"),
            label: try members.label(default: id),
            state: try members.word("state", default: ExampleState.approved))
        example.split = try members.word("split", default: example.split)
        example.isCorrected = try members.flag("corrected")
        example.givenWeight = try members.weight("weight")
        example.other = JSONObject(object.members.filter { !keys.contains($0.0) })
        return example
    }
}

extension TrainingExample.Metrics {
    fileprivate init(_ object: JSONObject) throws(LineMistake) {
        let members = MemberReader(object: object, path: "metrics.")
        self.init(
            hits7d: try members.count("hits_7d"), hits30d: try members.count("hits_30d"),
            impactScore: try members.number("impact_score"),
            confidence: try members.number("confidence"))
    }

    fileprivate var object: JSONObject {
        [
            "hits_7d": hits7d.map(JSON.integer) ?? .null,
            "hits_30d": hits30d.map(JSON.integer) ?? .null,
            "impact_score": impactScore.map(JSON.number) ?? .null,
            "confidence": confidence.map(JSON.number) ?? .null,
        ]
    }
}
