package import FlowJSON

/// Something wrong in the state folder, with what to do about it.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        /// The file itself, as SQLite sees it.
        case database
        /// An event is missing or cannot be read.
        case events
        /// A run does not begin as a run does.
        case beginning
        /// A value is missing or damaged.
        case object
        /// A folder belongs to no run.
        case folder
        /// A run without an owner still has places in pools.
        case ticket
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
