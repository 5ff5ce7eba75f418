internal import FlowJSON

/// A value on its way through an expression.
struct ExpressionValue: Sendable {
    let json: JSON
    /// Whether `*` made it: an index then applies to each element.
    var isFiltered = false
    /// Where a list or an object came from: the same one, and no other, is equal to itself.
    var identity: [String] = []

    init(_ json: JSON) { self.json = json }

    init(_ json: JSON, isFiltered: Bool = false, identity: [String]) {
        self.json = json
        self.isFiltered = isFiltered
        self.identity = identity
    }
}

extension ExpressionValue {
    /// The kind as GitHub's tools name it.
    var kind: String {
        switch json {
        case .null: "Null"
        case .bool: "Boolean"
        case .integer, .double: "Number"
        case .string: "String"
        case .array: "Array"
        case .object: "Object"
        }
    }

    var isPrimitive: Bool {
        switch json {
        case .array, .object: false
        default: true
        }
    }

    var isTruthy: Bool {
        switch json {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .double(let value): !(value == 0 || value.isNaN)
        case .string(let value): !value.isEmpty
        case .array, .object: true
        }
    }

    /// Not-a-number for a list or an object.
    var number: Double {
        switch json {
        case .null: 0
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .double(let value): value
        case .string(let value): ExpressionNumber.parse(value)
        case .array, .object: .nan
        }
    }

    /// Whole numbers keep all their digits.
    var text: String {
        switch json {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): ExpressionNumber.text(value)
        case .string(let value): value
        case .array: "Array"
        case .object: "Object"
        }
    }
}

extension ExpressionValue {
    /// JavaScript's abstract comparison without case, and lists and objects not coerced; nil where
    /// the two have no order (not-a-number, lists, objects, kinds that do not meet).
    private func order(_ other: ExpressionValue) -> Int? {
        switch (json, other.json) {
        case (.null, .null): return 0
        case (.bool(let one), .bool(let two)): return one == two ? 0 : one ? 1 : -1
        case (.string(let one), .string(let two)): return FoldedText.order(one, two)
        case (.array, _), (.object, _), (_, .array), (_, .object): return nil
        default:
            let (one, two) = (number, other.number)
            return one < two ? -1 : one > two ? 1 : one == two ? 0 : nil
        }
    }

    func equals(_ other: ExpressionValue) -> Bool {
        switch (json, other.json) {
        case (.array, .array), (.object, .object):
            !identity.isEmpty && identity == other.identity
        default: order(other) == 0
        }
    }

    func compares(_ operation: BinaryOperator, _ other: ExpressionValue) -> Bool {
        switch operation {
        case .equal: equals(other)
        case .notEqual: !equals(other)
        case .less: order(other).map { $0 < 0 } ?? false
        case .lessOrEqual: equals(other) || (order(other).map { $0 < 0 } ?? false)
        case .greater: order(other).map { $0 > 0 } ?? false
        case .greaterOrEqual: equals(other) || (order(other).map { $0 > 0 } ?? false)
        case .and, .or: false
        }
    }
}

/// Text compared without case, as .NET's `OrdinalIgnoreCase`: scalar by scalar in upper case, only
/// where that is one scalar, and the dotless i is no I.
enum FoldedText {
    static func fold(_ text: String) -> String {
        if isASCII(text) { return text.uppercased() }
        return String(text.unicodeScalars.map(upper))
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func upper(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\u{131}" { return scalar }
        let mapped = scalar.properties.uppercaseMapping.unicodeScalars
        guard mapped.count == 1, let one = mapped.first else { return scalar }
        return one
    }

    static func equal(_ one: String, _ two: String) -> Bool {
        if one.utf8.elementsEqual(two.utf8) { return true }
        if one.utf8.count != two.utf8.count, isASCII(one), isASCII(two) { return false }
        return fold(one).utf8.elementsEqual(fold(two).utf8)
    }

    /// By UTF-16 units, as .NET and JavaScript do.
    static func order(_ one: String, _ two: String) -> Int {
        let (one, two) = (fold(one), fold(two))
        if one.utf8.elementsEqual(two.utf8) { return 0 }
        return one.utf16.lexicographicallyPrecedes(two.utf16) ? -1 : 1
    }

    static func contains(_ text: String, _ piece: String) -> Bool {
        let (text, piece) = (Array(fold(text).utf8), Array(fold(piece).utf8))
        guard let first = piece.first else { return true }
        guard text.count >= piece.count else { return false }
        for at in 0...(text.count - piece.count)
        where text[at] == first && text[at..<at + piece.count].elementsEqual(piece) { return true }
        return false
    }

    static func starts(_ text: String, with piece: String) -> Bool {
        fold(text).utf8.starts(with: fold(piece).utf8)
    }

    static func ends(_ text: String, with piece: String) -> Bool {
        fold(text).utf8.reversed().starts(with: fold(piece).utf8.reversed())
    }
}
