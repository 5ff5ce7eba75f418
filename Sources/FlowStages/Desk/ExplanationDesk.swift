package import FlowJSON
internal import FlowMining
package import FlowStore
internal import FlowSystem
internal import FlowText

/// Why errors are grouped as they are, for people.
package struct ExplanationDesk {
    private let explanation: MessageExplanation

    /// Explains the group whose fingerprint begins so.
    /// - Throws: where nothing that was mined is in it.
    package init(fingerprint prefix: String, _ workspace: Workspace) throws {
        let desk = try SignatureDesk(workspace)
        let row = try desk.row(prefix)
        let miners = try Self.miners(workspace)
        for fingerprint in desk.merged(into: row.fingerprint).map(Fingerprint.init(text:)) {
            for miner in miners {
                if let found = miner.explanation(of: fingerprint) {
                    explanation = found
                    return
                }
            }
        }
        throw StageError(
            "what was counted of \(row.fingerprint) is not here any more; mine again, or explain one "
                + "of its messages with --message")
    }

    /// Explains where a message belongs.
    /// - Parameter component: nil: whichever has the nearest group.
    package init(message: String, component: String?, _ workspace: Workspace) throws {
        let found = try Self.miners(workspace).lazy.compactMap {
            $0.explanation(of: message, component: component)
        }.first
        guard let found else {
            throw StageError(
                "nothing was mined that the message may belong to; flow run mine.yaml mines")
        }
        explanation = found
    }

    private static func miners(_ workspace: Workspace) throws -> [Miner] {
        let masks = try MessageMasks(of: workspace.root)
        return try MemoryStore(try StateFolder(workspace.state)).sources().compactMap { document in
            try? MinedSource(json: try JSON.read(document), masks: masks).miner
        }
    }

    /// What was found, member by member.
    package var json: JSON {
        [
            "fingerprint": .string(explanation.fingerprint.text),
            "template": .string(explanation.template),
            "counted": .bool(explanation.isCounted),
            "masks": .array(
                explanation.masks.map { ["text": .string($0.text), "reason": .string($0.reason)] }),
            "different": .integer(explanation.keys),
            "variables": .array(
                explanation.variables.map {
                    ["values": .array($0.values.map(JSON.string)), "count": .integer($0.count)]
                }),
            "examples": .array(explanation.examples.map(JSON.string)),
            "nearest": explanation.nearest.map { nearest in
                [
                    "fingerprint": .string(nearest.fingerprint.text),
                    "template": .string(nearest.template), "margin": .integer(nearest.margin),
                    "differences": .array(
                        nearest.differences.map {
                            ["this": .string($0.this), "other": .string($0.other)]
                        }),
                ]
            } ?? .null,
        ]
    }

    /// The same for reading, a line each.
    package var lines: [String] {
        var lines = [
            "template     \(VisibleText.safe(explanation.template))",
            "fingerprint  \(explanation.fingerprint)",
        ]
        if !explanation.isCounted {
            lines.append("counted      no error like it, so it would be a group of its own")
        }
        for mask in explanation.masks {
            lines.append("masked       \(VisibleText.safe(mask.text)): \(mask.reason)")
        }
        for variable in explanation.variables {
            let values = variable.values.map { VisibleText.safe($0) }.joined(separator: ", ")
            let more = variable.count > variable.values.count ? ", …" : ""
            lines.append("variable     \(variable.count) texts in one place: \(values)\(more)")
        }
        lines.append("members      \(explanation.keys) different messages once masked")
        for example in explanation.examples {
            lines.append("             \(VisibleText.safe(example))")
        }
        return lines + nearestLines
    }

    private var nearestLines: [String] {
        guard let nearest = explanation.nearest else {
            return ["nearest      there is no other group of this component and type"]
        }
        let differences = nearest.differences.map { difference in
            let this = difference.this.isEmpty ? "nothing" : VisibleText.safe(difference.this)
            let other = difference.other.isEmpty ? "nothing" : VisibleText.safe(difference.other)
            return "\(this) here, \(other) there"
        }
        return [
            "nearest      \(VisibleText.safe(nearest.template))",
            "             \(nearest.fingerprint)",
            "margin       \(nearest.margin) tokens: \(differences.joined(separator: "; "))",
        ]
    }
}
