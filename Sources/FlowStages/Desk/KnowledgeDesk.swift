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
    /// Two threads share the work.
    /// - Parameter take: is given JSON Lines, some at a time.
    /// - Throws: `StageError` with the line that is no question; those before it are answered.
    package func answers(_ path: String, limit: Int, _ take: ([UInt8]) -> Void) throws {
        let lines = JSONLines.lines(of: try Files.read(path, limit: 4 << 30)).map {
            (number: $0.0, bytes: Array($0.1))
        }
        let desks = PosixMutex([self])
        var failure: StageError?
        Pipeline.run((lines.count + Self.atOnce - 1) / Self.atOnce) { part -> Answers in
            var desk = desks.withLock { $0.popLast() } ?? self
            defer { desks.withLock { $0.append(desk) } }
            var answers = Answers()
            for line in lines[(part * Self.atOnce)...].prefix(Self.atOnce) {
                do throws(StageError) {
                    answers.bytes +=
                        try desk.answer(
                            line.bytes, at: "\(VisibleText.safe(path)):\(line.number)", limit
                        ).bytes() + [UInt8(ascii: "\n")]
                } catch {
                    answers.failure = error
                    break
                }
            }
            return answers
        } use: { answers in
            guard failure == nil else { return }
            take(answers.bytes)
            failure = answers.failure
        }
        if let failure { throw failure }
    }

    /// Questions that one thread answers before it looks at what the other does.
    private static let atOnce = 64

    /// Of some questions, in their order, up to the first that is none.
    private struct Answers: Sendable {
        var bytes: [UInt8] = []
        var failure: StageError?
    }

    private mutating func answer(_ line: [UInt8], at place: String, _ limit: Int)
        throws(StageError) -> JSON
    {
        let json: JSON
        do throws(JSONError) {
            json = try JSON.read(line)
        } catch {
            throw StageError("\(place):\(error.column): \(error.message)")
        }
        let id = json["id"]?.stringValue ?? json["id"]?.intValue.map(String.init)
        let (title, text) = (json["title"]?.stringValue, json["text"]?.stringValue)
        guard let id, title != nil || text != nil else {
            throw StageError("\(place): a question is an object with id, title and text")
        }
        let question = KnowledgeText(id: id, title: title ?? "", text: text ?? "")
        return answer(question, named: id, limit)
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
