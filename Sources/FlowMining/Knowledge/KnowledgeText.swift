/// A solved case, or a question, as search sees it.
package struct KnowledgeText: Sendable, Hashable {
    /// Of a question: the case that it is itself, which is not an answer; may be empty.
    package let id: String
    /// What it is about in one line; counts as much as all of the text.
    package let title: String
    package let text: String

    package init(id: String = "", title: String = "", text: String) {
        self.id = id
        self.title = title
        self.text = text
    }
}

/// A solved case that answers a question.
package struct KnowledgeMatch: Sendable, Hashable {
    package let id: String
    package let title: String
    /// The cosine of the angle between question and case: 0, no word in common, to 1.
    package let score: Double
    /// The words that both have and that made most of the score, as the question writes them; at
    /// most four, the weightiest first.
    package let words: [String]

    /// Why the case was found, in plain words.
    package var why: String {
        guard let last = words.last else { return "shares no telling word" }
        let first = words.dropLast().joined(separator: ", ")
        return words.count == 1
            ? "shares the word \(last)" : "shares the words \(first) and \(last)"
    }
}
