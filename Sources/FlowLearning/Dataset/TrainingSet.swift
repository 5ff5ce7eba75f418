internal import FlowJSON
internal import FlowSystem

/// The texts a model learns from and is measured on, with their sides.
///
/// Sides: every text has the side of the hash of its words (`DatasetSplit`), so texts that differ in
/// punctuation or case only are on one side and no text ever changes it. A skill's template (its
/// `error_pattern`) is in `train`, and so is what has the same words; a label of which the hash
/// leaves nothing outside `test` (possible only without a template) gives its first text, by hash,
/// to `train`. So every label can be learned, and no row is both learned and measured on.
///
/// Order: by label, then by the text's hash. The order of the dataset's lines changes nothing.
package struct TrainingSet: Sendable, Hashable {
    /// One text under several labels; all of them stay in the set.
    package struct Conflict: Sendable, Hashable {
        package let text: String
        package let labels: [String]
    }

    package let samples: [TrainingSample]
    package let conflicts: [Conflict]
    /// Texts that were left out because the same text stands under the same label already.
    package let duplicates: Int
    /// Texts that were left out because they are blank.
    package let blanks: Int

    /// The examples and templates of the dataset's approved lines that a filter keeps, labelled with
    /// the skill.
    package init(_ dataset: DatasetFile, _ filter: DatasetFilter = DatasetFilter()) {
        let trainable = dataset.examples.filter { $0.state.isTrainable && filter.keeps($0) }
        self.init(
            templates: trainable.map { ($0.input.errorPattern, $0.label) },
            examples: trainable.flatMap { line in line.examples.map { ($0, line.label) } })
    }

    /// Texts with their labels; templates always serve training.
    package init(
        templates: [(text: String, label: String)] = [], examples: [(text: String, label: String)]
    ) {
        var found: [Keyed] = []
        var seen: Set<[String]> = []
        var duplicates = 0
        let texts = (templates + examples).filter { !Self.isBlank($0.text) }
        for (text, label) in texts {
            if seen.insert([label, text]).inserted {
                found.append(Keyed(text: text, label: label))
            } else {
                duplicates += 1
            }
        }
        let pinned = Set(templates.map { TextWords.key(of: $0.text) })
        var sides = found.map { pinned.contains($0.key) ? .train : DatasetSplit(of: $0.key) }
        Self.giveEachLabelToTrain(found, &sides)
        let order = found.indices.sorted { found[$0].precedes(found[$1]) }
        samples = order.map {
            TrainingSample(text: found[$0].text, label: found[$0].label, split: sides[$0])
        }
        conflicts = Self.conflicts(found)
        self.duplicates = duplicates
        blanks = templates.count + examples.count - texts.count
    }

    /// Samples whose sides were given from outside, as a published split has them; their order is
    /// kept.
    package init(fixed samples: [TrainingSample]) {
        self.samples = samples
        conflicts = Self.conflicts(samples.map { Keyed(text: $0.text, label: $0.label) })
        duplicates = 0
        blanks = 0
    }

    /// Samples of a file, with the sides they have there; their order changes nothing, and one that
    /// stands twice counts twice.
    package init(unordered samples: [TrainingSample]) {
        let keyed = samples.map { Keyed(text: $0.text, label: $0.label) }
        let order = samples.indices.sorted { one, other in
            if keyed[one].precedes(keyed[other]) { return true }
            if keyed[other].precedes(keyed[one]) { return false }
            let (one, other) = (samples[one], samples[other])
            return (one.weight, one.split.rawValue) < (other.weight, other.split.rawValue)
        }
        self.init(fixed: order.map { samples[$0] })
    }

    /// The rows a model is fitted on: `train` and `val`. (Nothing is chosen by `val` yet, so it is
    /// not kept out.)
    package var fitted: [TrainingSample] { samples.filter { $0.split != .test } }

    /// The rows no model is ever fitted on.
    package var held: [TrainingSample] { samples.filter { $0.split == .test } }

    /// All labels, sorted by code point.
    package var labels: [String] { Self.sorted(Set(samples.map(\.label))) }

    package func count(_ split: DatasetSplit) -> Int { samples.count { $0.split == split } }

    /// SHA-256 of the samples: equal for equal texts, labels, weights and sides.
    package var hash: String { Self.hash(samples) }

    /// SHA-256 of the held rows: two models were measured on the same rows if this is equal.
    package var heldHash: String { Self.hash(held) }

    private static func hash(_ samples: [TrainingSample]) -> String {
        SHA256.hex(
            JSONLines.write(
                samples.map {
                    [
                        .string($0.label), .string($0.text), .number($0.weight),
                        .string($0.split.rawValue),
                    ]
                }))
    }

    static func sorted(_ labels: some Sequence<String>) -> [String] {
        labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(PythonText.isSpace)
    }

    private static func giveEachLabelToTrain(_ found: [Keyed], _ sides: inout [DatasetSplit]) {
        var first: [String: Int] = [:]
        var learned: Set<String> = []
        for (place, text) in found.enumerated() {
            if sides[place] != .test { learned.insert(text.label) }
            if let other = first[text.label], !text.precedes(found[other]) { continue }
            first[text.label] = place
        }
        let moved = Set(first.filter { !learned.contains($0.key) }.map { found[$0.value].key })
        for place in found.indices where moved.contains(found[place].key) {
            sides[place] = .train
        }
    }

    private static func conflicts(_ found: [Keyed]) -> [Conflict] {
        let groups = Dictionary(grouping: found, by: \.key)
        let mixed = groups.values.compactMap { texts -> Conflict? in
            let labels = sorted(Set(texts.map(\.label)))
            let spellings = sorted(texts.map(\.text))
            guard labels.count > 1, let text = spellings.first else { return nil }
            return Conflict(text: text, labels: labels)
        }
        return mixed.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }
}

/// A text with what decides its side and its place.
private struct Keyed {
    let text: String
    let label: String
    /// The text's words; texts with one key are one text to a model.
    let key: String
    private let digest: [UInt8]

    init(text: String, label: String) {
        self.text = text
        self.label = label
        key = TextWords.key(of: text)
        digest = SHA256.digest(text.utf8)
    }

    func precedes(_ other: Keyed) -> Bool {
        label == other.label
            ? digest.lexicographicallyPrecedes(other.digest)
            : label.utf8.lexicographicallyPrecedes(other.label.utf8)
    }
}
