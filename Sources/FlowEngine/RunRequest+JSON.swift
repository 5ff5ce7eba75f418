package import FlowJSON
internal import FlowSpec

extension RunRequest {
    /// As a store keeps it; `init` reads it.
    package var json: JSON {
        switch self {
        case .cancel(let by): ["kind": "cancel", "by": .string(by)]
        case .decide(let node, let approves, let by, let via, let form):
            [
                "kind": "decide", "node": .string(node), "approves": .bool(approves),
                "by": .string(by), "via": .string(via.rawValue), "form": .object(form),
            ]
        }
    }

    /// Nil for what this flow does not know.
    package init?(_ data: JSON) {
        guard let by = data["by"]?.stringValue else { return nil }
        switch data["kind"]?.stringValue {
        case "cancel": self = .cancel(by: by)
        case "decide":
            guard let node = data["node"]?.stringValue, let approves = data["approves"]?.boolValue,
                let via = data["via"]?.stringValue.flatMap(Gate.Channel.init(rawValue:)),
                let form = data["form"]?.objectValue
            else { return nil }
            self = .decide(node: node, approves: approves, by: by, via: via, form: form)
        default: return nil
        }
    }
}
