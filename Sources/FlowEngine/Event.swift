package import FlowJSON
package import FlowSystem

/// One append-only fact about a run, a node or an attempt.
package struct Event: Sendable, Hashable {
    /// From 1, without a gap within a run.
    package let seq: Int
    package let time: Timestamp
    package let run: String
    package let draft: EventDraft

    package init(seq: Int, time: Timestamp, run: String, draft: EventDraft) {
        self.seq = seq
        self.time = time
        self.run = run
        self.draft = draft
    }

    package var type: String { draft.type }
    package var data: JSONObject { draft.data }

    /// The shape of `formats.md`, in the order of that page.
    package var json: JSON {
        [
            "seq": .integer(seq), "time": .string(time.description), "run": .string(run),
            "node": draft.node.map(JSON.string) ?? .null,
            "leg": draft.leg.map(JSON.integer) ?? .null,
            "attempt": draft.attempt.map(JSON.integer) ?? .null,
            "type": .string(draft.type), "data": .object(draft.data),
        ]
    }
}

/// An event before the log has given it a number and a time.
package struct EventDraft: Sendable, Hashable {
    package let type: String
    /// The node's id; nil for events of the run.
    package let node: String?
    /// The leg's place in its matrix, from 0; nil for a node without a matrix.
    package let leg: Int?
    /// From 1.
    package let attempt: Int?
    package internal(set) var data: JSONObject

    package init(
        _ type: String, node: String? = nil, leg: Int? = nil, attempt: Int? = nil,
        data: JSONObject = [:]
    ) {
        self.type = type
        self.node = node
        self.leg = leg
        self.attempt = attempt
        self.data = data
    }
}
