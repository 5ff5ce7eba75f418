internal import FlowJSON

/// Makes the tree of an expression.
///
/// Operators wait on a stack of their own (Dijkstra's shunting yard), so that no text, however
/// deeply its brackets nest, costs stack of the thread.
struct ExpressionParser {
    private let source: [Unicode.Scalar]
    private let contexts: Set<String>?
    private let allowsStatus: Bool
    private var operands: [Operand] = []
    private var pending: [Pending] = []
    private(set) var functions: [Expression.FunctionUse] = []
    private(set) var references: [Expression.Reference] = []

    /// The depth that GitHub allows a tree.
    private static let depthLimit = 50

    private struct Operand {
        var tree: ExpressionTree
        var height: Int
        /// Which of `references` it reads, while more of its path may follow.
        var reference: Int?
    }

    /// An operator whose right side is not complete, or a bracket that is open.
    private enum Pending {
        case not
        case binary(BinaryOperator)
        case group
        case index(subject: Operand)
        case call(ExpressionFunction, ExpressionToken, [Operand])
    }

    init(source: [Unicode.Scalar], contexts: [String]?, allowsStatus: Bool) {
        self.source = source
        self.contexts = contexts.map { Set($0.map { $0.lowercased() }) }
        self.allowsStatus = allowsStatus
    }

    /// The tree; nil for no tokens at all.
    mutating func run(_ tokens: [ExpressionToken]) throws(ExpressionError) -> ExpressionTree? {
        guard let last = tokens.last else { return nil }
        var at = 0
        var wantsOperand = true
        while at < tokens.count {
            wantsOperand =
                wantsOperand ? try operand(tokens, &at) : try operatorOrSuffix(tokens, &at)
        }
        if wantsOperand { throw error("Unexpected end of expression", last) }
        try reduce(downTo: 0)
        guard pending.isEmpty, let result = operands.popLast() else {
            throw error("Unexpected end of expression", last)
        }
        return result.tree
    }

    private func error(_ what: String, _ token: ExpressionToken) -> ExpressionError {
        .located(.parsing, what, token, in: source)
    }

    /// Reads where a value should begin. Returns whether one should begin after it too.
    private mutating func operand(_ tokens: [ExpressionToken], _ at: inout Int)
        throws(ExpressionError) -> Bool
    {
        let token = tokens[at]
        at += 1
        switch token.kind {
        case .not:
            pending.append(.not)
            return true
        case .open:
            pending.append(.group)
            return true
        case .literal(let value):
            operands.append(Operand(tree: .literal(value), height: 1))
            return false
        case .name where at < tokens.count && tokens[at].kind == .open:
            let open = tokens[at]
            at += 1
            return try call(token, open, tokens, &at)
        case .name:
            try context(token)
            return false
        case .star where isIndexOpen && tokens[at - 2].kind == .openIndex:
            guard at < tokens.count else { throw error("Unexpected end of expression", token) }
            guard tokens[at].kind == .closeIndex, case .index(let subject)? = pending.popLast()
            else {
                throw error("Unexpected symbol", tokens[at])
            }
            at += 1
            try push(.elements(subject.tree), over: [subject])
            return false
        default: throw error("Unexpected symbol", token)
        }
    }

    private var isIndexOpen: Bool { if case .index? = pending.last { true } else { false } }

    /// A function's name and its `(`.
    private mutating func call(
        _ name: ExpressionToken, _ open: ExpressionToken, _ tokens: [ExpressionToken],
        _ at: inout Int
    ) throws(ExpressionError) -> Bool {
        guard let function = ExpressionFunction(name: name.text), allowsStatus || !function.isStatus
        else { throw error("Unrecognized function", name) }
        functions.append(
            Expression.FunctionUse(
                name: function.rawValue, isStatus: function.isStatus, offset: name.offset,
                length: name.length))
        guard at < tokens.count, tokens[at].kind == .close else {
            pending.append(.call(function, name, []))
            return true
        }
        at += 1
        try finishCall(function, name, [])
        return false
    }

    private mutating func context(_ token: ExpressionToken) throws(ExpressionError) {
        if let contexts, !contexts.contains(token.text.lowercased()) {
            throw error("Unrecognized named-value", token)
        }
        references.append(Expression.Reference(path: [part(token.text, token)], isWhole: true))
        operands.append(
            Operand(tree: .context(token.text), height: 1, reference: references.count - 1))
    }

    private func part(_ text: String, _ token: ExpressionToken) -> Expression.Reference.Part {
        .init(text: text, offset: token.offset, length: token.length)
    }

