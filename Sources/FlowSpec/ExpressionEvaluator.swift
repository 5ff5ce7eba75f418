internal import FlowJSON

/// Walks the tree of one expression; the parser has seen to it that the tree is not deep.
struct ExpressionEvaluator {
    let context: EvaluationContext
    let source: String
    private var made = 0
    private var memory = 0

    private static let memoryLimit = 10 << 20

    init(context: EvaluationContext, source: String) {
        self.context = context
        self.source = source
    }

    mutating func value(of tree: ExpressionTree) throws(ExpressionError) -> ExpressionValue {
        let value = try read(tree)
        if !context.unknown.isEmpty { try refuseUnknown(value.identity) }
        return value
    }

    /// Whether a value is not known, or holds one that is not.
    private func refuseUnknown(_ path: [String]) throws(ExpressionError) {
        guard !path.isEmpty else { return }
        for unknown in context.unknown
        where unknown.starts(with: path) || path.starts(with: unknown) {
            throw ExpressionError(kind: .unknown, message: path.joined(separator: "."))
        }
    }

    /// The value, of which a member may be read that is known although others are not.
    private mutating func read(_ tree: ExpressionTree) throws(ExpressionError) -> ExpressionValue {
        switch tree {
        case .literal(let json): return ExpressionValue(json)
        case .context(let name):
            guard let json = Self.member(name, of: context.values) else {
                throw .evaluation("Unrecognized named-value: '\(name)'")
            }
            return ExpressionValue(json, identity: [name.lowercased()])
        case .index(let subject, let key):
            let subject = try read(subject)
            return try element(of: subject, at: try value(of: key))
        case .elements(let subject): return try elements(of: try value(of: subject))
        case .not(let operand): return ExpressionValue(.bool(!(try value(of: operand).isTruthy)))
        case .comparison(let operation, let left, let right):
            let left = try value(of: left)
            return ExpressionValue(.bool(left.compares(operation, try value(of: right))))
        case .logical(let operation, let operands):
            var result = ExpressionValue(.null)
            for operand in operands {
                result = try value(of: operand)
                if result.isTruthy == (operation == .or) { break }
            }
            return result
        case .call(let function, let arguments): return try call(function, arguments)
        }
    }

    /// Counts bytes of what is made, so that no short text can make a long one without end.
    mutating func take(_ bytes: Int) throws(ExpressionError) {
        memory += bytes
        guard memory <= Self.memoryLimit else {
            throw .evaluation(
                "The maximum allowed memory size was exceeded while evaluating the following "
                    + "expression: \(source)")
        }
    }

    /// A value that no other is the same as.
    mutating func fresh(_ json: JSON, isFiltered: Bool = false) -> ExpressionValue {
        made += 1
        return ExpressionValue(json, isFiltered: isFiltered, identity: ["#\(made)"])
    }

    /// The member by its name, without case where no name is the same.
    static func member(_ name: String, of object: JSONObject) -> JSON? {
        if let exact = object[name] { return exact }
        let folded = FoldedText.fold(name)
        for (key, value) in object.members
        where key.utf8.count <= 3 * name.utf8.count && FoldedText.fold(key) == folded {
            return value
        }
        return nil
    }

    private mutating func element(of subject: ExpressionValue, at key: ExpressionValue)
        throws(ExpressionError) -> ExpressionValue
    {
        if subject.isFiltered, case .array(let items) = subject.json {
            let found = items.compactMap { Self.element(of: $0, at: key) }
            try take(16 * found.count)
            return fresh(.array(found), isFiltered: true)
        }
        let path = subject.identity + [key.text.lowercased()]
        guard let json = Self.element(of: subject.json, at: key) else {
            if !context.unknown.isEmpty, !subject.identity.isEmpty { try refuseUnknown(path) }
            return ExpressionValue(.null)
        }
        return ExpressionValue(json, identity: path)
    }

    private static func element(of json: JSON, at key: ExpressionValue) -> JSON? {
        switch json {
        case .object(let object): return key.isPrimitive ? member(key.text, of: object) : nil
        case .array(let items):
            let place = key.number.rounded(.down)
            guard place >= 0, place < Double(items.count) else { return nil }
            return items[Int(place)]
        default: return nil
        }
    }

    private mutating func elements(of subject: ExpressionValue) throws(ExpressionError)
        -> ExpressionValue
    {
        var found: [JSON] = []
        if subject.isFiltered, case .array(let items) = subject.json {
            for item in items { found += Self.elements(of: item) }
        } else {
            found = Self.elements(of: subject.json)
        }
        try take(16 * found.count)
        return fresh(.array(found), isFiltered: true)
    }

    private static func elements(of json: JSON) -> [JSON] {
        switch json {
        case .array(let items): items
        case .object(let object): object.values
        default: []
        }
    }
}
