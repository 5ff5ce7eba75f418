internal import FlowSystem
internal import FlowText

/// Text of others made harmless for commit messages, pull requests and Markdown
/// (`docs/security.md`, 2).
package enum ForeignText {
    /// The text as lines of indented code, at most 20 lines of at most 200 characters.
    ///
    /// Four blanks make a code block in Markdown and keep git from reading a heading, a comment, a
    /// trailer or a cut line. A forge also reads commit messages that are no Markdown, so that
    /// mentions, issue references, links and words that skip checks are broken by an escape
    /// (`\x40name`); nothing else changes. The exact text stands in the skill's own file.
    package static func indented(_ text: String) -> String {
        var lines = text.unicodeScalars.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
        let total = lines.count
        if total > lineLimit { lines.removeLast(total - lineLimit) }
        var result = lines.map { line -> String in
            let short = line.count > widthLimit ? line.prefix(widthLimit) : line
            let cut = line.count > widthLimit ? " [\(line.count - widthLimit) more characters]" : ""
            return "    " + inert(String(String.UnicodeScalarView(short))) + cut
        }
        if total > lineLimit { result.append("    [\(total - lineLimit) more lines]") }
        return result.joined(separator: "\n")
    }

    /// One line without control characters, in which no mention, reference, link or skip word is
    /// left.
    static func inert(_ line: String) -> String {
        let scalars = Array(VisibleText.safe(line).unicodeScalars)
        var result = ""
        for (place, scalar) in scalars.enumerated() {
            let rest = scalars[(place + 1)...]
            if isDangerous(scalar, before: rest, after: scalars[..<place]) {
                result += "\\x" + String(scalar.value, radix: 16)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static let lineLimit = 20
    private static let widthLimit = 200

    private static func isDangerous(
        _ scalar: Unicode.Scalar, before rest: ArraySlice<Unicode.Scalar>,
        after start: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        switch scalar {
        case "@": rest.first.map { isWord($0) } ?? false
        case "#", "!": rest.first.map { isDigit($0) } ?? false
        case "-": rest.first.map { isDigit($0) } ?? false && endsWithGH(start)
        case ":": rest.starts(with: "//".unicodeScalars)
        case "[": startsSkip(rest)
        default: false
        }
    }

    private static func endsWithGH(_ start: ArraySlice<Unicode.Scalar>) -> Bool {
        let last = start.suffix(2).map { $0.value | 0x20 }
        return last == [0x67, 0x68]
    }

    /// `[skip ci]`, `[ci skip]`, `[no ci]` and their kin.
    private static func startsSkip(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let word = String(String.UnicodeScalarView(rest.prefix(8))).lowercased()
        return ["skip", "ci ", "ci-", "no ", "actions"].contains { word.hasPrefix($0) }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
