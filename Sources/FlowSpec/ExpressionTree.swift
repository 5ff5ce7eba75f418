internal import FlowJSON

/// What an expression's text means.
indirect enum ExpressionTree: Sendable {
    case literal(JSON)
    case context(String)
    case index(ExpressionTree, by: ExpressionTree)
    /// `.*` or `[*]`
    case elements(ExpressionTree)
    case not(ExpressionTree)
    /// Every operator but `&&` and `||`.
    case comparison(BinaryOperator, ExpressionTree, ExpressionTree)
    /// `&&` and `||` over two operands or more.
    case logical(BinaryOperator, [ExpressionTree])
    case call(ExpressionFunction, [ExpressionTree])
}

/// The functions of the language.
enum ExpressionFunction: String, Sendable, CaseIterable {
    case contains, startsWith, endsWith, format, join, toJSON, fromJSON, hashFiles
    case choice = "case"
    case success, failure, cancelled, always

    /// Names are compared without case.
    init?(name: String) {
        let name = name.lowercased()
        guard let found = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else {
            return nil
        }
        self = found
    }

    /// Whether it asks how the run is going, which only `if` may.
    var isStatus: Bool {
        switch self {
        case .success, .failure, .cancelled, .always: true
        default: false
        }
    }

    var parameters: ClosedRange<Int> {
        switch self {
        case .contains, .startsWith, .endsWith: 2...2
        case .format, .hashFiles: 1...255
        case .join: 1...2
        case .toJSON, .fromJSON: 1...1
        case .choice: 3...Int.max
        case .success, .failure, .cancelled, .always: 0...0
        }
    }
}
