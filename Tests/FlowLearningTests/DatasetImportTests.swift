import FlowJSON
import FlowSystem
import FlowText
import Testing

@testable import FlowLearning

/// Ways into a dataset and out of it.
@Suite("dataset import and export") struct DatasetImportTests {
    private static let now = Timestamp("2026-11-20T02:00:00Z") ?? .distantFuture

    private func importer(
        into base: DatasetFile = DatasetFile(), source: String? = "forum",
        state: ExampleState? = nil
    ) -> DatasetImport {
        DatasetImport(
            into: base, source: source, state: state, now: Self.now,
            mask: { $0.replacing("hunter2", with: "<secret>") },
            fingerprint: { "f:\($0):\($1)" })
    }

    /// The dataset after an import of JSON Lines or CSV.
    private func imported(
        _ text: String, as format: DatasetImport.Format = .jsonl,
        into base: DatasetFile = DatasetFile(),
        source: String? = "forum", state: ExampleState? = nil
    ) -> (DatasetFile, DatasetChange, [String]) {
        var work = importer(into: base, source: source, state: state)
        work.read(Array(text.utf8), of: "in", as: format)
        let (file, change) = work.result
        return (file, change, work.problems.map { "\($0.file):\($0.line): \($0.message)" })
    }

    private static let texts = [
        "plain", "a \"quoted\", text", "two\nlines\r\nthree", "\u{1B}[31mred\u{85}\u{2028}",
        "=1+1", "\"\u{301}mark", "[not json", "{\"is\": \"json\"}", "[1]", " blanks ", "\0",
    ]

    private var hostile: DatasetFile {
        let lines = Self.texts.enumerated().map { place, text in
            var example = Samples.example(
                "R\(place)", source: place % 2 == 0 ? "forum" : "manual", template: text,
                examples: [text, text + "x"], state: [.pending, .approved, .rejected][place % 3])
            example.description = text
            example.tags = ["a b", text]
            example.output = ["answer": .string(text), "deep": [["x": 1.5]]]
            example.other = ["votes": 3, "note": .string(text)]
            example.split = DatasetSplit.allCases[place % 3]
            if place % 2 == 0 { example.metrics = .init() }
            return example
        }
        return DatasetFile().upserting(lines).0
    }

    @Test(
        "what is exported as JSON Lines or CSV comes back by import as it was",
        arguments: [
            DatasetExport.Format.jsonl, .csv,
        ])
    func roundTrip(_ format: DatasetExport.Format) throws {
        let (bytes, lines) = DatasetExport.bytes(hostile, format)
        #expect(lines == Self.texts.count)
        var work = importer(source: nil)
        work.read(bytes, of: "in", as: format == .csv ? .csv : .jsonl)
        #expect(work.problems == [])
        #expect(work.result.0.examples == hostile.examples)
    }

