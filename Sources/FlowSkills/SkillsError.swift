/// One mistake in a file, at its place.
package struct Mistake: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the repository names it: `skills/GR-9F3C2A1B_keyerror.yaml`.
    package let path: String
    /// From 1; columns count Unicode scalars.
    package let line: Int
    package let column: Int
    /// What is wrong and what to do about it.
    package let message: String

    package init(path: String, line: Int = 1, column: Int = 1, message: String) {
        self.path = path
        self.line = line
        self.column = column
        self.message = message
    }

    package var description: String { "\(path):\(line):\(column): \(message)" }
}

/// What the library of skills could not do.
package struct SkillsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        /// A file that is no valid document of its kind; `mistakes` has them all.
        case invalid
        /// An edit that the document's shape does not allow.
        case notEditable
        /// An alias chain that leads back to itself.
        case cycle
    }

    package let code: Code
    /// What was done, to what: `read skills/aliases.yaml`.
    package let doing: String
    /// What went wrong, in words.
    package let message: String
    /// Every mistake found, in the order of the text; empty where the error has no place.
    package let mistakes: [Mistake]

    package init(code: Code, doing: String, message: String, mistakes: [Mistake] = []) {
        self.code = code
        self.doing = doing
        self.message = message
        self.mistakes = mistakes
    }

    package var description: String {
        mistakes.isEmpty
            ? "cannot \(doing): \(message)"
            : mistakes.map(\.description).joined(separator: "\n")
    }
}
