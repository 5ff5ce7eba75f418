package import FlowJSON
internal import FlowText

/// A mistake in a file, with all that is needed to show it.
package struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable {
        case error
        /// Something that works, and is hardly what was meant.
        case warning
    }

    package let severity: Severity
    /// The path as it was given.
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int
    /// Unicode scalars from `column` on that are wrong; at least 1.
    package let length: Int
    /// What is wrong and what to do about it, in lower case.
    package let message: String
    /// The fix, written out, where there is more to say than fits a sentence.
    package let note: String?
    /// The line and below it the caret; nil where the file has no such line.
    let excerpt: Excerpt?

    /// ```
    /// mine.yaml:3:5: error: unknown key 'usess'; did you mean 'uses'?
    ///     usess: skills/mine
    ///     ^~~~~
    /// note: …
    /// ```
    package var description: String {
        var text =
            "\(VisibleText.safe(file)):\(line):\(column): \(severity.rawValue): "
            + VisibleText.safe(message)
        if let excerpt { text += "\n\(excerpt.line)\n\(excerpt.caret)" }
        if let note { text += "\nnote: " + VisibleText.safe(note, lines: true) }
        return text
    }

    /// The members `file line column length message note`, and of a warning `severity`.
    package var json: JSON {
        var object: JSONObject = [
            "file": .string(file), "line": .integer(line), "column": .integer(column),
            "length": .integer(length), "message": .string(message),
        ]
        if let note { object["note"] = .string(note) }
        if severity == .warning { object["severity"] = .string(severity.rawValue) }
        return .object(object)
    }
}

/// Every mistake of one reading, sorted by place.
package struct DiagnosticList: Error, Sendable, CustomStringConvertible {
    /// Never empty.
    package let diagnostics: [Diagnostic]

    /// Sorts by file, line and column, and drops what is there twice (a value that an alias repeats
    /// is read as often, and its mistake stands in one place).
    package init(_ diagnostics: [Diagnostic]) {
        var seen: Set<Diagnostic> = []
        self.diagnostics = diagnostics.filter { seen.insert($0).inserted }
            .enumerated()
            .sorted {
                let (one, two) = ($0.element, $1.element)
                return (one.file, one.line, one.column, $0.offset)
                    < (two.file, two.line, two.column, $1.offset)
            }
            .map(\.element)
    }

    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }

    package var json: JSON { .array(diagnostics.map(\.json)) }
}
