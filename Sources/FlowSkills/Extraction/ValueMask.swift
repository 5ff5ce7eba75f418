package import FlowJSON

/// Takes what is private out of values: texts that hold it, and whatever has the name of a secret.
package struct ValueMask: Sendable {
    /// The text without what is private in it.
    package let text: @Sendable (String) -> String
    /// Whether a name is that of a secret.
    let isSecret: @Sendable (String) -> Bool
    /// Whether something private stood in a text, before it was masked.
    let wasMasked: @Sendable (String) -> Bool
    /// What stands in place of a secret.
    let placeholder: String

    package init(
        text: @escaping @Sendable (String) -> String,
        isSecret: @escaping @Sendable (String) -> Bool,
        wasMasked: @escaping @Sendable (String) -> Bool, placeholder: String
    ) {
        self.text = text
        self.isSecret = isSecret
        self.wasMasked = wasMasked
        self.placeholder = placeholder
    }

    /// Leaves everything as it is.
    package static let none = ValueMask(
        text: { $0 }, isSecret: { _ in false }, wasMasked: { _ in false }, placeholder: "")

    /// - Parameter name: What the value is called; empty where it has no name.
    package func masked(_ value: JSON, named name: String = "") -> JSON {
        if !name.isEmpty, value != .null, value != "", isSecret(name) {
            return .string(placeholder)
        }
        return switch value {
        case .string(let own): .string(text(own))
        case .array(let elements): .array(elements.map { masked($0) })
        case .object(let object):
            .object(
                JSONObject(object.members.map { (text($0), masked($1, named: $0)) }))
        default: value
        }
    }

    /// Whether nothing in the value is private, or was before it was masked.
    func isPublic(_ value: JSON, named name: String) -> Bool {
        masked(value, named: name) == value && !wasMasked(within: value)
    }

    private func wasMasked(within value: JSON) -> Bool {
        switch value {
        case .string(let text): wasMasked(text)
        case .array(let elements): elements.contains(where: wasMasked(within:))
        case .object(let object): object.members.contains { wasMasked(within: $1) }
        default: false
        }
    }
}
