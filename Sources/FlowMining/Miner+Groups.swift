internal import FlowText

extension Miner {
    /// Errors that are one: of one part, with one template, or a piece of them that people took out.
    struct Group: Sendable {
        let part: Part
        let fingerprint: Fingerprint
        /// What its messages have in common.
        let template: Template
        /// The template as people see it.
        let name: String
        /// Sorted.
        let keys: [MessageKey]
        /// The rule that took it out of another group.
        var rule: GroupSplits.Rule?

        /// A message of the group as it was masked, with its type before it: what explanations show
        /// and what patterns of people are matched with.
        func text(of key: MessageKey) -> String { part.text(of: key) }

        /// The group without what was taken out of it; its name and template stay.
        func keeping(_ keys: [MessageKey]) -> Group {
            Group(
                part: part, fingerprint: fingerprint, template: template, name: name, keys: keys,
                rule: rule)
        }

        /// What a rule takes out. Places at which all of it has one text are constant in its
        /// template; where there are none the pattern tells it from the whole.
        func part(_ keys: [MessageKey], by rule: GroupSplits.Rule) -> Group {
            let narrow = narrowed(keys)
            let name = part.named(narrow)
            return Group(
                part: part, fingerprint: Fingerprint(text: rule.part), template: narrow,
                name: name == self.name ? "\(name) matching \(rule.regex.pattern)" : name,
                keys: keys, rule: rule)
        }

        private func narrowed(_ keys: [MessageKey]) -> Template {
            let lists = keys.map(\.tokens)
            guard let first = lists.first,
                lists.allSatisfy({ $0.count == template.tokens.count })
            else { return template }
            return Template(
                tokens: template.tokens.enumerated().map { place, token in
                    let text = first[place].text
                    // what stands in place of something private is not what a raw message has
                    let isConstant =
                        token.isMask && !text.contains("<")
                        && lists.allSatisfy { $0[place].text == text }
                    return isConstant ? Template.Token(text: text, blank: token.blank) : token
                })
        }
    }

    /// The groups of all errors counted so far, in no order; costs one grouping of all different
    /// masked messages. Of a miner that is `bounded`.
    func groups() -> [Group] { parts.flatMap(groups) }

    /// The groups of one part, by their templates.
    func groups(_ part: Part, _ entries: [MessageKey: Entry]) -> [Group] {
        let grouping = part.grouping(entries.keys)
        var members: [String: (template: Template, keys: [MessageKey])] = [:]
        for key in entries.keys.sorted() {
            guard let template = grouping[key] else { continue }
            // two may read alike and be cut into tokens in different ways
            members[template.text, default: (template, [])].template =
                min(template, members[template.text]?.template ?? template)
            members[template.text]?.keys.append(key)
        }
        return members.values.sorted { $0.template < $1.template }.flatMap { template, keys in
            splits.pieces(
                Group(
                    part: part, fingerprint: part.fingerprint(template), template: template,
                    name: part.named(template), keys: keys))
        }
    }
}

extension Miner.Part {
    /// A message as it was masked, with its type before it.
    func text(of key: MessageKey) -> String {
        let tokens = key.tokens.map { Template.Token(text: $0.text, blank: $0.blank) }
        return Miner.headline(type, Template(tokens: tokens).text)
    }
}
