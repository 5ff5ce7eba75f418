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
    /// Of the message that was asked about; of an example where only the fingerprint was given.
    package internal(set) var masks: [Masked] = []
    /// Different masked messages in the group.
    package let keys: Int
    /// A few of them.
    package let messages: [String]
    /// Examples of it.
    package let examples: [String]
    package let variables: [Variable]
    /// The rule that took it out of another group.
    package let rule: GroupSplits.Rule?
    /// nil: the component has no other group of this type.
    package let nearest: Neighbour?
}

extension Miner {
    /// Explains the groups that are one under a fingerprint, as people have merged and split them:
    /// each by itself.
    /// - Parameter name: the fingerprint that a group goes by.
    /// - Returns: nothing where no error of it was counted.
    package func explanations(
        of fingerprint: String, named name: (String) -> String
    ) -> [MessageExplanation] {
        bounded.parts.sorted { $0.key < $1.key }.flatMap { part, entries in
            let groups = groups(part, entries)
            return groups.filter { name($0.fingerprint.text) == fingerprint }.map { own in
                var explanation = Self.explanation(of: own, among: groups, entries, named: name)
                let counted = CountedKeys(part, entries.keys, splits)
                explanation.masks = shown(explanation.examples, of: own, counted)
                return explanation
            }
        }
    }

    /// What was masked in the first example that is a message of the group.
    private func shown(_ examples: [String], of group: Group, _ counted: CountedKeys)
        -> [MessageExplanation.Masked]
    {
        let keys = Set(group.keys)
        var lexer = MessageLexer(quotes: .masked)
        for example in examples {
            for message in messages(in: example, type: group.part.type) {
                let key = lexer.lex(message.text, isCut: message.isCut).key
                guard counted.key(of: key).map(keys.contains) == true else { continue }
                return lexer.masks(message.text).map { masked in
                    guard MessageMasks.isPlaceholder(masked.text) else { return masked }
                    return .init(text: masked.text, reason: Self.reason(masked.text))
                }
            }
        }
        return []
    }

    private static func reason(_ placeholder: String) -> String {
        "the mask \(MessageMasks.name(of: placeholder)) of flow.yaml"
    }

    /// What may be the message in an example, which may have more lines than that which names the
    /// error.
    func messages(in example: String, type: String) -> [Kept] {
        var texts = [example]
        if example.utf8.contains(UInt8(ascii: "\n")) {
            texts += example.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
        }
        return texts.compactMap { text in
            Self.message(of: text, type: type).map { Kept($0, masks) }
        }
    }

    /// Explains the group that a message is in or, where none like it was counted, would be in if it
    /// were counted now: among the components and types that were counted, the one with the nearest
    /// group.
    /// - Parameters:
    ///   - headline: the message, with its type before it where it has one (`KeyError: 'x'`).
    ///   - component: nil: whichever it is.
    ///   - name: the fingerprint that a group goes by.
    /// - Returns: nil where nothing was counted that it may belong to.
    package func explanation(
        of headline: String, component: String?, named name: (String) -> String
    ) -> MessageExplanation? {
        var best: MessageExplanation?
        var nearest = Int.max
        let bounded = bounded
        for (part, counted) in bounded.parts.sorted(by: { $0.key < $1.key })
        where bounded.coarseness.isComponent(component, of: part) {
            guard let message = Self.message(of: headline, type: part.type) else { continue }
            let masked = Kept(message, masks)
            var lexer = MessageLexer(quotes: .masked)
            let lexed = lexer.lex(masked.text, isCut: masked.isCut).key
            var entries = counted
            let known = CountedKeys(part, entries.keys, splits).key(of: lexed)
            let key = known ?? lexed
            if known == nil { entries[key] = Entry() }
            let groups = groups(part, entries)
            guard let own = groups.first(where: { $0.keys.contains(key) }) else { continue }
            var explanation = Self.explanation(of: own, among: groups, entries, named: name)
            explanation.masks = Self.owned(masks.matches(in: message), message)
            explanation.masks += lexer.masks(masked.text).filter {
                !MessageMasks.isPlaceholder($0.text)
            }
            if known != nil { return explanation }
            // A group that it would join is nearer than any that it would stand beside.
            explanation.isCounted = own.keys.count > 1
            let margin = explanation.isCounted ? -1 : explanation.nearest?.margin ?? .max
            if best == nil || margin < nearest { (best, nearest) = (explanation, margin) }
        }
        return best
    }

    /// What the team's own masks match, by their names.
    private static func owned(_ parts: [MaskedPart], _ message: String)
        -> [MessageExplanation.Masked]
    {
        let bytes = Array(message.utf8)
        return parts.map { part in
            MessageExplanation.Masked(
                text: String(decoding: bytes[part.start..<part.end], as: UTF8.self),
                reason: reason(part.placeholder))
        }
    }

    /// The message without the type before it; nil where another type stands there.
    private static func message(of headline: String, type: String) -> String? {
        if type.isEmpty { return headline }
        guard headline.hasPrefix(type) else { return nil }
        let rest = headline.dropFirst(type.count)
        return rest.isEmpty ? "" : rest.hasPrefix(": ") ? String(rest.dropFirst(2)) : nil
    }

    private static func explanation(
        of own: Group, among groups: [Group], _ entries: [MessageKey: Entry],
        named name: (String) -> String
    ) -> MessageExplanation {
        var examples = Examples()
        for key in own.keys { if let entry = entries[key] { examples.merge(entry.examples) } }
        let tokens = own.template.tokens.map(\.text)
        var nearest: (other: Group, alignment: TokenAlignment)?
        let ownName = name(own.fingerprint.text)
        for other in groups where name(other.fingerprint.text) != ownName {
            let least = abs(other.template.tokens.count - tokens.count)
            if let nearest, least >= nearest.alignment.cost { continue }
            let alignment = TokenAlignment(tokens, other.template.tokens.map(\.text))
            if alignment.cost < nearest?.alignment.cost ?? .max { nearest = (other, alignment) }
        }
        return MessageExplanation(
            fingerprint: own.fingerprint, template: own.name, keys: own.keys.count,
            messages: own.keys.prefix(shown).map(own.text), examples: examples.texts,
            variables: variables(own), rule: own.rule,
            nearest: nearest.map { other, alignment in
                MessageExplanation.Neighbour(
                    fingerprint: other.fingerprint, template: other.name,
                    margin: alignment.cost, differences: alignment.differences)
            })
    }

    /// Messages that an explanation lists.
    private static let shown = 5

    /// Places of the template that are variable because of the names that stand there; those that
    /// the lexer masked in every message take no values. Only where all messages are equally long.
    private static func variables(_ own: Group) -> [MessageExplanation.Variable] {
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