    /// Reads what may follow a value. Returns whether a value should begin after it.
    private mutating func operatorOrSuffix(_ tokens: [ExpressionToken], _ at: inout Int)
        throws(ExpressionError) -> Bool
    {
        let token = tokens[at]
        at += 1
        switch token.kind {
        case .binary(let operation):
            try reduce(downTo: operation.precedence)
            pending.append(.binary(operation))
            return true
        case .dot:
            try property(tokens, &at)
            return false
        case .openIndex where tokens[at - 2].endsCollection:
            guard let subject = operands.popLast() else { break }
            pending.append(.index(subject: subject))
            return true
        case .closeIndex:
            try reduce(downTo: 0)
            guard case .index(let subject)? = pending.last, let key = operands.popLast() else {
                break
            }
            pending.removeLast()
            try index(subject, by: key, tokens[at - 2])
            return false
        case .close:
            try reduce(downTo: 0)
            return try closeGroup(token)
        case .comma:
            try reduce(downTo: 0)
            guard case .call(let function, let name, let before)? = pending.last,
                let argument = operands.popLast()
            else { break }
            pending[pending.count - 1] = .call(function, name, before + [argument])
            return true
        default: break
        }
        throw error("Unexpected symbol", token)
    }

    /// A property's name or `*` after a dot.
    private mutating func property(_ tokens: [ExpressionToken], _ at: inout Int)
        throws(ExpressionError)
    {
        guard at < tokens.count else {
            throw error("Unexpected end of expression", tokens[at - 1])
        }
        let token = tokens[at]
        guard let subject = operands.popLast() else { throw error("Unexpected symbol", token) }
        switch token.kind {
        case .name:
            let key = Operand(tree: .literal(.string(token.text)), height: 1)
            try index(subject, by: key, token)
        case .star: try push(.elements(subject.tree), over: [subject])
        default: throw error("Unexpected symbol", token)
        }
        at += 1
    }

    /// Puts `subject[key]` down; a key that is known now lengthens the reference's path.
    private mutating func index(_ subject: Operand, by key: Operand, _ token: ExpressionToken)
        throws(ExpressionError)
    {
        try push(.index(subject.tree, by: key.tree), over: [subject, key])
        guard let reference = subject.reference else { return }
        if case .literal(.string(let text)) = key.tree {
            references[reference].path.append(part(text, token))
            operands[operands.count - 1].reference = reference
        } else {
            references[reference].isWhole = false
        }
    }

    private mutating func closeGroup(_ token: ExpressionToken) throws(ExpressionError) -> Bool {
        switch pending.popLast() {
        case .group: return false
        case .call(let function, let name, let before):
            guard let argument = operands.popLast() else { break }
            try finishCall(function, name, before + [argument])
            return false
        default: break
        }
        throw error("Unexpected symbol", token)
    }

    private mutating func finishCall(
        _ function: ExpressionFunction, _ name: ExpressionToken, _ arguments: [Operand]
    ) throws(ExpressionError) {
        let parameters = function.parameters
        if arguments.count < parameters.lowerBound {
            throw error("Too few parameters supplied", name)
        }
        if arguments.count > parameters.upperBound {
            throw error("Too many parameters supplied", name)
        }
        if function == .choice, arguments.count.isMultiple(of: 2) {
            throw error(
                "Even number of parameters supplied, requires an odd number of parameters", name)
        }
        try push(.call(function, arguments.map(\.tree)), over: arguments)
    }

    /// Completes the operators on top of the stack that bind at least as tightly.
    private mutating func reduce(downTo precedence: Int) throws(ExpressionError) {
        while let top = pending.last {
            switch top {
            case .not:
                guard let operand = operands.popLast() else { return }
                try push(.not(operand.tree), over: [operand])
            case .binary(let operation) where operation.precedence >= precedence:
                guard let right = operands.popLast(), let left = operands.popLast() else { return }
                try push(operation, left, right)
            default: return
            }
            pending.removeLast()
        }
    }

    private mutating func push(_ operation: BinaryOperator, _ left: Operand, _ right: Operand)
        throws(ExpressionError)
    {
        switch operation {
        case .and, .or:
            let parts = flat(left, operation) + flat(right, operation)
            try push(.logical(operation, parts.map(\.tree)), over: parts)
        default: try push(.comparison(operation, left.tree, right.tree), over: [left, right])
        }
    }

    /// The operands of a chain of one operator: a chain, however long, is one level of the tree.
    private func flat(_ operand: Operand, _ operation: BinaryOperator) -> [Operand] {
        guard case .logical(operation, let parts) = operand.tree else { return [operand] }
        return parts.map { Operand(tree: $0, height: operand.height - 1) }
    }

    private mutating func push(_ tree: ExpressionTree, over parts: [Operand])
        throws(ExpressionError)
    {
        let height = 1 + (parts.map(\.height).max() ?? 0)
        // A wildcard is a node of its own in GitHub's tree, but never the deepest.
        guard height <= Self.depthLimit else {
            throw ExpressionError(
                kind: .parsing, message: "Exceeded max expression depth \(Self.depthLimit)")
        }
        operands.append(Operand(tree: tree, height: height))
    }
}

extension ExpressionToken {
    /// Whether `[` may follow it: a literal cannot be indexed.
    fileprivate var endsCollection: Bool {
        switch kind {
        case .name, .close, .closeIndex, .star: true
        default: false
        }
    }
}