    @Test("a chat is one conversation a message, of lines that a model may learn from")
    func chat() throws {
        let (bytes, lines) = DatasetExport.bytes(hostile, .chat)
        let trainable = hostile.examples.filter(\.state.isTrainable)
        #expect(lines == trainable.count)
        let chats = try JSONLines.read(bytes)
        #expect(chats.count == 2 * trainable.count)
        for (chat, text) in zip(chats, trainable.flatMap(\.examples)) {
            #expect(chat.objectValue?.keys == ["messages"])
            let messages = chat["messages"]?.arrayValue ?? []
            #expect(messages.map { $0["role"] } == ["user", "assistant"])
            #expect(
                messages.first?["content"]?.stringValue
                    == "component: odoo.addons.sale\ncontext: pre_execution_check\nerror: \(text)")
            let answer = try JSON.read(messages.last?["content"]?.stringValue ?? "")
            #expect(answer["deep"] == [["x": 1.5]])
        }
    }

    @Test(
        "a short record is filled in: id, fingerprint, state, time, task, and what is private goes")
    func short() throws {
        let (file, change, problems) = imported(
            #"{"text": "disk full, password hunter2", "label": "FX-1", "component": "app", "kind": "fixer", "description": "Disk full"}"#
        )
        #expect(problems == [])
        let example = try #require(file.examples.first)
        #expect(change.added == [example.id])
        #expect(example.id.hasPrefix("FORUM-") && example.id.count == 14)
        #expect(example.fingerprint == "f:app:disk full, password <secret>")
        #expect(example.examples == ["disk full, password <secret>"])
        #expect(example.label == "FX-1" && example.task == "fix_disk_full")
        #expect(example.source == "forum" && example.state == .pending && example.approvedAt == nil)
        #expect(example.timestamp == Self.now)
        let (manual, _, _) = imported("text,label\nx y,FX-1\n", as: .csv, source: "manual")
        #expect(manual.examples.first?.state == .approved)
        #expect(manual.examples.first?.approvedAt == Self.now)
        let (reviewed, _, _) = imported(
            "text,label\nx y,FX-1\n", as: .csv, source: "manual", state: .reviewed)
        #expect(reviewed.examples.first?.state == .reviewed)
    }

    @Test("importing the same again changes no byte, also when it is later or was reviewed since")
    func again() throws {
        let text = "{\"text\": \"disk full\", \"label\": \"FX-1\"}\n"
        let (file, _, _) = imported(text)
        let approved = try DatasetFile(
            reading: Array(
                String(decoding: file.bytes, as: UTF8.self)
                    .replacing("\"state\": \"pending\"", with: "\"state\": \"approved\"").utf8))
        let (same, change, problems) = imported(text, into: approved)
        #expect(problems == [] && change.unchanged.count == 1 || change.replaced.count == 1)
        #expect(same.examples.first?.state == .approved)
        let (third, _, _) = imported(text, into: same)
        #expect(third.bytes == same.bytes)
    }

    /// Twenty lines with a template and five messages each, one of which no model may learn.
    private var manyTexts: DatasetFile {
        let lines = (10..<30).map { number in
            Samples.example(
                "P\(number)", template: "template of p\(number)",
                examples: (0..<5).map { "message m\($0) of p\(number)" },
                state: number == 29 ? .pending : .approved)
        }
        return DatasetFile().upserting(lines).0
    }

    /// The texts of an export: what a person would ask, or what a line has.
    private func texts(_ format: DatasetExport.Format, _ side: DatasetSplit) throws -> [String] {
        let bytes = DatasetExport.bytes(manyTexts, format, side: side).bytes
        switch format {
        case .csv:
            var rows = CSVRows(bytes)
            let head = try #require(try rows.next())
            var found: [String] = []
            while let row = try rows.next() {
                let cells = Dictionary(uniqueKeysWithValues: zip(head, row))
                let examples = cells["examples"].flatMap { $0.isEmpty ? nil : $0 } ?? "[]"
                found += [cells["error_pattern"] ?? ""].filter { !$0.isEmpty }
                found += try JSON.read(examples).arrayValue?.compactMap(\.stringValue) ?? []
            }
            return found
        case .chat:
            return try JSONLines.read(bytes).compactMap {
                $0["messages"]?.arrayValue?.first?["content"]?.stringValue?
                    .split(separator: "error: ").last.map(String.init)
            }
        case .jsonl:
            return try JSONLines.read(bytes).flatMap { line -> [String] in
                #expect(line["split"]?.stringValue == side.rawValue)
                return try TrainingExample.read(line).texts
            }
        case .samples:
            return try JSONLines.read(bytes).compactMap { $0["text"]?.stringValue }
        }
    }

    @Test(
        "on no side of an export is a text that a training has on another, in whatever form",
        arguments: DatasetExport.Format.allCases)
    func sides(_ format: DatasetExport.Format) throws {
        let set = TrainingSet(manyTexts)
        var seen = 0
        for side in DatasetSplit.allCases {
            let there = Set(set.samples.filter { $0.split == side }.map(\.text))
            let found = Set(try texts(format, side)).filter { !$0.contains("p29") }
            #expect(!found.isEmpty && found.isSubset(of: there), "\(side)")
            if format != .chat { #expect(found == there, "\(side)") }
            seen += found.count
        }
        // A conversation is about a message, about a template only where there is none.
        #expect(format == .chat ? seen >= 19 * 5 : seen == 19 * 6)
    }

    @Test("a line keeps its split; a new one goes where one of its texts stands already")
    func splits() throws {
        var old = Samples.example("P1", template: "own words here", examples: ["the first text"])
        old.split = .test
        let base = DatasetFile().upserting([old]).0
        let (file, _, problems) = imported(
            #"{"examples": ["The FIRST text!", "another"], "label": "P1"}"#, into: base)
        #expect(problems == [])
        #expect(file.examples.last?.split == .test)
        let (kept, _, _) = imported(
            #"{"examples": ["another"], "label": "P1", "id": "\#(file.examples[1].id)"}"#,
            into: file)
        #expect(kept.examples.count == 2 && kept.examples[1].split == .test)
    }

    @Test("a record whose texts stand under its label already is left out")
    func known() throws {
        let base = DatasetFile().upserting([
            Samples.example("P1", examples: ["the first text"])
        ]).0
        var work = importer(into: base)
        work.read(
            Array(#"{"text": "The first text.", "label": "P1"}"#.utf8), of: "in", as: .jsonl)
        #expect(work.repeated == 1 && work.result.0.bytes == base.bytes)
    }

    @Test("nothing comes in where anything is wrong, and each mistake is told with its place")
    func mistakes() throws {
        var old = Samples.example("P1", examples: ["the first text"])
        old.split = .test
        let base = DatasetFile().upserting([old]).0
        let lines = [
            #"{"text": "good", "label": "P1"}"#, "?", "[]", #"{"text": "a b"}"#,
            #"{"label": "P1"}"#,
            #"{"text": "c d", "label": "P1", "source": "skillsmith-production"}"#,
            #"{"text": "e f", "label": "P1", "state": "done"}"#,
            #"{"text": "good", "label": "P2"}"#,
            #"{"text": "the first text", "label": "P2", "split": "train"}"#,
            #"{"text": "g h", "label": "P1", "confidence": 7}"#,
        ]
        let (file, change, problems) = imported(lines.joined(separator: "\n"), into: base)
        #expect(file.bytes == base.bytes && change.isEmpty)
        #expect(
            problems == [
                "in:2: column 1: no value begins with '?'",
                "in:3: an object is expected, not an array",
                "in:4: it has neither 'label' nor 'id': what should a model answer?",
                "in:5: it has no text: neither 'input.error_pattern' nor 'examples'",
                "in:6: 'source' should be forum or manual, not 'skillsmith-production': what "
                    + "production teaches comes from the skills",
                "in:7: 'state' should be one of pending, reviewed, approved, rejected, "
                    + "used_in_training",
                "in:8: it has the fingerprint and source of in:1; keep one of them",
                "in:9: 'the first text' is in 'test' already, so it cannot be in 'train' too",
                "in:10: 'metrics.confidence' should be from 0 to 1, not 7.0: 85 % is 0.85",
            ])
    }

    @Test("a table with a wrong row, cell or quote is refused with the line")
    func table() throws {
        let (_, _, problems) = imported(
            "label,text,hits_7d\nA,x y,many\nB,\"two\nlines\"\nC,z,1\nD,\"open,1\n", as: .csv)
        #expect(
            problems == [
                "in:2: 'hits_7d' should be a number, not 'many'",
                "in:3: the row has 2 fields and the first has 3; a field with a comma or a newline "
                    + "stands in double quotes",
                "in:6: a field begins with a quote that nothing closes",
            ])
    }

    @Test("a record that names no source needs one, and a rejected line stays so")
    func sources() throws {
        let (_, _, problems) = imported(#"{"text": "a b", "label": "P1"}"#, source: nil)
        #expect(
            problems == [
                "in:1: it names no source; say which with --source forum or --source manual"
            ])
        let rejected = DatasetFile().upserting([
            Samples.example("R", source: "forum", examples: ["old text"], state: .rejected)
        ]).0
        let (_, _, refused) = imported(
            #"{"id": "R", "text": "new text", "fingerprint": "f-R", "state": "approved"}"#,
            into: rejected)
        #expect(
            refused == [
                "in:1: the dataset's line: it is 'rejected', after which only reviewed can come"
            ])
        let (file, _, _) = imported(
            #"{"id": "R", "text": "new text", "fingerprint": "f-R"}"#, into: rejected)
        #expect(file.examples.map(\.state) == [.rejected])
    }
}
