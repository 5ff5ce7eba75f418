internal import FlowJSON
internal import FlowSystem

/// The texts a model learns from and is measured on, with their sides.
///
/// Sides: every text has the side of the hash of its words (`DatasetSplit`), so texts that differ in
/// punctuation or case only are on one side. Some are learned though their hash says `test`: what has
/// the words of a skill's template (its `error_pattern`), and, so that every label can be learned, the
/// first text, by hash, of a label that would have none in `train` or `val`. The registry remembers
/// them (`borrowed`), and whoever makes a set gives it what is remembered. So a text may go from
/// `test` to `train` once and never comes back: no row that a model of the registry has learned is
/// ever one that models are measured on.
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
    /// Texts with the words of another under the same label; left out but where sides were given.
    package var duplicates: Int { exactDuplicates + normalisedDuplicates }
    /// Those of them that are the same letter for letter, and the others.
    package let exactDuplicates: Int
    package let normalisedDuplicates: Int
    /// Texts that were left out because they are blank.
    package let blanks: Int
    /// What is in `train` although its hash says `test`, and was not so before: `DatasetSplit.id` of
    /// each, sorted.
    package let borrowed: [String]
    /// All that is or was borrowed.
    private let learned: Set<String>

    /// The examples and templates of the lines that teach, labelled with the skill.
    /// - Parameter learned: what the registry remembers, `ModelRegistry.borrowed`.
    package init(
        _ dataset: DatasetFile, _ filter: DatasetFilter = DatasetFilter(),
        learned: Set<String> = []
    ) {
        self.init(
            Self.teaching(dataset, filter).flatMap { line in
                [Keyed(line.input.errorPattern, line.label, line.weight, isTemplate: true)]
                    + line.examples.map { Keyed($0, line.label, line.weight) }
            }, learned)
    }

    /// The approved lines that a filter keeps, in their order. A line whose label a person has
    /// corrected takes the place of what other lines of its fingerprint say.
    static func teaching(_ dataset: DatasetFile, _ filter: DatasetFilter) -> [TrainingExample] {
        let kept = dataset.examples.filter { $0.state.isTrainable && filter.keeps($0) }
        let corrected = Set(kept.filter(\.isCorrected).map(\.fingerprint))
        return kept.filter { $0.isCorrected || !corrected.contains($0.fingerprint) }
    }

    /// Texts with their labels; templates always serve training.
    package init(
        templates: [(text: String, label: String)] = [],
        examples: [(text: String, label: String)], learned: Set<String> = []
    ) {
        self.init(
            templates.map { Keyed($0.text, $0.label, isTemplate: true) }
                + examples.map { Keyed($0.text, $0.label) }, learned)
    }

    private init(_ all: [Keyed], _ before: Set<String>) {
        let texts = all.filter { !Self.isBlank($0.text) }
        let templates = Set(texts.filter(\.isTemplate).map(\.key))
        let (found, exact) = Self.distinct(texts)
        var sides = found.map { text in
            let side = DatasetSplit(of: text.key)
            let isLearned =
                templates.contains(text.key) || before.contains(DatasetSplit.id(of: text.key))
            return side == .test && isLearned ? .train : side
        }
        Self.giveEachLabelToTrain(found, &sides)
        let moved = zip(found, sides).filter { text, side in
            side == .train && DatasetSplit(of: text.key) == .test
        }
        let now = Set(moved.map { DatasetSplit.id(of: $0.0.key) })
        borrowed = now.subtracting(before).sorted()
        learned = now.union(before)
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
        self.init(order.map { rows[$0] }, all)
    }

    /// Samples whose sides were given from outside, as a published split has them; their order is
    /// kept.
    package init(fixed samples: [TrainingSample]) {
        self.init(samples, samples.map { Keyed($0.text, $0.label) })
    }

    /// Whoever gives the sides wants every row: what stands twice is counted and stays.
    private init(_ samples: [TrainingSample], _ all: [Keyed]) {
        self.samples = samples
        conflicts = Self.conflicts(all)
        let (found, exact) = Self.distinct(all)
        exactDuplicates = exact
        normalisedDuplicates = all.count - exact - found.count
        blanks = 0
        borrowed = []
        learned = []
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

    /// The side of a text beside this set, whether it is in it or not.
    func side(of text: String) -> DatasetSplit {
        let key = TextWords.key(of: text)
        return learned.contains(DatasetSplit.id(of: key)) ? .train : DatasetSplit(of: key)
    }

    /// Of each held row, whether a fitted one has its words: what it measures was learned by heart.
    var repeatsLearned: [Bool] {
        let held = held
        if held.isEmpty { return [] }
        let keys = Set(fitted.map { TextWords.key(of: $0.text) })
        return held.map { keys.contains(TextWords.key(of: $0.text)) }
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
