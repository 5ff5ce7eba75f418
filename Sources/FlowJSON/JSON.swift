/// A JSON value (RFC 8259) that keeps the order of object keys and whole numbers exact.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction that fits in 64 bits.
    case integer(Int)
    /// Any other finite number.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// The number in its one canonical case: whole numbers below 2^53 are `integer`.
    ///
    /// Not-a-number and the infinities, which JSON cannot write, become `null`.
    package static func number(_ value: Double) -> JSON {
        guard value.isFinite else { return .null }
        if value == value.rounded(), abs(value) < 9_007_199_254_740_992 {
            return .integer(Int(value))
        }
        return .double(value)
    }
}

extension JSON {
    package var isNull: Bool { self == .null }

    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    package var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    package var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The whole number, also of a double that has no fraction.
    package var intValue: Int? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number as a double; whole numbers above 2^53 are rounded.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The member `key` of an object; nil for a missing key and for anything that is no object.
    package subscript(key: String) -> JSON? { objectValue?[key] }

    /// The word for this value's type that messages use.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
}
