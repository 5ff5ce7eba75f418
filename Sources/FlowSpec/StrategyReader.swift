internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// Reads a node's `strategy`.
struct StrategyReader {
    let findings: Findings
    /// Where the axes are evaluated: before there are legs.
    let scope: Scope

    private static let keys = Fields.Keys(known: [
        "matrix", "include", "exclude", "key", "batch", "max-parallel", "fail-fast",
    ])

    private var templates: TemplateReader { TemplateReader(findings: findings, scope: scope) }

    /// The members of `strategy`, keys checked; nil where it is no mapping.
    static func fields(_ node: YAMLNode, _ findings: Findings) -> Fields? {
        findings.mapping(node, "'strategy'").map {
            Fields($0, keys, findings)
        }
    }

    /// What `matrix` will hold in a leg: the axes and, where that is known now, what `include` adds.
    static func axes(_ fields: Fields) -> [String]? {
        var names: [String] = []
        var includes = [fields["include"]]
        for (key, value) in fields["matrix"]?.mapping ?? [] {
            switch key.scalar?.text ?? "" {
            case "include": includes.append(value)
            case "exclude": continue
            case let name: names.append(name)
            }
        }
        for include in includes.compactMap(\.self) {
            guard let elements = include.sequence else { return nil }
            for element in elements {
                guard let members = element.mapping else { return nil }
                names += members.compactMap { $0.key.scalar?.text }.filter { !names.contains($0) }
            }
        }
        return names
    }

    /// - Parameter legScope: where `key` is evaluated: in a leg.
    func matrix(_ node: YAMLNode, _ fields: Fields, legScope: Scope) -> Matrix? {
        var axes: [Variable] = []
        var include = fields["include"]
        var exclude = fields["exclude"]
        if let matrix = fields["matrix"] {
            for (key, value) in members(matrix) {
                switch key.scalar?.text ?? "" {
                case "include": choose(&include, value, key)
                case "exclude": choose(&exclude, value, key)
                case let name: axis(name, key, value).map { axes.append($0) }
                }
            }
        }
        findings.refuseLikeNames(
            fields["matrix"]?.mapping?.map(\.key) ?? [], "the axis")
        if let exclude { warn(exclude, axes) }
        if fields["matrix"] == nil, include == nil {
            findings.add("'strategy' needs a 'matrix'", at: node)
            return nil
        }
        checkSize(axes, at: node)
        if let key = fields.key("batch") {
            checkBatch(key, axes, hasMore: include != nil || exclude != nil)
        }
        return Matrix(
            axes: axes, include: include.map { combinations($0, "'include'") },
            exclude: exclude.map { combinations($0, "'exclude'") },
            key: fields["key"].map { key($0, legScope) },
            maxParallel: fields["max-parallel"].map { count($0, "'max-parallel'") },
            batch: fields["batch"].map { count($0, "'batch'") },
            failFast: fields["fail-fast"].map { templates.flag($0, "'fail-fast'") }
                ?? .literal(true))
    }

    /// Axes whose lists are written out must not have too many combinations.
    private func checkSize(_ axes: [Variable], at node: YAMLNode) {
        var legs = 1
        for axis in axes {
            guard let count = axis.value.elements else { return }
            let (product, isTooLarge) = legs.multipliedReportingOverflow(by: count)
            guard !isTooLarge, product <= Matrix.mostLegs else {
                findings.add(
                    "the matrix has more than \(Matrix.mostLegs) legs: its axes are multiplied",
                    at: node, note: "'include' adds single combinations")
                return
            }
            legs = product
        }
    }

    private func members(_ matrix: YAMLNode) -> [(key: YAMLNode, value: YAMLNode)] {
        if let members = matrix.mapping {
            if members.isEmpty { findings.add("'matrix' has no axis", at: matrix) }
            return members
        }
        findings.add(
            "'matrix' takes a mapping of axes such as {team: [a, b]}, not \(matrix.described)",
            at: matrix,
            note: matrix.scalar == nil
                ? nil : "an axis may be an expression: {team: \"${{ needs.plan.outputs.teams }}\"}")
        return []
    }

    private func choose(_ chosen: inout YAMLNode?, _ value: YAMLNode, _ key: YAMLNode) {
        if chosen != nil {
            findings.add("'\(key.scalar?.text ?? "")' is given in 'strategy' as well", at: key)
        }
        chosen = value
    }

