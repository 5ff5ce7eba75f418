/// One `Name: value` line of the last block of a commit message.
package struct Trailer: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The trailers of a message's last paragraph, which counts only when it is not the first and
    /// every line of it is a trailer.
    ///
    /// Stricter than `git interpret-trailers`, which accepts a block that is a quarter trailers: a
    /// key must not be read from prose (`design/security.md`, 3). A line that begins with a blank
    /// goes on with the value before it; `(cherry picked from commit …)` is passed over.
    package static func read(_ message: String) -> [Trailer] {
        let lines = lines(message)
        guard let gap = lines.lastIndex(where: \.isBlank),
            lines[..<gap].contains(where: { !$0.isBlank })
        else { return [] }
        var result: [Trailer] = []
        for line in lines[(gap + 1)...] where !line.hasPrefix("(cherry picked from commit ") {
            if line.first == " " || line.first == "\t" {
                guard let last = result.popLast() else { return [] }
                result.append(Trailer(last.name, last.value + " " + line.trimmed))
            } else if let trailer = Trailer(line: line) {
                result.append(trailer)
            } else {
                return []
            }
        }
        return result
    }

    /// The lines of a message, without blank ones at the end.
    static func lines(_ message: String) -> [Substring] {
        // "\r\n" is one character to Swift.
        var lines = message.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        while lines.last?.isBlank == true { lines.removeLast() }
        return lines
    }

    private init?(line: Substring) {
        guard let colon = line.firstIndex(of: ":"), Self.isName(line[..<colon]) else { return nil }
        self.init(String(line[..<colon]), String(line[line.index(after: colon)...].trimmed))
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case 45, 48...57, 65...90, 97...122: true
                default: false
                }
            }
    }
}

extension StringProtocol {
    var isBlank: Bool { utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }

    /// Without blank lines at the beginning and blanks at the end: the first line keeps its
    /// indentation, which may tell that it quotes others.
    var withoutBlankEdges: String {
        var lines = split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }[...]
        while lines.first?.isBlank == true { lines.removeFirst() }
        var rest = lines.joined(separator: "\n")[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
