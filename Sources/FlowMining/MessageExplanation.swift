/// Why a message is in its group: what was masked and why, what the others of the group have in the
/// places that are variable, and which group is nearest.
package struct MessageExplanation: Sendable {
    /// A part of the message that became a variable.
    package struct Masked: Sendable {
        package let text: String
        package let reason: String
    }

    /// A place in which the group's messages differ.
    package struct Variable: Sendable {
        /// Texts that stand there, masked ones left out; a few of them.
        package let values: [String]
        package let count: Int
    }

    /// Another group, and how far it is.
    package struct Neighbour: Sendable {
        package let fingerprint: Fingerprint
        package let template: String
        /// Tokens that would have to be equal for the two to be one.
        package let margin: Int
        /// Tokens of this group's template and the other's that differ, in order.
        package let differences: [(this: String, other: String)]
    }

    package let fingerprint: Fingerprint
    package let template: String
    /// Whether an error of the group was counted.
    package internal(set) var isCounted = true
    /// Of the message that was asked about; empty where only the fingerprint was given.
    package internal(set) var masks: [Masked] = []
    /// Different masked messages in the group.
    package let keys: Int
    /// Examples of it.
    package let examples: [String]
    package let variables: [Variable]
    /// nil: the component has no other group of this type.
    package let nearest: Neighbour?
}

extension Miner {
    /// Explains the group of a fingerprint.
    /// - Returns: nil where no error of it was counted.
    package func explanation(of fingerprint: Fingerprint) -> MessageExplanation? {
        for (part, entries) in bounded.parts {
            let templates = Self.templates(part, entries)
            if let own = templates.first(where: { $0.fingerprint == fingerprint }) {
                return Self.explanation(of: own, among: templates, entries)
            }
        }
        return nil
    }

    /// Explains the group that a message is in or, where none like it was counted, would be in if it
    /// were counted now: among the components and types that were counted, the one with the nearest
    /// group.
    /// - Parameters:
    ///   - headline: the message, with its type before it where it has one (`KeyError: 'x'`).
    ///   - component: nil: whichever it is.
    /// - Returns: nil where nothing was counted that it may belong to.
    package func explanation(of headline: String, component: String?) -> MessageExplanation? {
        var best: MessageExplanation?
        var nearest = Int.max
        let parts = bounded.parts
        for part in parts.keys.sorted()
        where component == nil || component == part.component {
            guard let message = Self.message(of: headline, type: part.type) else { continue }
            let masked = PrivacyMask.masked(message)
            var lexer = MessageLexer(quotes: .masked)
            let lexed = lexer.lex(masked).key
            var entries = parts[part] ?? [:]
            let key = entries.keys.first { $0.isCoarse && $0.covers(lexed) } ?? lexed
            let isKnown = entries[key] != nil
            if !isKnown { entries[key] = Entry() }
            let templates = Self.templates(part, entries)
            guard let own = templates.first(where: { $0.keys.contains(key) }) else { continue }
            var explanation = Self.explanation(of: own, among: templates, entries)
            explanation.masks = lexer.masks(masked)
            if isKnown { return explanation }
            // A group that it would join is nearer than any that it would stand beside.
            explanation.isCounted = own.keys.count > 1
            let margin = explanation.isCounted ? -1 : explanation.nearest?.margin ?? .max
            if best == nil || margin < nearest { (best, nearest) = (explanation, margin) }
        }
        return best
    }

    /// The message without the type before it; nil where another type stands there.
    private static func message(of headline: String, type: String) -> String? {
        if type.isEmpty { return headline }
        guard headline.hasPrefix(type) else { return nil }
        let rest = headline.dropFirst(type.count)
        return rest.isEmpty ? "" : rest.hasPrefix(": ") ? String(rest.dropFirst(2)) : nil
    }

    /// What is known of a template: its keys.
    private struct Members {
        let fingerprint: Fingerprint
        let template: Template
        /// The template as people see it.
        let name: String
        var keys: [MessageKey]
    }

    /// All templates of a part, sorted.
    private static func templates(_ part: Part, _ entries: [MessageKey: Entry]) -> [Members] {
        let grouping = part.grouping(entries.keys)
        var result: [String: Members] = [:]
        for key in entries.keys.sorted() {
            guard let template = grouping[key] else { continue }
            let members = Members(
                fingerprint: part.fingerprint(template), template: template,
                name: part.named(template), keys: [])
            result[template.text, default: members].keys.append(key)
        }
        return result.values.sorted { $0.template < $1.template }
    }

    private static func explanation(
        of own: Members, among templates: [Members], _ entries: [MessageKey: Entry]
    ) -> MessageExplanation {
        var examples = Examples()
        for key in own.keys { if let entry = entries[key] { examples.merge(entry.examples) } }
        let tokens = own.template.tokens.map(\.text)
        var nearest: (other: Members, alignment: TokenAlignment)?
        for other in templates where other.fingerprint != own.fingerprint {
            let least = abs(other.template.tokens.count - tokens.count)
            if let nearest, least >= nearest.alignment.cost { continue }
            let alignment = TokenAlignment(tokens, other.template.tokens.map(\.text))
            if alignment.cost < nearest?.alignment.cost ?? .max { nearest = (other, alignment) }
        }
        return MessageExplanation(
            fingerprint: own.fingerprint, template: own.name, keys: own.keys.count,
            examples: examples.texts, variables: variables(own),
            nearest: nearest.map { other, alignment in
                MessageExplanation.Neighbour(
                    fingerprint: other.fingerprint, template: other.name,
                    margin: alignment.cost, differences: alignment.differences)
            })
    }

    /// Places of the template that are variable because of the names that stand there; those that
    /// the lexer masked in every message take no values. Only where all messages are equally long.
    private static func variables(_ own: Members) -> [MessageExplanation.Variable] {
        let lists = own.keys.map(\.tokens)
        guard lists.allSatisfy({ $0.count == own.template.tokens.count }) else { return [] }
        return own.template.tokens.indices.compactMap { place in
            guard own.template.tokens[place].isMask else { return nil }
            let values = Set(lists.map { $0[place].text }).subtracting([MessageKey.mask])
            if values.isEmpty { return nil }
            return MessageExplanation.Variable(
                values: Array(values.sorted().prefix(5)), count: values.count)
        }
    }
}
