package import FlowJSON

/// Why a node or a leg ran, did not run, waited or failed: a sentence, and what it rests on.
package struct Why: Sendable, Hashable {
    /// One thing that the sentence rests on.
    package struct Cause: Sendable, Hashable {
        package enum Kind: String, Sendable {
            /// A node that it needs, or one further up that everything between stood for.
            case need
            case condition
            /// What a condition read.
            case value
            /// A field that differs from that of the earlier result.
            case change
            /// That no earlier result could stand for it, whatever the fields were.
            case uncached
            case cached, kept, selection, cancelled, approval, failure, waited, attempts
        }

        package let kind: Kind
        /// What it is about: a node, a path such as `needs.mine.outputs.count`, a pool.
        package let field: String
        package var data: JSONObject

        package init(_ kind: Kind, _ field: String, _ data: JSONObject = [:]) {
            self.kind = kind
            self.field = field
            self.data = data
        }

        package var json: JSON {
            var object: JSONObject = ["kind": .string(kind.rawValue), "field": .string(field)]
            for (key, value) in data.members { object[key] = value }
            return .object(object)
        }
    }

    package let node: String
    package let leg: String?
    /// nil: it has not ended.
    package let result: NodeResult?
    /// Without a full stop; the node is its subject: `it was skipped because …`.
    package var sentence: String
    package var because: [Cause]

    package var json: JSONObject {
        [
            "node": .string(node), "leg": leg.map(JSON.string) ?? .null,
            "result": result.map { .string($0.rawValue) } ?? .null, "why": .string(sentence),
            "because": .array(because.map(\.json)),
        ]
    }
}
