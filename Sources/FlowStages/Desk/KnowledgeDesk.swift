package import FlowJSON
internal import FlowMining
internal import FlowSystem
internal import FlowText

/// Solved cases for people: makes an index of them and asks it.
package struct KnowledgeDesk {
    private var search: KnowledgeSearch

    /// Opens the index of a folder.
    /// - Throws: `MiningError` where there is none, or where it is damaged.
    package init(index folder: String) throws {
        search = KnowledgeSearch(KnowledgeIndex(try KnowledgeTables.read(folder)))
    }

    /// Indexes the cases of files and folders into a folder.
    /// - Parameters: The names of the fields that hold id, title and text; nil for those of entries.
    /// - Returns: what was made, as JSON.
    package static func index(
        _ paths: [String], into folder: String, id: String?, title: String?, text: String?
    ) throws -> JSON {
        let source = KnowledgeSource(KnowledgeFields(id: id, title: title, text: text))
        var builder = KnowledgeIndexBuilder()
        var files = 0
        for path in try paths.flatMap({ try KnowledgeSource.files($0) }) {
            try source.read(path) { builder.add($0) }
            files += 1
        }
        let tables = try builder.tables()
        let (path, size) = try tables.write(to: folder)
        return [
            "cases": .integer(tables.count), "files": .integer(files), "index": .string(path),
            "bytes": .integer(size),
        ]
    }

    /// The cases that answer a question best: `{query, results: [{id, score, title, why}]}`.
    package mutating func answer(_ text: String, limit: Int) -> JSON {
        answer(KnowledgeText(text: text), named: text, limit)
    }

    /// Answers each line of a JSONL file, `{id, title?, text}`, in its order; never with its own id.
    /// - Throws: `StageError` with the line that is no question; those before it are answered.
    package mutating func answers(
        _ path: String, limit: Int, _ take: (JSON) -> Void
    ) throws {
        for (number, line) in JSONLines.lines(of: try Files.read(path, limit: 4 << 30)) {
            let place = "\(VisibleText.safe(path)):\(number)"
            let json: JSON
            do throws(JSONError) {
                json = try JSON.read(Array(line))
            } catch {
                throw StageError("\(place):\(error.column): \(error.message)")
            }
            let id = json["id"]?.stringValue ?? json["id"]?.intValue.map(String.init)
            let (title, text) = (json["title"]?.stringValue, json["text"]?.stringValue)
            guard let id, title != nil || text != nil else {
                throw StageError("\(place): a question is an object with id, title and text")
            }
            let question = KnowledgeText(id: id, title: title ?? "", text: text ?? "")
            take(answer(question, named: id, limit))
        }
    }

    private mutating func answer(_ text: KnowledgeText, named name: String, _ limit: Int) -> JSON {
        ["query": .string(name), "results": .array(search.matches(text, limit: limit).map(\.json))]
    }
}

extension KnowledgeMatch {
    /// `{id, score, title, why}`, the score to four decimal places.
    var json: JSON {
        [
            "id": .string(id), "score": .number((score * 10_000).rounded() / 10_000),
            "title": .string(title), "why": .string(why),
        ]
    }
}
