internal import FlowJSON
package import FlowSystem

/// The training dataset (`datasets/trm/erp_tasks.jsonl`): one example a line.
///
/// A change touches the bytes of the lines it changes and no others; every line keeps its place.
package struct DatasetFile: Sendable {
    /// Where it is unless a workflow says otherwise.
    package static let path = "datasets/trm/erp_tasks.jsonl"

    private struct Key: Hashable {
        let value: String
        let source: String
    }

    private var lines = LineFile<TrainingExample>()

    /// An empty dataset.
    package init() {}

    /// Reads the bytes of a dataset.
    /// - Throws: `unreadableLine` with the number of the first line that is not an example,
    ///   `repeatedLine` where a line has the fingerprint and source of an earlier one.
    package init(reading bytes: [UInt8]) throws(LearningError) {
        let doing = "read the dataset"
        lines = try LineFile(
            reading: bytes, doing: doing, remedy: "mend the line or remove it",
            TrainingExample.read)
        var seen: [Key: Int] = [:]
        for (place, example) in lines.places {
            let key = Key(value: example.fingerprint, source: example.source)
            if let earlier = seen.updateValue(place + 1, forKey: key) {
                throw LearningError(
                    .repeatedLine, doing: doing,
                    "it has the fingerprint and source of line \(earlier); keep one of them",
                    line: place + 1)
            }
        }
    }

    /// The file's bytes: those that were read, but for the lines that changed.
    package var bytes: [UInt8] { lines.bytes }

    /// The examples in the order of their lines.
    package var examples: [TrainingExample] { lines.values }

    /// The examples approved after `start`, up to and with `end`; those without a time count not.
    package func approved(after start: Timestamp, through end: Timestamp) -> Int {
        lines.values.count { example in
            guard let time = example.approvedAt, example.state != .rejected else { return false }
            return time > start && time <= end
        }
    }
}

/// What a change did to the dataset, by id.
package struct DatasetChange: Sendable, Hashable {
    package var added: [String] = []
    package var replaced: [String] = []
    package var unchanged: [String] = []

    package var isEmpty: Bool { added.isEmpty && replaced.isEmpty }
}

extension DatasetFile {
    /// The dataset with each example in its line: that of its fingerprint and source, else (after a
    /// regrouping) that of its id and source, else a new one at the end, in the order given.
    ///
    /// A line keeps its split for ever, its members that flow does not know, a rejection, and its
    /// `used_in_training` until what it teaches changes; its `timestamp` moves only when something
    /// else does. An example that says nothing new leaves the bytes of its line as they are.
    package func upserting(_ examples: [TrainingExample]) -> (DatasetFile, DatasetChange) {
        var result = self
        var change = DatasetChange()
        var byFingerprint: [Key: Int] = [:]
        var byID: [Key: Int] = [:]
        func note(_ example: TrainingExample, _ place: Int) {
            byFingerprint[Key(value: example.fingerprint, source: example.source)] = place
            byID[Key(value: example.id, source: example.source)] = place
        }
        for (place, example) in lines.places { note(example, place) }
        for example in examples {
            let place =
                byFingerprint[Key(value: example.fingerprint, source: example.source)]
                ?? byID[Key(value: example.id, source: example.source)]
            guard let place, let old = result.lines[place] else {
                note(example, result.lines.append(example, example.json))
                change.added.append(example.id)
                continue
            }
            let next = example.following(old)
            if next == old {
                change.unchanged.append(example.id)
            } else {
                result.lines.replace(place, next, next.json)
                note(next, place)
                change.replaced.append(example.id)
            }
        }
        return (result, change)
    }

    /// The dataset without the lines of these ids; ids that have no line are passed over.
    package func removing(ids: Set<String>) -> DatasetFile {
        var result = self
        result.lines.removeAll { ids.contains($0.id) }
        return result
    }

    /// The dataset with the lines of these ids in another state.
    /// - Throws: `unknown` for an id without a line, `forbiddenMove` where the state cannot follow.
    package func moving(ids: Set<String>, to state: ExampleState) throws(LearningError)
        -> DatasetFile
    {
        var result = self
        var missing = ids
        for (place, example) in lines.places where ids.contains(example.id) {
            missing.remove(example.id)
            let moved = try example.moved(to: state)
            if moved != example { result.lines.replace(place, moved, moved.json) }
        }
        if let id = missing.sorted().first {
            throw LearningError(
                .unknown, doing: "move \(id) to '\(state.rawValue)'",
                "the dataset has no line with this id")
        }
        return result
    }
}

extension TrainingExample {
    /// This example as the successor of the line `old`.
    fileprivate func following(_ old: TrainingExample) -> TrainingExample {
        var next = self
        next.split = old.split
        next.approvedAt = approvedAt ?? old.approvedAt
        for (key, value) in old.other.members where next.other[key] == nil {
            next.other[key] = value
        }
        let isSettled = old.state == .rejected || old.state == .usedInTraining
        if isSettled, old.state == .rejected || teachesTheSame(as: old) { next.state = old.state }
        var sameTime = next
        sameTime.timestamp = old.timestamp
        return sameTime == old ? old : next
    }
}
