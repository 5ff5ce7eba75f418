internal import FlowJSON
internal import FlowText

/// A solved case: what went wrong, why, and what was done about it (`docs/formats.md`).
package struct KnowledgeEntry: Sendable, Hashable {
    package let id: String
    package let title: String
    package let url: String
    package let module: String
    package let errorType: String
    package let severity: String
    package let tags: [String]
    package let problem: String
    package let rootCause: String
    package let solution: String
    /// The skill that came of it, or empty.
    package let guardrailID: String
    /// The script that mends it, or empty.
    package let autopatch: String
    package let prevention: String
    /// How many people it helped.
    package let votes: Int

    /// The keys of an entry.
    static let keys = [
        "id", "title", "url", "module", "error_type", "severity", "tags", "problem", "root_cause",
        "solution", "guardrail_id", "autopatch", "prevention", "votes",
    ]

    /// Makes an entry of an object.
    /// - Throws: a sentence about the first mistake.
    init(_ json: JSON) throws(EntryMistake) {
        guard let object = json.objectValue else {
            throw EntryMistake("an entry must be a mapping with id, title and problem")
        }
        for (key, _) in object.members where !Self.keys.contains(key) {
            throw EntryMistake(
                "unknown key '\(VisibleText.safe(key))'" + Nearest.hint(key, among: Self.keys))
        }
        func text(_ key: String) throws(EntryMistake) -> String {
            try EntryValue.text(object[key] ?? .null, key)
        }
        id = try text("id")
        title = try text("title")
        url = try text("url")
        module = try text("module")
        errorType = try text("error_type")
        severity = try text("severity")
        problem = try text("problem")
        rootCause = try text("root_cause")
        solution = try text("solution")
        guardrailID = try text("guardrail_id")
        autopatch = try text("autopatch")
        prevention = try text("prevention")
        guard let tags = (object["tags"] ?? .array([])).arrayValue else {
            throw EntryMistake("tags must be a list")
        }
        var names: [String] = []
        for tag in tags { names.append(try EntryValue.text(tag, "a tag")) }
        self.tags = names
        guard let votes = (object["votes"] ?? 0).intValue else {
            throw EntryMistake("votes must be a whole number")
        }
        self.votes = votes
        for (key, value) in [("id", id), ("title", title), ("problem", problem)]
        where value.isEmpty {
            throw EntryMistake("\(key) is missing")
        }
    }

    /// What search finds it by.
    package var text: KnowledgeText {
        let parts =
            [problem, rootCause, solution, prevention, errorType, module] + tags
        return KnowledgeText(
            id: id, title: title,
            text: parts.filter { !$0.isEmpty }.joined(separator: "\n"))
    }
}

/// What is wrong with an entry.
struct EntryMistake: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// Values of entries as text.
enum EntryValue {
    /// Text, or a number as text; nothing for null; a list's elements, one a line.
    static func text(_ json: JSON, _ name: String) throws(EntryMistake) -> String {
        switch json {
        case .null: return ""
        case .string(let text): return text
        case .integer, .double, .bool: return json.text()
        case .array(let elements):
            var lines: [String] = []
            for element in elements { lines.append(try text(element, name)) }
            return lines.joined(separator: "\n")
        case .object:
            throw EntryMistake("\(VisibleText.safe(name)) must be text, not a mapping")
        }
    }
}