    private func axis(_ name: String, _ key: YAMLNode, _ value: YAMLNode) -> Variable? {
        if !ExpressionLexer.isName(name) {
            findings.add(
                "\(VisibleText.quoted(name)) is no name of an axis: letters, digits, '_' and '-', a "
                    + "letter or '_' first", at: key)
            return nil
        }
        let template = templates.template(value)
        if value.sequence == nil, !template.isWholeExpression {
            if !isReported(template, value) {
                findings.add(
                    "the axis '\(name)' takes a list or an expression that gives one, not "
                        + value.described, at: value)
            }
            return nil
        }
        return Variable(name: name, value: template)
    }

    /// A text whose expression was wrong has become null and has been reported.
    private func isReported(_ template: Template, _ node: YAMLNode) -> Bool {
        template.literalValue == .null && !node.isNull
    }

    private func combinations(_ node: YAMLNode, _ what: String) -> Template {
        let template = templates.template(node)
        if let elements = node.sequence {
            for element in elements where element.mapping == nil {
                if !(element.scalar.map { TemplateText.firstExpression(in: $0.text) != nil }
                    ?? false)
                {
                    findings.add(
                        "an element of \(what) is a mapping of axes to values, not "
                            + element.described, at: element)
                }
            }
        } else if !template.isWholeExpression, !isReported(template, node) {
            findings.add(
                "\(what) takes a list of mappings or an expression that gives one, not "
                    + node.described, at: node)
        }
        return template
    }

    /// Entries of `exclude` that fit no combination, as far as that is known now.
    private func warn(_ exclude: YAMLNode, _ axes: [Variable]) {
        for entry in exclude.sequence ?? [] {
            for (key, value) in entry.mapping ?? [] {
                let name = key.scalar?.text ?? ""
                guard let axis = axes.first(where: { $0.name == name }) else {
                    let hint = Nearest.hint(name, among: axes.map(\.name))
                    findings.warn(
                        "this excludes nothing: the matrix has no axis \(VisibleText.quoted(name))\(hint)",
                        at: key)
                    continue
                }
                guard let values = axis.value.literalValue?.arrayValue,
                    !(value.scalar.map { TemplateText.firstExpression(in: $0.text) != nil } ?? false),
                    let json = try? value.json, !values.contains(json)
                else { continue }
                findings.warn(
                    "this excludes nothing: the axis '\(name)' has no value \(json.text())",
                    at: value)
            }
        }
    }

    private func key(_ node: YAMLNode, _ legScope: Scope) -> Template {
        let reader = TemplateReader(findings: findings, scope: legScope)
        let template = reader.template(node)
        if template.isLiteral, !isReported(template, node) {
            findings.add(
                "'key' tells the legs apart, so it needs an expression such as ${{ matrix.team }}",
                at: node)
        }
        return template
    }

    /// Items of several axes, or combinations, cannot be cut into lists.
    private func checkBatch(_ key: YAMLNode, _ axes: [Variable], hasMore: Bool) {
        if hasMore {
            findings.add(
                "'batch' cuts the list of one axis into pieces, so it goes without 'include' and "
                    + "'exclude'", at: key)
        } else if axes.count > 1 {
            findings.add(
                "'batch' cuts the list of one axis into pieces, and this matrix has \(axes.count) axes",
                at: key)
        }
    }

    private func count(_ node: YAMLNode, _ what: String) -> Template {
        let template = templates.template(node)
        switch template {
        case .expression: return template
        case .literal(let value) where isReported(template, node) || value.intValue ?? 0 >= 1:
            return template
        default:
            findings.add(
                "\(what) takes a whole number of at least 1, not \(node.described)", at: node)
            return template
        }
    }
}

extension Template {
    /// Whether it is one `${{ }}`, whose value keeps its type.
    var isWholeExpression: Bool { if case .expression = self { true } else { false } }
}

extension TemplateReader {
    /// A boolean, or an expression that gives one.
    func flag(_ node: YAMLNode, _ what: String) -> Template {
        let template = template(node)
        let isReported = template.literalValue == .null && !node.isNull
        switch template {
        case .literal(.bool), .expression: return template
        default:
            if !isReported {
                findings.add("\(what) takes true or false, not \(node.described)", at: node)
            }
            return .literal(false)
        }
    }
}

extension Template {
    /// How many elements a list that is written out has.
    fileprivate var elements: Int? {
        switch self {
        case .literal(let value): value.arrayValue?.count
        case .array(let elements): elements.count
        case .expression, .text, .object: nil
        }
    }
}
