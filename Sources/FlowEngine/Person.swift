/// Somebody who decides of a gate or asks to end a run: a name, an address, or both as git shows an
/// author. Nothing proves who it is.
///
/// Two words are of one person where their addresses are equal or, where one of them gives no address,
/// their names. Letters count alike in both cases, and blanks as one.
package struct Person: Sendable, Hashable, CustomStringConvertible {
    /// Empty where only an address is known.
    package let name: String
    /// Empty where only a name is known.
    package let email: String

    /// Of whom nothing is known.
    package static let somebody = Person(tidy: "somebody", email: "")

    private init(tidy name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// - Parameter name: one word with an `@` in it, and nothing beside it, is an address.
    /// - Returns: nil where neither says anything.
    package init?(name: String, email: String) {
        let name = Self.tidied(name)
        let email = Self.tidied(email)
        if name.isEmpty, email.isEmpty { return nil }
        let isAddress = email.isEmpty && name.contains("@") && !name.contains(" ")
        self.init(tidy: isAddress ? "" : name, email: isAddress ? name : email)
    }

    /// Reads `ada`, `ada@example.org` or `Ada <ada@example.org>`.
    /// - Returns: nil where the text says nothing.
    package init?(_ text: String) {
        let text = Self.tidied(text)
        if text.hasSuffix(">"), let bracket = text.lastIndex(of: "<") {
            let email = text[text.index(after: bracket)...].dropLast()
            self.init(name: String(text[..<bracket]), email: String(email))
        } else {
            self.init(name: text, email: "")
        }
    }

    /// As git shows an author.
    package var description: String {
        if email.isEmpty { return name }
        return name.isEmpty ? email : "\(name) <\(email)>"
    }

    package func isSame(as other: Person) -> Bool {
        if !email.isEmpty, !other.email.isEmpty {
            return email.lowercased() == other.email.lowercased()
        }
        return !name.isEmpty && name.lowercased() == other.name.lowercased()
    }

    /// Whether one of these texts means this person.
    package func isOne(of texts: [String]) -> Bool {
        texts.contains { Person($0).map(isSame) ?? false }
    }

    /// Without blanks around it, and with one for several.
    private static func tidied(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension [Person] {
    /// Those who differ, each as it stands first.
    var distinct: [Person] {
        reduce(into: []) { people, person in
            if !people.contains(where: person.isSame) { people.append(person) }
        }
    }
}
