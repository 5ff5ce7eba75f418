package import FlowJSON
internal import FlowSystem

extension Procedure {
    /// The procedure as one value, in which every reference is written as a workflow writes it.
    package var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "status": .string(status), "score": Self.short(score),
        ]
        for (key, value) in members { object[key] = value }
        return .object(object)
    }

    /// What the document of its skill has of it, by `keys` and in their order.
    var members: [(String, JSON)] {
        [
            ("version", .string(version)), ("description", .string(description)),
            ("category", .string(category)), ("tags", .array(tags.map(JSON.string))),
            ("steps", .array(steps.map(\.json))),
            ("parameters", .array(parameters.map(\.json))),
            (
                "preconditions",
                .array(
                    preconditions.map {
                        [
                            "type": .string($0.type), "name": .string($0.name),
                            "share": Self.short($0.share),
                        ]
                    })
            ), ("evidence", evidence.json),
        ]
    }

    /// The keys of a document that are a procedure's alone.
    static let keys = [
        "version", "description", "category", "tags", "steps", "parameters", "preconditions",
        "evidence",
    ]

    /// A share or a rate to four digits.
    static func short(_ value: Double) -> JSON { .number((value * 10_000).rounded() / 10_000) }
}

extension Procedure.Step {
    fileprivate var json: JSON {
        var object = JSONObject([
            ("id", .string(id)), ("type", .string(type)), ("name", .string(name)),
        ])
        if !agents.isEmpty { object["agents"] = .array(agents.map(JSON.string)) }
        object["optional"] = .bool(isOptional)
        object["share"] = Procedure.short(share)
        if !arguments.isEmpty {
            object["arguments"] = .object(
                JSONObject(arguments.map { ($0.path, $0.source.json) }))
        }
        if let duration { object["duration_ms"] = duration.json }
        return .object(object)
    }
}

extension Procedure.Source {
    /// As a workflow writes it; nil of a literal.
    package var reference: String? {
        switch self {
        case .literal: nil
        case .parameter(let name): "${{ params.\(name) }}"
        case .output(let step, let path):
            "${{ steps.\(step).outputs\(path.isEmpty ? "" : "." + path) }}"
        }
    }

    /// A literal stands as `{value: …}`, so that no text can be taken for a reference.
    var json: JSON {
        switch self {
        case .literal(let value): ["value": value]
        case .parameter(let name):
            ["from": .string(reference ?? ""), "parameter": .string(name)]
        case .output(let step, let path):
            ["from": .string(reference ?? ""), "step": .string(step), "path": .string(path)]
        }
    }
}

extension Procedure.Parameter {
    fileprivate var json: JSON {
        var object = JSONObject([
            ("name", .string(name)), ("type", .string(type)), ("required", .bool(isRequired)),
        ])
        object["default"] = fallback
        object["examples"] = .array(examples)
        if let range {
            object["range"] = [.number(range.lowerBound), .number(range.upperBound)]
        }
        object["distinct"] = .integer(distinct)
        return .object(object)
    }
}

extension Procedure.Quantiles {
    fileprivate var json: JSON { ["p50": .number(median), "p90": .number(p90)] }
}

extension Procedure.Evidence {
    fileprivate var json: JSON {
        var object = JSONObject([
            ("support", .integer(support)), ("executions", .integer(executions)),
            ("begun", .integer(begun)),
        ])
        object["success"] = success.map {
            [
                "runs": .integer($0.runs), "succeeded": .integer($0.succeeded),
                "rate": Procedure.short($0.rate),
                "interval": [
                    Procedure.short($0.interval.lowerBound),
                    Procedure.short($0.interval.upperBound),
                ],
                "method": "Clopper-Pearson 95 %",
            ]
        }
        object["lift"] = lift.json
        object["seconds"] = seconds?.json
        object["cost_usd"] = cost?.json
        object["first"] = first.map { .string($0.rfc3339) }
        object["last"] = last.map { .string($0.rfc3339) }
        object["runs"] = .array(runs.map(JSON.string))
        if !transitions.isEmpty { object["transitions"] = .array(transitions.map(\.json)) }
        return .object(object)
    }
}

extension Procedure.Transition {
    fileprivate var json: JSON {
        var object = JSONObject([
            ("from", .string(from)), ("to", .string(to)), ("share", Procedure.short(share)),
        ])
        object["seconds"] = seconds?.json
        return .object(object)
    }
}

extension SuccessLift {
    fileprivate var json: JSON {
        func share(_ share: Share) -> JSON {
            ["runs": .integer(share.runs), "succeeded": .integer(share.succeeded)]
        }
        return [
            "following": share(following), "others": share(others),
            "ratio": ratio.map(Procedure.short) ?? .null, "p": .number(p),
            "raises_success": .bool(isRaising),
        ]
    }
}
