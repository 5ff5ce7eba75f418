internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// Reads what a parameter of a workflow or an input of an action may be.
struct ParameterReader {
    let findings: Findings
    /// `param`, `input` or `field`, for messages.
    let role: String

    private static let keys = [
        "type", "default", "enum", "minimum", "maximum", "pattern", "items", "description",
    ]
    private static let foreignKeys = [
        "min": "minimum", "max": "maximum", "options": "enum", "choices": "enum",
        "values": "enum", "regex": "pattern", "help": "description",
    ]
    private static let foreignTypes: [String: Parameter.Kind] = [
        "int": .integer, "bool": .boolean, "float": .number, "double": .number, "str": .string,
        "text": .string, "choice": .string, "list": .array, "map": .object, "dict": .object,
    ]

    /// A field of a form keeps what an earlier approval gave, so it is never without a value.
    private var maybe: [String] { role == "field" ? [] : ["required"] }

    /// The parameters of a mapping; those with mistakes keep what could be read of them.
    ///
    /// - Parameter what: the key they stand at.
    func parameters(_ node: YAMLNode, of what: String) -> [Parameter] {
        let members = findings.mapping(node, what) ?? []
        findings.refuseLikeNames(members.map(\.key), "the \(role)")
        return members.map { parameter($0.key, $0.value) }
    }

    /// The inputs of an action.
    func inputs(_ node: YAMLNode) -> [ActionManifest.Input] {
        (findings.mapping(node, "'\(role)s'") ?? []).map { key, value in
            .init(
                parameter: parameter(key, value, also: ["literal"]),
                isLiteral: value["literal"].flatMap { flag($0, "'literal'") } ?? false)
        }
    }

    private func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        switch findings.json(node) {
        case .bool(let value)?: return value
        case let other?:
            findings.add("\(what) takes true or false, not \(other.described)", at: node)
            return nil
        case nil: return nil
        }
    }

    private func parameter(_ key: YAMLNode, _ node: YAMLNode, also: [String] = []) -> Parameter {
        let name = key.scalar?.text ?? ""
        if !ExpressionLexer.isName(name) {
            findings.add(
                "\(VisibleText.quoted(name)) is no name of \(role == "input" ? "an" : "a") \(role): "
                    + "letters, digits, '_' and '-', a letter or '_' first", at: key)
        }
        guard let members = node.mapping else {
            findings.add(
                "the \(role) '\(VisibleText.safe(name))' takes a mapping such as "
                    + "{type: integer, default: 3}, not \(node.described)", at: node)
            return bare(name)
        }
        let fields = Fields(
            members,
            .init(known: Self.keys + maybe + also, foreign: Self.foreignKeys), findings)
        var parameter = parameter(name, fields)
        parameter.isOptional = fields["required"].flatMap { flag($0, "'required'") } == false
        return parameter
    }

    private func bare(_ name: String) -> Parameter {
        Parameter(
            name: name, kind: .string, description: nil, defaultValue: nil, allowed: nil,
            minimum: nil, maximum: nil, pattern: nil, items: nil)
    }

    private func parameter(_ name: String, _ fields: Fields) -> Parameter {
        let type = fields["type"].flatMap { self.kind($0, "'type'") }
        let kind = type ?? .string
        let items = fields["items"].flatMap { itemKind($0) }
        refuse("items", unless: kind == .array, "lists", fields)
        let hasSize = [.integer, .number, .duration].contains(kind)
        refuse("minimum", unless: hasSize, "numbers and durations", fields)
        refuse("maximum", unless: hasSize, "numbers and durations", fields)
        refuse("pattern", unless: kind == .string, "text", fields)
        let minimum = hasSize ? fields["minimum"].flatMap { bound($0, kind, "minimum") } : nil
        let maximum = hasSize ? fields["maximum"].flatMap { bound($0, kind, "maximum") } : nil
        if let minimum, let maximum, minimum > maximum, let node = fields["maximum"] {
            findings.add("'maximum' is less than 'minimum'", at: node)
        }
        let description = fields["description"].flatMap { findings.text($0, "'description'") }
        let pattern = kind == .string ? fields["pattern"].flatMap(self.pattern) : nil
        let base = Parameter(
            name: name, kind: kind, description: description, defaultValue: nil, allowed: nil,
            minimum: minimum, maximum: maximum, pattern: pattern, items: items)
        // A type that could not be read would make every value of it look wrong.
        guard fields["type"] == nil || type != nil else { return base }
        let allowed = fields["enum"].flatMap { self.allowed($0, base) }
        let ruled = Parameter(
            name: name, kind: kind, description: description, defaultValue: nil, allowed: allowed,
            minimum: minimum, maximum: maximum, pattern: pattern, items: items)
        return Parameter(
            name: name, kind: kind, description: description,
            defaultValue: fields["default"].flatMap { defaultValue($0, ruled, fields) },
            allowed: allowed, minimum: minimum, maximum: maximum, pattern: pattern, items: items)
    }

    private func refuse(_ name: String, unless fits: Bool, _ what: String, _ fields: Fields) {
        if !fits, let key = fields.key(name) {
            findings.add("'\(name)' is for \(what) only", at: key)
        }
    }

    private func itemKind(_ node: YAMLNode) -> Parameter.Kind? {
        let node = node["type"] ?? node
        return kind(node, "'items'")
    }

    private func kind(_ node: YAMLNode, _ what: String) -> Parameter.Kind? {
        findings.choice(node, what, Parameter.Kind.self, foreign: Self.foreignTypes)
    }

    private func bound(_ node: YAMLNode, _ kind: Parameter.Kind, _ name: String) -> Double? {
        guard let value = findings.json(node) else { return nil }
        do throws(ValueMistake) {
            let type: Parameter.Kind = kind == .integer ? .number : kind
            return try type.converted(value, coercing: false).doubleValue
        } catch {
            findings.add("'\(name)' \(error.message)", at: node)
            return nil
        }
    }

    private func pattern(_ node: YAMLNode) -> String? {
        guard let text = findings.text(node, "'pattern'") else { return nil }
        do throws(RegexError) {
            _ = try LinearRegex(text)
            return text
        } catch {
            findings.add("the pattern cannot be used: \(error)", at: node)
            return nil
        }
    }

    private func allowed(_ node: YAMLNode, _ base: Parameter) -> [JSON]? {
        guard let elements = node.sequence, !elements.isEmpty else {
            findings.add("'enum' takes a list of the values that are allowed", at: node)
            return nil
        }
        return elements.compactMap { element in
            findings.json(element).flatMap { check($0, base, "a value of 'enum'", at: element) }
        }
    }

    private func defaultValue(_ node: YAMLNode, _ parameter: Parameter, _ fields: Fields) -> JSON? {
        if findings.hasExpression(node, "'default'") { return nil }
        guard let value = findings.json(node) else { return nil }
        if fields["type"] == nil, value.stringValue == nil, let kind = Self.kind(of: value) {
            findings.add(
                "'default' is \(value.described), but a \(role) without 'type' is text; add "
                    + "'type: \(kind.rawValue)'", at: node)
            return nil
        }
        return check(value, parameter, "'default'", at: node)
    }

    private static func kind(of value: JSON) -> Parameter.Kind? {
        switch value {
        case .null: nil
        case .bool: .boolean
        case .integer: .integer
        case .double: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    private func check(_ value: JSON, _ parameter: Parameter, _ what: String, at node: YAMLNode)
        -> JSON?
    {
        do throws(ValueMistake) {
            return try parameter.checked(value)
        } catch {
            findings.add("\(what) \(error.message)", at: node)
            return nil
        }
    }
}
