internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// The members of a mapping whose keys are known beforehand.
struct Fields {
    /// As they stand in the file.
    private let members: [(key: YAMLNode, value: YAMLNode)]
    /// Of the members. A mapping has few, so that looking through them is fastest.
    private let names: [String]

    /// What a mapping of one kind may hold.
    struct Keys {
        let known: [String]
        /// Keys of relatives of this language, and what they are called here.
        var foreign: [String: String] = [:]

        /// Of more keys than this the list would say nothing.
        private static let listed = 8

        /// The nearest key or, where none is near and there are few, all.
        fileprivate func hint(for name: String) -> String {
            let nearest = Nearest.hint(name, among: known)
            guard nearest.isEmpty, known.count <= Self.listed else { return nearest }
            return "; there " + (known.count == 1 ? "is " : "are ") + known.joined(separator: ", ")
        }
    }

    /// Reports keys that are not known, with the nearest that is.
    init(_ members: [(key: YAMLNode, value: YAMLNode)], _ keys: Keys, _ findings: Findings) {
        self.members = members
        names = members.map { $0.key.scalar?.text ?? "" }
        for (place, name) in names.enumerated() where !keys.known.contains(name) {
            let hint =
                keys.foreign[name].map { "; flow calls it '\($0)'" } ?? keys.hint(for: name)
            findings.add("unknown key \(VisibleText.quoted(name))\(hint)", at: members[place].key)
        }
    }

    /// The value of a key that is there.
    subscript(name: String) -> YAMLNode? { place(name).map { members[$0].value } }

    /// The key itself, for mistakes that are about its being there.
    func key(_ name: String) -> YAMLNode? { place(name).map { members[$0].key } }

    /// All keys, as they stand in the file.
    var keys: [YAMLNode] { members.map(\.key) }

    private func place(_ name: String) -> Int? { names.firstIndex(of: name) }
}

extension YAMLNode {
    /// Whether nothing, `~` or `null` stands there.
    var isNull: Bool {
        guard case .scalar(let scalar) = value, scalar.isPlain, tag == nil else { return false }
        switch scalar.text.utf8.count {
        case 0: return true
        case 1: return scalar.text == "~"
        case 4: return ["null", "Null", "NULL"].contains(scalar.text)
        default: return false
        }
    }

    /// What stands there, for a sentence: `a list`, `the text 'abc'`, `3`.
    var described: String {
        switch value {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(let scalar):
            if isNull { return "nothing" }
            guard let json = try? json else { return VisibleText.quoted(scalar.text) }
            return json.described
        }
    }
}

extension JSON {
    /// The value for a sentence: `the text 'abc'`, `3`, `a list`.
    var described: String {
        switch self {
        case .null: "null"
        case .bool, .integer, .double: text()
        case .string(let text): "the text \(VisibleText.quoted(text))"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}

extension Findings {
    /// The members of a mapping; anything else is a mistake that says what belongs there.
    func mapping(_ node: YAMLNode, _ what: String) -> [(key: YAMLNode, value: YAMLNode)]? {
        if let members = node.mapping { return members }
        add("\(what) takes a mapping, not \(node.described)", at: node)
        return nil
    }

    /// Text of any scalar that is not null.
    func text(_ node: YAMLNode, _ what: String) -> String? {
        if let scalar = node.scalar, !node.isNull { return scalar.text }
        add("\(what) takes text, not \(node.described)", at: node)
        return nil
    }

    /// Text in which no expression may stand.
    func literalText(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        return hasExpression(node, what) ? nil : text
    }

    /// Whether an expression stands in a text that takes none; then it is reported.
    func hasExpression(_ node: YAMLNode, _ what: String) -> Bool {
        guard let text = node.scalar?.text, let place = TemplateText.firstExpression(in: text)
        else {
            return false
        }
        add("\(what) takes no expression", at: node, offset: place, length: 3)
        return true
    }

    /// One text, or a list of texts.
    func texts(_ node: YAMLNode, _ what: String) -> [(text: String, node: YAMLNode)] {
        if let elements = node.sequence {
            return elements.compactMap { element in
                literalText(element, "an element of \(what)").map { ($0, element) }
            }
        }
        if let text = node.scalar, !node.isNull, !hasExpression(node, what) {
            return [(text.text, node)]
        }
        if node.scalar == nil || node.isNull {
            add("\(what) takes a name or a list of names, not \(node.described)", at: node)
        }
        return []
    }

    /// Names that differ and say something, each with its place; whatever else is reported.
    func names(_ node: YAMLNode, _ what: String) -> [(text: String, node: YAMLNode)] {
        var names: [(text: String, node: YAMLNode)] = []
        for (text, element) in texts(node, what) {
            if text.allSatisfy(\.isWhitespace) {
                add("an element of \(what) is empty", at: element)
            } else if names.contains(where: { $0.text == text }) {
                add("\(VisibleText.quoted(text)) is named twice", at: element)
            } else {
                names.append((text, element))
            }
        }
        return names
    }

    /// The value by the core schema; nil where it has none, which is reported.
    func json(_ node: YAMLNode) -> JSON? {
        do throws(YAMLError) {
            return try node.json
        } catch {
            add(error)
            return nil
        }
    }

    func whole(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        if node.scalar?.isPlain == true, let value = (try? node.json)?.intValue,
            range.contains(value)
        {
            return value
        }
        let limits =
            range.upperBound == .max
            ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        add("\(what) takes a whole number \(limits), not \(node.described)", at: node)
        return nil
    }

    /// A length of time such as `90s`.
    func duration(_ node: YAMLNode, _ what: String, allowingZero: Bool = false) -> Duration? {
        if let text = node.scalar?.text, let seconds = DurationText.seconds(text) {
            if seconds > 0 || allowingZero { return DurationText.duration(seconds) }
            add("\(what) must be more than 0", at: node)
            return nil
        }
        if hasExpression(node, what) { return nil }
        let number = node.scalar.flatMap { Int($0.text) }
        let hint = number.map { "; with its unit: \($0)s" } ?? ""
        add(
            "\(what) takes a length of time such as 90s, 10m or 1h30m, not \(node.described)\(hint)",
            at: node)
        return nil
    }

    /// One of some words.
    /// - Parameter foreign: what relatives of this language write for one of them.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, _ what: String, _ type: Choice.Type, foreign: [String: Choice] = [:]
    ) -> Choice? where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue)
        if let text = node.scalar?.text, let choice = Choice(rawValue: text) { return choice }
        let hint =
            node.scalar.map { scalar in
                foreign[scalar.text].map { "; did you mean '\($0.rawValue)'?" }
                    ?? Nearest.hint(scalar.text, among: names)
            } ?? ""
        add(
            "\(what) takes \(names.joined(separator: ", ")), not \(node.described)\(hint)", at: node
        )
        return nil
    }
}
