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
    /// Texts that were left out because one with the same words stands under the same label already.
    package var duplicates: Int { exactDuplicates + normalisedDuplicates }
    /// Those of them that are the same letter for letter, and the others.
    package let exactDuplicates: Int
    package let normalisedDuplicates: Int
    /// Texts that were left out because they are blank.
    package let blanks: Int

    /// The examples and templates of the dataset's approved lines that a filter keeps, labelled with
    /// the skill. A line whose label a person has corrected takes the place of what other lines of its
    /// fingerprint say.
    package init(_ dataset: DatasetFile, _ filter: DatasetFilter = DatasetFilter()) {
        let kept = dataset.examples.filter { $0.state.isTrainable && filter.keeps($0) }
        let corrected = Set(kept.filter(\.isCorrected).map(\.fingerprint))
        let trainable = kept.filter { $0.isCorrected || !corrected.contains($0.fingerprint) }
        self.init(
            trainable.flatMap { line in
                [Keyed(line.input.errorPattern, line.label, line.weight, isTemplate: true)]
                    + line.examples.map { Keyed($0, line.label, line.weight) }
            })
    }

    /// Texts with their labels; templates always serve training.
    package init(
        templates: [(text: String, label: String)] = [], examples: [(text: String, label: String)]
    ) {
        self.init(
            templates.map { Keyed($0.text, $0.label, isTemplate: true) }
                + examples.map { Keyed($0.text, $0.label) })
    }

    private init(_ all: [Keyed]) {
        let texts = all.filter { !Self.isBlank($0.text) }
        let pinned = Set(texts.filter(\.isTemplate).map(\.key))
        let (found, exact) = Self.distinct(texts)
        var sides = found.map { pinned.contains($0.key) ? .train : DatasetSplit(of: $0.key) }
        Self.giveEachLabelToTrain(found, &sides)
        samples = zip(found, sides).map { $0.sample($1) }
        conflicts = Self.conflicts(found)
        exactDuplicates = exact
        normalisedDuplicates = texts.count - exact - found.count
        blanks = all.count - texts.count
    }

    /// Rows as a file has them, all of them, with their sides and weights; only their order is the
    /// set's own.
    package init(unordered rows: [TrainingSample]) {
        let all = rows.map { Keyed($0.text, $0.label, $0.weight) }
        // Of equal texts the heavier comes first, so that the order is one.
        let order = all.indices.sorted { one, other in
            if all[one].precedes(all[other]) { return true }
            if all[other].precedes(all[one]) { return false }
            return (rows[one].weight, rows[one].split.rawValue)
                > (rows[other].weight, rows[other].split.rawValue)
        }
        samples = order.map { rows[$0] }
        conflicts = Self.conflicts(all)
        exactDuplicates = 0
        normalisedDuplicates = 0
        blanks = 0
    }

    /// Samples whose sides were given from outside, as a published split has them; their order is
    /// kept.
    package init(fixed samples: [TrainingSample]) {
        self.samples = samples
        conflicts = Self.conflicts(samples.map { Keyed($0.text, $0.label) })
        exactDuplicates = 0
        normalisedDuplicates = 0
        blanks = 0
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

    /// The side of a text that stands alone: by the hash of its words.
    package static func side(of text: String) -> DatasetSplit {
        DatasetSplit(of: TextWords.key(of: text))
    }

    static func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(PythonText.isSpace)
    }

    /// One text for each label and words: the first by hash, with the largest weight of all, sorted.
    private static func distinct(_ texts: [Keyed]) -> (found: [Keyed], exact: Int) {
        var exact = 0
        var found: [Keyed] = []
        for text in texts.sorted(by: { $0.precedes($1) }) {
            if let last = found.last, last.text == text.text, last.label == text.label {
                exact += 1
                found[found.count - 1].weight = max(last.weight, text.weight)
            } else {
                found.append(text)
            }
        }
        var places: [[String]: Int] = [:]
        var result: [Keyed] = []
        for text in found {
            if let place = places[[text.label, text.key]] {
                result[place].weight = max(result[place].weight, text.weight)
            } else {
                places[[text.label, text.key]] = result.count
                result.append(text)
            }
        }
        return (result, exact)
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
    var weight: Double
    let isTemplate: Bool
    /// The text's words; texts with one key are one text to a model of words.
    let key: String
    private let digest: [UInt8]

    init(_ text: String, _ label: String, _ weight: Double = 1, isTemplate: Bool = false) {
        self.text = text
        self.label = label
        self.weight = weight
        self.isTemplate = isTemplate
        key = TextWords.key(of: text)
        digest = SHA256.digest(text.utf8)
    }

    func sample(_ split: DatasetSplit) -> TrainingSample {
        TrainingSample(text: text, label: label, weight: weight, split: split)
    }

    func precedes(_ other: Keyed) -> Bool {
        label == other.label
            ? digest.lexicographicallyPrecedes(other.digest)
            : label.utf8.lexicographicallyPrecedes(other.label.utf8)
    }
}
