internal import FlowJSON
package import FlowSystem
internal import FlowText

/// Brings examples of a forum, or made by hand, into a dataset: all of them, or none where anything
/// is wrong.
package struct DatasetImport: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case jsonl, csv
    }

    /// The sources that can be imported; what production teaches comes from the skills alone.
    package static let sources = [TrainingExample.Source.forum, TrainingExample.Source.manual]

    /// What is wrong with a file that is imported.
    package struct Problem: Sendable, Hashable {
        package let file: String
        /// From 1.
        package let line: Int
        package let message: String
    }

    /// The source of records that name none.
    private let source: String?
    /// The state of records that name none; nil: what a forum says is pending, what was made by hand
    /// approved.
    private let state: ExampleState?
    private let now: Timestamp
    private let mask: @Sendable (String) -> String
    private let fingerprint: @Sendable (_ component: String, _ text: String) -> String

    private let base: DatasetFile
    private let index: DatasetIndex
    private let lines: [Int: NumberedExample]
    private var texts: DatasetTexts
    private var examples: [TrainingExample] = []
    /// Where a fingerprint and source, and an id and source, were read.
    private var origins: [[String]: String] = [:]

    package private(set) var records = 0
    /// Records that were left out, since the dataset teaches each of their texts already.
    package private(set) var repeated = 0
    package private(set) var problems: [Problem] = []

    /// - Parameters:
    ///   - now: the time of approval of approved records that name none.
    ///   - mask: takes what is private out of a text.
    ///   - fingerprint: of a record that names none.
    package init(
        into base: DatasetFile, source: String?, state: ExampleState?, now: Timestamp,
        mask: @escaping @Sendable (String) -> String,
        fingerprint: @escaping @Sendable (_ component: String, _ text: String) -> String
    ) {
        self.base = base
        self.source = source
        self.state = state
        self.now = now
        self.mask = mask
        self.fingerprint = fingerprint
        let numbered = base.numbered
        index = DatasetIndex(numbered)
        lines = Dictionary(uniqueKeysWithValues: numbered.map { ($0.line, $0) })
        texts = DatasetTexts(numbered)
    }

    /// The dataset with the records, and what that changes: nothing as long as there are problems.
    ///
    /// A record takes the line of its fingerprint and source, else of its id and source. It keeps that
    /// line's split; a new one that names none goes to the side on which one of its texts stands
    /// already, else by the hash of its fingerprint. So importing puts no text on two sides.
    package var result: (DatasetFile, DatasetChange) {
        problems.isEmpty ? base.upserting(examples) : (base, DatasetChange())
    }

    /// Reads the records of a file.
    package mutating func read(_ bytes: [UInt8], of file: String, as format: Format) {
        switch format {
        case .jsonl:
            for line in LineFile.lines(of: bytes, Self.object) {
                switch line.value {
                case .success(let object?): take(object, file, line.number)
                case .success(nil): continue
                case .failure(let mistake): problem(file, line.number, mistake.message)
                }
            }
        case .csv:
            readTable(bytes, file)
        }
    }

    private static func object(_ json: JSON) throws(LineMistake) -> JSONObject {
        guard let object = json.objectValue else {
            throw LineMistake("an object is expected, not \(article(json))")
        }
        return object
    }

    private mutating func readTable(_ bytes: [UInt8], _ file: String) {
        var rows = CSVRows(bytes)
        do throws(CSVMistake) {
            guard let head = try rows.next() else { return }
            while let row = try rows.next() {
                do throws(LineMistake) {
                    take(try FlatExample.object(head, row), file, rows.line)
                } catch {
                    problem(file, rows.line, error.message)
                }
            }
        } catch {
            problem(file, error.line, error.message)
        }
    }

    private mutating func problem(_ file: String, _ line: Int, _ message: String) {
        problems.append(Problem(file: file, line: line, message: message))
    }

    private mutating func take(_ object: JSONObject, _ file: String, _ line: Int) {
        records += 1
        do throws(LineMistake) {
            let object = try FlatExample.nested(object)
            var example = try read(object)
            try claim(example, "\(file):\(line)")
            let old = index.line(of: example).flatMap { lines[$0] }
            try settleState(of: &example, isGiven: object["state"] != nil, old?.example)
            if old == nil, isKnown(example) {
                repeated += 1
                return
            }
            try settleSplit(of: &example, isGiven: object["split"] != nil, old)
            texts.add(example, line: 0)
            examples.append(example)
        } catch {
            problem(file, line, error.message)
        }
    }

    /// The example of a record, with what it leaves out filled in.
    private func read(_ given: JSONObject) throws(LineMistake) -> TrainingExample {
        var object = given
        let members = MemberReader(object: given)
        let name = try members.string("source", default: source ?? "")
        guard Self.sources.contains(name) else {
            throw LineMistake(
                name.isEmpty
                    ? "it names no source; say which with --source forum or --source manual"
                    : "'source' should be forum or manual, not \(VisibleText.quoted(name)): what "
                        + "production teaches comes from the skills")
        }
        object["source"] = .string(name)
        let id = try members.string("id")
        if id.isEmpty, try members.string("label").isEmpty {
            throw LineMistake("it has neither 'label' nor 'id': what should a model answer?")
        }
        let input = MemberReader(object: try members.object("input"), path: "input.")
        let pattern = try input.string("error_pattern")
        let text = pattern.isEmpty ? try members.strings("examples").first ?? "" : pattern
        if try members.string("fingerprint").isEmpty {
            object["fingerprint"] = .string(fingerprint(try input.string("component"), mask(text)))
        }
        if id.isEmpty { object["id"] = .string(Self.id(name, object["fingerprint"])) }
        if object["state"] == nil {
            let usual: ExampleState = name == TrainingExample.Source.forum ? .pending : .approved
            object["state"] = .string((state ?? usual).rawValue)
        }
        var example = try TrainingExample.read(.object(object))
        example.input.errorPattern = mask(example.input.errorPattern)
        example.examples = example.examples.map(mask)
        example.description = mask(example.description)
        if let mistake = DatasetCheck.mistakes(example).first { throw LineMistake(mistake) }
        if example.task.isEmpty, !example.kind.isEmpty {
            example.task = TaskSlug.make(
                kind: example.kind,
                name: example.description.isEmpty ? example.label : example.description)
        }
        if example.timestamp == nil { example.timestamp = now }
        return example
    }

    /// `FORUM-1F3C2A7B`.
    private static func id(_ source: String, _ fingerprint: JSON?) -> String {
        let digits = SHA256.hex((fingerprint?.stringValue ?? "").utf8).prefix(8)
        return "\(source)-\(digits)".uppercased()
    }

    /// Two records for one line would leave the last of them and tell nobody.
    private mutating func claim(_ example: TrainingExample, _ place: String) throws(LineMistake) {
        for (what, name) in [("fingerprint", example.fingerprint), ("id", example.id)] {
            let key = [what, name, example.source]
            if let other = origins[key] {
                throw LineMistake("it has the \(what) and source of \(other); keep one of them")
            }
            origins[key] = place
        }
    }

    private func settleState(
        of example: inout TrainingExample, isGiven: Bool, _ old: TrainingExample?
    ) throws(LineMistake) {
        if let old {
            if isGiven {
                do throws(LearningError) {
                    _ = try old.moved(to: example.state)
                } catch {
                    throw LineMistake("the dataset's line: \(error.message)")
                }
            } else if example.teachesTheSame(as: old) {
                example.state = old.state
            }
        }
        if example.approvedAt == nil, example.state.isTrainable {
            example.approvedAt = old?.approvedAt ?? now
        }
    }

    /// Whether each of its texts stands under its label already.
    private func isKnown(_ example: TrainingExample) -> Bool {
        example.texts.allSatisfy { text in
            texts.like(text).contains { $0.label == example.label }
        }
    }

    private func settleSplit(
        of example: inout TrainingExample, isGiven: Bool, _ old: NumberedExample?
    ) throws(LineMistake) {
        let others = example.texts.flatMap(texts.like).filter { $0.line != old?.line }
        if let old {
            example.split = old.example.split
        } else if !isGiven, let first = others.first {
            example.split = first.split
        }
        if let other = others.first(where: { $0.split != example.split }) {
            throw LineMistake(
                "\(VisibleText.quoted(other.text)) is in '\(other.split.rawValue)' already, so it "
                    + "cannot be in '\(example.split.rawValue)' too")
        }
    }
}
