/// A solved case that resembles a skill's error, as its proposal shows it.
package struct SolvedCase: Sendable, Hashable {
    package let id: String
    package let title: String
    /// From 0 to 1.
    package let score: Double
    /// Why it was found, in words.
    package let why: String
    package let rootCause: String
    package let solution: String
    package let url: String

    package init(
        id: String, title: String, score: Double, why: String, rootCause: String, solution: String,
        url: String
    ) {
        self.id = id
        self.title = title
        self.score = score
        self.why = why
        self.rootCause = rootCause
        self.solution = solution
        self.url = url
    }

    /// All of it as lines of a commit message; it is others' text, so `ForeignText` has to indent it.
    var lines: String {
        let percent = Int((max(0, min(1, score)) * 100).rounded())
        var parts = ["\(percent) %  \(id): \(title)", why]
        if !rootCause.isEmpty { parts.append("cause: \(rootCause)") }
        if !solution.isEmpty { parts.append("solution: \(solution)") }
        if !url.isEmpty { parts.append(url) }
        return parts.map { Self.wrapped($0, width: 90) }.joined(separator: "\n")
    }

    /// The words of a text in lines of at most `width` characters, where words are not longer.
    private static func wrapped(_ text: String, width: Int) -> String {
        var lines = [""]
        for word in text.split(whereSeparator: \.isWhitespace) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}
