internal import FlowSystem
internal import FlowText

/// A commit message in which the text of others has no effect (`design/security.md`, 2).
package struct CommitMessage: Sendable, Hashable {
    /// One paragraph of the body.
    package enum Paragraph: Sendable, Hashable {
        /// flow's own words, written as they are.
        case own(String)
        /// Text of others: indented by four blanks, control characters escaped, and what a
        /// hosting site would act upon (`#12`, `@name`, links to issues, `[skip ci]`) broken by an
        /// invisible word joiner (U+2060).
        case quoted(String)
    }

    package var subject: String
    package var body: [Paragraph]
    package var trailers: [Trailer]

    package init(_ subject: String, body: [Paragraph] = [], trailers: [Trailer] = []) {
        self.subject = subject
        self.body = body
        self.trailers = trailers
    }

    /// The message as git keeps it: subject, blank line, paragraphs, the one block of trailers. A
    /// trailer whose name is not letters, digits and `-` is left out.
    package var text: String {
        var parts = [Self.subjectLine(subject)]
        for paragraph in body {
            let text: String
            switch paragraph {
            case .own(let words): text = Self.plain(words)
            case .quoted(let words): text = Self.indented(words)
            }
            if !text.isEmpty { parts.append(text) }
        }
        let block = trailers.filter { Trailer.isName($0.name) }
            .map { "\($0.name): \(Self.oneLine($0.value))" }
        if block.isEmpty, case let last = parts.joined(separator: "\n\n"),
            !Trailer.read(last).isEmpty
        {
            // Without a block of its own the message must not end in something that reads as one.
            parts.append("--")
        } else if !block.isEmpty {
            parts.append(block.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func subjectLine(_ text: String) -> String {
        var line = withoutEffect(oneLine(text))[...]
        while line.first == "#" || line.first == " " { line.removeFirst() }
        return line.isEmpty ? "change" : String(line)
    }

    /// The text on one line: runs of blanks and newlines become one blank, control characters go.
    private static func oneLine(_ text: String) -> String {
        let spaced = text.unicodeScalars.map { $0.properties.isWhitespace ? " " : $0 }
        var kept = String.UnicodeScalarView()
        for scalar in spaced where VisibleText.safe(String(scalar)) == String(scalar) {
            kept.append(scalar)
        }
        return String(kept).split(separator: " ").joined(separator: " ")
    }

    private static func plain(_ text: String) -> String {
        VisibleText.safe(text, lines: true).withoutBlankEdges
    }

    private static func indented(_ text: String) -> String {
        var lines = withoutEffect(VisibleText.safe(text, lines: true))
        while lines.last == "\n" { lines.removeLast() }
        return lines.isEmpty
            ? ""
            : lines
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.allSatisfy(\.isWhitespace) ? "    ." : "    " + $0 }
                .joined(separator: "\n")
    }

    private static func withoutEffect(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() {
            result.append(scalar)
            if acts(scalars, place) { result.append("\u{2060}") }
        }
        return String(result)
    }

    /// Whether a hosting site could act on what begins with the scalar at `place`.
    private static func acts(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
        func next(_ count: Int) -> String {
            let end = min(place + 1 + count, scalars.count)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[(place + 1)..<end])
            return String(view).lowercased()
        }
        switch scalars[place] {
        case "#", "@": return !next(1).allSatisfy(\.isWhitespace)
        case ":": return next(2) == "//"
        case "[": return ["sk", "ci", "no", "ac"].contains(next(2))
        case "H", "h":
            return place > 0 && next(1) == "-" && "Gg".unicodeScalars.contains(scalars[place - 1])
        default: return false
        }
    }
}
