internal import FlowJSON
internal import FlowSystem
internal import FlowText
internal import FlowYAML

/// Which fields of foreign cases are the id, the title and the text. Where none is named, the cases
/// are entries (`KnowledgeEntry`).
package struct KnowledgeFields: Sendable, Hashable {
    package var id: String?
    package var title: String?
    package var text: String?

    package init(id: String? = nil, title: String? = nil, text: String? = nil) {
        self.id = id
        self.title = title
        self.text = text
    }

    var isNone: Bool { id == nil && title == nil && text == nil }
}

/// Reads solved cases from files: YAML (one entry, or a list of them), JSONL and CSV, told apart by
/// their names' ends.
package struct KnowledgeSource {
    private let fields: KnowledgeFields
    private static let endings = [".yaml", ".yml", ".jsonl", ".csv"]
    private static let sizeLimit = 4 << 30

    package init(_ fields: KnowledgeFields = KnowledgeFields()) { self.fields = fields }

    /// The files that a path names: itself, those in a folder, those that a pattern matches.
    /// - Throws: `noFile` where there is none.
    package static func files(_ path: String) throws(MiningError) -> [String] {
        guard Files.kind(path, following: true) == .folder else {
            return try SourcePattern.files(path)
        }
        let doing = "read solved cases of \(path)"
        do throws(SystemError) {
            let names = try Files.list(path).filter { name in
                !name.hasPrefix(".") && endings.contains { name.hasSuffix($0) }
            }
            guard !names.isEmpty else {
                throw SystemError(
                    code: .notFound, doing: doing,
                    message: "the folder holds no .yaml, .jsonl or .csv file")
            }
            return names.map { Path.join(path, $0) }
        } catch {
            throw MiningError(.noFile, doing: doing, error.message)
        }
    }

    /// Whether a file of this name can hold entries.
    package static func isOfEntries(_ path: String) -> Bool {
        [".yaml", ".yml", ".jsonl"].contains { path.hasSuffix($0) }
    }

    /// Hands over each case of a file.
    /// - Throws: `badEntry` with the line of the first case that cannot be read, `unreadable`.
    package func read(_ path: String, _ take: (KnowledgeText) -> Void) throws(MiningError) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path, limit: Self.sizeLimit)
        } catch {
            throw MiningError(.unreadable, doing: error.doing, error.message)
        }
        if path.hasSuffix(".csv") { return try csv(bytes, path, take) }
        if fields.isNone {
            for entry in try Self.entries(bytes, path: path) { take(entry.text) }
        } else {
            try Self.forEachObject(bytes, path) { json throws(EntryMistake) in
                take(try text(json))
            }
        }
    }

    /// The entries of a file's bytes.
    /// - Parameter path: Its end tells YAML from JSONL.
    /// - Throws: `badEntry` with the line of the first mistake.
    package static func entries(_ bytes: [UInt8], path: String) throws(MiningError)
        -> [KnowledgeEntry]
    {
        var entries: [KnowledgeEntry] = []
        try forEachObject(bytes, path) { json throws(EntryMistake) in
            entries.append(try KnowledgeEntry(json))
        }
        return entries
    }

    private static func forEachObject(
        _ bytes: [UInt8], _ path: String, _ take: (JSON) throws(EntryMistake) -> Void
    ) throws(MiningError) {
        if path.hasSuffix(".jsonl") {
            try forEachLine(bytes, path, take)
        } else if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            try forEachValue(bytes, path, take)
        } else {
            throw MiningError(
                .badFormat, doing: "read \(path)",
                "its name ends with none of " + endings.joined(separator: ", "))
        }
    }

    private static func forEachLine(
        _ bytes: [UInt8], _ path: String, _ take: (JSON) throws(EntryMistake) -> Void
    ) throws(MiningError) {
        for (number, line) in JSONLines.lines(of: bytes) {
            let json: JSON
            do throws(JSONError) {
                json = try JSON.read(Array(line))
            } catch {
                throw bad("\(path):\(number):\(error.column)", error.message)
            }
            do throws(EntryMistake) {
                try take(json)
            } catch {
                throw bad("\(path):\(number)", error.message)
            }
        }
    }

    private static func forEachValue(
        _ bytes: [UInt8], _ path: String, _ take: (JSON) throws(EntryMistake) -> Void
    ) throws(MiningError) {
        var values: [(value: JSON, mark: YAMLMark)] = []
        do throws(YAMLError) {
            guard let root = try YAMLDocument.read(bytes).root else { return }
            for node in root.sequence ?? [root] { values.append((try node.json, node.start)) }
        } catch {
            throw bad("\(path):\(error.mark.line):\(error.mark.column)", error.message)
        }
        for (value, mark) in values {
            do throws(EntryMistake) {
                try take(value)
            } catch {
                throw bad("\(path):\(mark.line):\(mark.column)", error.message)
            }
        }
    }

    private func text(_ json: JSON) throws(EntryMistake) -> KnowledgeText {
        guard let object = json.objectValue else { throw EntryMistake("a case must be an object") }
        func value(_ name: String) throws(EntryMistake) -> String {
            try EntryValue.text(object[name] ?? .null, name)
        }
        let (id, title, text) = (fields.id ?? "id", fields.title ?? "title", fields.text ?? "text")
        guard let own = object[id], !own.isNull else {
            throw EntryMistake("the case has no '\(VisibleText.safe(id))'")
        }
        guard object[title] != nil || object[text] != nil else {
            throw EntryMistake(
                "the case has neither '\(VisibleText.safe(title))' nor '\(VisibleText.safe(text))'")
        }
        return KnowledgeText(
            id: try EntryValue.text(own, id), title: try value(title), text: try value(text))
    }

    private func csv(
        _ bytes: [UInt8], _ path: String, _ take: (KnowledgeText) -> Void
    ) throws(MiningError) {
        var rows = CSVRows(bytes)
        do throws(CSVMistake) {
            guard let head = try rows.next() else { return }
            let id = try Self.column(fields.id ?? "id", in: head)
            let title = try Self.column(fields.title ?? "title", in: head)
            let text = try Self.column(fields.text ?? "text", in: head)
            while let row = try rows.next() {
                guard row.count == head.count else {
                    throw CSVMistake(
                        line: rows.line,
                        "the row has \(row.count) fields and the first has \(head.count); a field "
                            + "with a comma or a newline stands in double quotes")
                }
                take(KnowledgeText(id: row[id], title: row[title], text: row[text]))
            }
        } catch {
            throw Self.bad("\(path):\(error.line)", error.message)
        }
    }

    private static func column(_ name: String, in head: [String]) throws(CSVMistake) -> Int {
        if let place = head.firstIndex(of: name) { return place }
        throw CSVMistake(
            line: 1,
            "there is no column '\(VisibleText.safe(name))'" + Nearest.hint(name, among: head)
                + "; name the columns with --id, --title and --text")
    }

    private static func bad(_ place: String, _ message: String) -> MiningError {
        MiningError(.badEntry, doing: "read \(place)", message)
    }
}
