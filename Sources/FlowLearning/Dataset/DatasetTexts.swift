/// The texts of a dataset, by what a model can tell apart: their words in lower case, without
/// punctuation (`TextWords`). Rejected lines serve nobody and have none here.
///
/// Costs one pass over the texts.
struct DatasetTexts {
    /// One text of one line; a line has each of its texts once.
    struct Place: Hashable {
        let line: Int
        let text: String
        let label: String
        let split: DatasetSplit
    }

    /// In the order of the lines.
    private(set) var places: [String: [Place]] = [:]

    init(_ examples: [NumberedExample] = []) {
        for numbered in examples { add(numbered.example, line: numbered.line) }
    }

    mutating func add(_ example: TrainingExample, line: Int) {
        guard example.state != .rejected else { return }
        for text in Set(example.texts).sorted() {
            places[TextWords.key(of: text), default: []].append(
                Place(line: line, text: text, label: example.label, split: example.split))
        }
    }

    /// The places of what has the same words as a text.
    func like(_ text: String) -> [Place] { places[TextWords.key(of: text)] ?? [] }

    /// Texts that stand in another line too, letter for letter and by their words: of n lines that
    /// have one text, n - 1 are too many.
    var duplicates: (exact: Int, normalised: Int) {
        var result = (exact: 0, normalised: 0)
        for group in places.values {
            result.normalised += Set(group.map(\.line)).count - 1
            for (_, same) in Dictionary(grouping: group, by: \.text) {
                result.exact += same.count - 1
            }
        }
        return result
    }

    /// The texts that stand under more than one label, by line; the places of each too.
    var conflicts: [[Place]] {
        places.values.filter { Set($0.map(\.label)).count > 1 }
            .map { $0.sorted { ($0.line, $0.text) < ($1.line, $1.text) } }
            .sorted { ($0[0].line, $0[0].text) < ($1[0].line, $1[0].text) }
    }
}

extension TrainingExample {
    /// What it teaches by: the template and the messages, without blank ones.
    var texts: [String] {
        ([input.errorPattern] + examples).filter {
            !$0.unicodeScalars.allSatisfy(PythonText.isSpace)
        }
    }
}
