internal import FlowArguments
internal import FlowEngine
internal import FlowSystem

extension Person {
    /// Who types: `--as`, else git's identity, else the name of the account.
    ///
    /// Nothing proves it. Whoever may start flow here may also write its state.
    /// - Parameter given: `--as NAME`, `--as EMAIL` or `--as "NAME <EMAIL>"`.
    static func current(_ given: String?, gitFolder: String?) throws -> Person {
        if let given {
            guard let person = Person(given) else {
                throw UsageError(
                    "--as takes a name, an address or both, such as \"Ada <ada@example.org>\"")
            }
            return person
        }
        let files = [
            gitFolder.map { Path.join($0, "config") },
            Environment["GIT_CONFIG_GLOBAL"] ?? Environment["HOME"].map { $0 + "/.gitconfig" },
            (Environment["XDG_CONFIG_HOME"] ?? Environment["HOME"].map { $0 + "/.config" })
                .map { $0 + "/git/config" },
        ]
        var name: String?
        var email: String?
        for file in files.compactMap(\.self) {
            guard let text = try? Files.text(file, limit: 1 << 20) else { continue }
            let user = GitUser(text)
            name = name ?? user.name
            email = email ?? user.email
        }
        let account = ["USER", "LOGNAME"].lazy.compactMap { Environment[$0] }
            .compactMap { Person(name: $0, email: "") }.first
        return Person(name: name ?? "", email: email ?? "") ?? account ?? .somebody
    }
}

/// `user.name` and `user.email` of one file of git's configuration.
///
/// Includes are not followed: whoever needs more says `--as`.
private struct GitUser {
    private(set) var name: String?
    private(set) var email: String?

    init(_ text: String) {
        var isUser = false
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.drop { $0 == " " || $0 == "\t" }
            if words.hasPrefix("[") {
                isUser = words.lowercased().hasPrefix("[user]")
                continue
            }
            guard isUser, let sign = words.firstIndex(of: "=") else { continue }
            let key = words[..<sign].filter { $0 != " " && $0 != "\t" }.lowercased()
            let value = Self.value(words[words.index(after: sign)...])
            if value.isEmpty { continue }
            if key == "name" { name = value }
            if key == "email" { email = value }
        }
    }

    /// Without quotes, blanks around it, and a comment after it (`git help config`, Syntax).
    private static func value(_ text: Substring) -> String {
        var value = ""
        var isQuoted = false
        var isEscaped = false
        for letter in text.drop(while: { $0 == " " || $0 == "\t" }) {
            if isEscaped {
                value.append(letter)
                isEscaped = false
            } else if letter == "\\" {
                isEscaped = true
            } else if letter == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, letter == "#" || letter == ";" {
                break
            } else {
                value.append(letter)
            }
        }
        while value.last == " " || value.last == "\t" { value.removeLast() }
        return value
    }
}
