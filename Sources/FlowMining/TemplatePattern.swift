internal import FlowText

/// The `message_regex` of a template: anchored, what is constant escaped, variables as narrow as
/// the messages of the group allow.
struct TemplatePattern {
    let type: String
    let template: Template
    /// What the lexer saw at each token, of all messages; of another length than the template where
    /// nothing is known of single tokens: the keys of the group have different lengths, or a
    /// variable stands for several.
    let traits: [UInt8]

    /// How freely variables match.
    private enum Freedom: CaseIterable {
        /// As the traits say.
        case traits
        /// Every variable may hold anything.
        case variables
        /// Anything may follow every token.
        case tokens
        /// Anything after the type.
        case rest
    }

    /// The narrowest pattern that matches all `messages` (`type: message`); in one of several lines
    /// it matches the line that names the error.
    func narrowest(matching messages: [String]) -> String {
        let lines = messages.contains { $0.utf8.contains(UInt8(ascii: "\n")) } ? "(?m)" : ""
        let isKnown = traits.count == template.tokens.count
        for freedom in Freedom.allCases where isKnown || freedom != .traits {
            let pattern = lines + text(freedom)
            guard let regex = try? LinearRegex(pattern) else { continue }
            if messages.allSatisfy({ regex.matches($0) }) { return pattern }
        }
        return lines + text(.rest)
    }

    private func text(_ freedom: Freedom) -> String {
        var result = "^" + typePattern
        if template.tokens.isEmpty { return result + "$" }
        if !type.isEmpty { result += ": " }
        if freedom == .rest { return result + ".*$" }
        for (place, token) in template.tokens.enumerated() {
            let trait = trait(place, freedom)
            if token.blank { result += blank(trait) }
            result += token.isMask ? variable(place, trait) : LinearRegex.escape(token.text)
            if trait & MessageLexer.more != 0, !result.hasSuffix(".*") { result += ".*" }
        }
        return result + "$"
    }

    /// What is private in the type may be anything.
    private var typePattern: String {
        var type = type
        return type.withUTF8 { bytes in
            var result = ""
            var copied = 0
            for part in MaskedPart.placed(in: bytes) {
                let text = String(decoding: bytes[copied..<part.start], as: UTF8.self)
                result += LinearRegex.escape(text) + ".*"
                copied = part.end
            }
            return result + LinearRegex.escape(String(decoding: bytes[copied...], as: UTF8.self))
        }
    }

    private func trait(_ place: Int, _ freedom: Freedom) -> UInt8 {
        switch freedom {
        case .traits: traits[place]
        case .variables: .max & ~MessageLexer.more
        case .tokens, .rest: .max
        }
    }

    private func blank(_ trait: UInt8) -> String {
        if trait & MessageLexer.control != 0 { return "[\\s\\x0b\\x1c-\\x1f]+" }
        return trait & MessageLexer.wide == 0 ? " " : "\\s+"
    }

    private func variable(_ place: Int, _ trait: UInt8) -> String {
        guard let quote = template.openingQuote(place) else {
            return trait & MessageLexer.loose == 0 ? "\\S+" : ".*"
        }
        if trait & MessageLexer.quote != 0 { return ".*" }
        switch quote {
        case "'", "\"": return "[^\(quote)]*"
        case "`": return "[^`']*"
        default: return ".*"
        }
    }
}
