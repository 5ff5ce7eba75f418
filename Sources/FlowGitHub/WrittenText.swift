internal import FlowSystem

/// Title and body of a pull request or issue as flow writes them, with a mark at the end of the body
/// that no reader sees: hashes of both, by which flow knows whether somebody has edited them since.
package struct WrittenText: Sendable, Hashable {
    package let title: String
    package let body: String

    /// Cut to the 256 characters that a title may have, and to a body that leaves room for the mark.
    package init(title: String, body: String) {
        self.title = Self.cut(title, to: 256)
        self.body = Self.cut(WrittenMark.trimmed(body), to: 60_000)
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > limit else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(limit - 1))) + "…"
    }

    /// The body with its mark.
    func marked(_ state: WrittenMark.State) -> String {
        WrittenMark(title: WrittenMark.hash(title), body: WrittenMark.hash(body), state: state)
            .appended(to: body)
    }

    /// What is to be written over what stands there now.
    enum Edit: Hashable {
        case nothing
        /// A nil title stays.
        case write(title: String?, body: String)
        /// The text is somebody else's, with the reason as a sentence.
        case keep(String)
    }

    /// A body that somebody edited is left alone with its title; of a title alone that somebody
    /// edited, the body still follows.
    func edit(over title: String, _ body: String, _ state: WrittenMark.State) -> Edit {
        let text = WrittenMark.split(body)
        guard let mark = text.mark else {
            return .keep("its text is not flow's, so it is left alone")
        }
        guard WrittenMark.hash(text.body) == mark.body else {
            return .keep("its text was edited, so it is left alone")
        }
        let isTitleOurs = WrittenMark.hash(title) == mark.title
        let newTitle = isTitleOurs && WrittenMark.trimmed(title) != self.title ? self.title : nil
        let new = WrittenMark(
            title: isTitleOurs ? WrittenMark.hash(self.title) : mark.title,
            body: WrittenMark.hash(self.body), state: state)
        if new == mark, newTitle == nil {
            return isTitleOurs ? .nothing : .keep("its title was edited, so it is left alone")
        }
        return .write(title: newTitle, body: new.appended(to: self.body))
    }
}

/// The last line of a body that flow wrote:
/// `<!-- flow: title=0123456789abcdef body=0123456789abcdef state=done -->`.
struct WrittenMark: Hashable {
    enum State: String, Hashable {
        /// Opened; labels and reviewers may be missing yet.
        case opening
        case done
        /// Of an issue: what it asks for is no longer due.
        case over
    }

    var title: String
    var body: String
    var state: State

    /// Sixteen hexadecimal digits; the ends of lines, and blanks around the text, do not count, as
    /// the page on which people edit changes them.
    static func hash(_ text: String) -> String {
        String(SHA256.hex(Array(trimmed(text).utf8)).prefix(16))
    }

    static func trimmed(_ text: String) -> String {
        var lines = text.replacing("\r\n", with: "\n")[...]
        while lines.first?.isWhitespace == true { lines.removeFirst() }
        while lines.last?.isWhitespace == true { lines.removeLast() }
        return String(lines)
    }

    func appended(to body: String) -> String {
        "\(body)\n\n<!-- flow: title=\(title) body=\(self.body) state=\(state.rawValue) -->"
    }

    /// The body without its mark, and the mark; nil where the last line is none.
    static func split(_ text: String) -> (body: String, mark: WrittenMark?) {
        let text = trimmed(text)
        let line =
            #/(?:^|\n)<!-- flow: title=([0-9a-f]{16}) body=([0-9a-f]{16}) state=([a-z]+) -->$/#
        guard let found = text.firstMatch(of: line), let state = State(rawValue: String(found.3))
        else { return (text, nil) }
        let mark = WrittenMark(title: String(found.1), body: String(found.2), state: state)
        return (trimmed(String(text[..<found.range.lowerBound])), mark)
    }
}
