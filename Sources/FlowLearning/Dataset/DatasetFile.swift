internal import FlowJSON
package import FlowSystem

/// The training dataset (`datasets/trm/erp_tasks.jsonl`): one example a line.
///
/// A change touches the bytes of the lines it changes and no others; every line keeps its place.
package struct DatasetFile: Sendable {
    /// Where it is unless a workflow says otherwise.
    package static let path = "datasets/trm/erp_tasks.jsonl"

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
        var seen: [DatasetIndex.Key: Int] = [:]
        for (place, example) in lines.places {
            let key = DatasetIndex.Key(example.fingerprint, example.source)
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

    /// The examples with the numbers of their lines, from 1.
    package var numbered: [NumberedExample] {
        lines.places.map { NumberedExample(line: $0.place + 1, example: $0.value) }
    }

    /// The examples approved after `start` that no training has used; those without a time count not.
    package func additions(after start: Timestamp) -> Int {
        lines.values.count { example in
            example.state == .approved && example.approvedAt.map { $0 > start } ?? false
        }
    }

    /// Texts of the approved lines that no training has used, as they are now.
    package var newTexts: Int {
        lines.values.filter { $0.state == .approved }.reduce(0) { $0 + Set($1.texts).count }
    }

    /// Whether a filter keeps a line that no training has used.
    package func hasNews(_ filter: DatasetFilter) -> Bool {
        lines.values.contains { $0.state == .approved && filter.keeps($0) }
    }
}

/// An example and the number of its line, from 1.
package struct NumberedExample: Sendable, Hashable {
    package let line: Int
    package let example: TrainingExample
}

/// Which line an example belongs to.
struct DatasetIndex {
    struct Key: Hashable {
        let value: String
        let source: String

        init(_ value: String, _ source: String) {
            self.value = value
            self.source = source
        }
    }

    private var byFingerprint: [Key: Int] = [:]
    private var byID: [Key: Int] = [:]

    init(_ examples: [NumberedExample]) {
        for numbered in examples { note(numbered.example, line: numbered.line) }
    }

    mutating func note(_ example: TrainingExample, line: Int) {
        byFingerprint[Key(example.fingerprint, example.source)] = line
        byID[Key(example.id, example.source)] = line
    }

    /// The line of its fingerprint and source, else (after a regrouping) of its id and source.
    func line(of example: TrainingExample) -> Int? {
        byFingerprint[Key(example.fingerprint, example.source)]
            ?? byID[Key(example.id, example.source)]
    }
}

/// What a change did to the dataset, by id.
package struct DatasetChange: Sendable, Hashable {
    package var added: [String] = []
    package var replaced: [String] = []
    /// Lines of which nothing but what was measured has changed: hits, impact, confidence.
    package var recounted: [String] = []
    package var unchanged: [String] = []

    package var isEmpty: Bool { added.isEmpty && replaced.isEmpty && recounted.isEmpty }
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
        var index = DatasetIndex(numbered)
        for example in examples {
            let place = index.line(of: example).map { $0 - 1 }
            guard let place, let old = result.lines[place] else {
                index.note(example, line: result.lines.append(example, example.json) + 1)
                change.added.append(example.id)
                continue
            }
            let next = example.following(old)
            if next == old {
                change.unchanged.append(example.id)
            } else {
                result.lines.replace(place, next, next.json)
                index.note(next, line: place + 1)
                if next.isRecount(of: old) {
                    change.recounted.append(example.id)
                } else {
                    change.replaced.append(example.id)
                }
            }
        }
        return (result, change)
    }

    /// The dataset without the lines of one source that are no longer wanted.
    /// - Returns: the ids of those that are gone, too.
    package func removing(
        source: String, where isGone: (TrainingExample) -> Bool
    ) -> (DatasetFile, removed: [String]) {
        var result = self
        var removed: [String] = []
        result.lines.removeAll { example in
            guard example.source == source, isGone(example) else { return false }
            removed.append(example.id)
            return true
        }
        return (result, removed)
    }

    /// The dataset with its approved lines that a filter keeps marked as used in a training.
    package func markingUsed(_ filter: DatasetFilter = DatasetFilter()) -> DatasetFile {
        var result = self
        for (place, example) in lines.places
        where example.state == .approved && filter.keeps(example) {
            var used = example
            used.state = .usedInTraining
            result.lines.replace(place, used, used.json)
        }
        return result
    }
}

extension TrainingExample {
    /// Whether nothing but what was measured differs.
    fileprivate func isRecount(of old: TrainingExample) -> Bool {
        var next = self
        next.metrics = old.metrics
        next.timestamp = old.timestamp
        return next == old
    }

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
