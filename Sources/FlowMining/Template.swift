/// The text that the messages of a group have in common: `KeyError: '<str>' in <*>`.
///
/// `<str>` stands for what stood in quotes, `<*>` for any other variable; blanks are one blank.
package struct Template: Sendable, Hashable, Comparable {
    struct Token: Sendable, Hashable, Comparable {
        let text: String
        /// Whether a blank stood before it.
        let blank: Bool

        var isMask: Bool { text == MessageKey.mask }

        static func < (one: Token, other: Token) -> Bool {
            one.text == other.text
                ? !one.blank && other.blank
                : one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
        }
    }

    let tokens: [Token]

    package static func < (one: Template, other: Template) -> Bool {
        one.tokens.lexicographicallyPrecedes(other.tokens)
    }

    /// The text that people see and that the fingerprint is made of.
    package var text: String {
        var result = ""
        for (place, token) in tokens.enumerated() {
            if token.blank { result += " " }
            result += token.isMask && isQuoted(place) ? "<str>" : token.text
        }
        return result
    }

    /// Whether the token stands alone between two quotes.
    func isQuoted(_ place: Int) -> Bool { openingQuote(place) != nil }

    /// The quote before a token that stands alone between two quotes.
    func openingQuote(_ place: Int) -> String? {
        guard place > 0, place + 1 < tokens.count, !tokens[place].blank,
            let close = Self.closings[tokens[place - 1].text], !tokens[place + 1].blank,
            close.contains(tokens[place + 1].text)
        else { return nil }
        return tokens[place - 1].text
    }

    private static let closings: [String: [String]] = [
        "'": ["'"], "\"": ["\""], "`": ["`", "'"], "‘": ["’"], "“": ["”"], "«": ["»"],
    ]
}
