package import FlowJSON
package import FlowSystem

/// How good the model in service was, over time (`models/metrics.jsonl`): one line for each time it
/// was measured on other rows, or another model was.
package struct ModelSnapshots: Sendable {
    package static let path = "models/metrics.jsonl"

    package struct Snapshot: Sendable, Hashable {
        package let time: Timestamp
        package let model: String
        package let measured: RegisteredModel.Measured
    }

    private var lines = LineFile<Snapshot>()

    package init() {}

    /// - Throws: `unreadableLine` with the number of the first line that is no snapshot.
    package init(reading bytes: [UInt8]) throws(LearningError) {
        lines = try LineFile(
            reading: bytes, doing: "read \(Self.path)", remedy: "mend the line or remove it",
            Snapshot.init)
    }

    package var bytes: [UInt8] { lines.bytes }

    /// The oldest first.
    package var all: [Snapshot] { lines.values }

    /// The snapshots with another one, unless the last says the same already.
    package func adding(_ snapshot: Snapshot) -> ModelSnapshots {
        if let last = all.last, last.model == snapshot.model, last.measured == snapshot.measured {
            return self
        }
        var result = self
        result.lines.append(snapshot, snapshot.json)
        return result
    }
}

extension ModelSnapshots.Snapshot {
    package init(_ model: String, _ measured: RegisteredModel.Measured, at time: Timestamp) {
        self.time = time
        self.model = model
        self.measured = measured
    }

    init(_ json: JSON) throws(LineMistake) {
        guard let object = json.objectValue else {
            throw LineMistake("an object is expected, not \(article(json))")
        }
        let members = MemberReader(object: object)
        guard let time = try members.timestamp("time") else {
            throw LineMistake("'time' is missing")
        }
        self.time = time
        model = try members.name("model")
        measured = try RegisteredModel.Measured(object, path: "")
    }

    /// `{time, model}` and the figures as the registry has them.
    package var json: JSON {
        var object: JSONObject = ["time": .string(time.rfc3339), "model": .string(model)]
        for (key, value) in (measured.json.objectValue ?? [:]).members { object[key] = value }
        return .object(object)
    }
}
