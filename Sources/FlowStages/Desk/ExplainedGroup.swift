internal import FlowJSON
internal import FlowMining
internal import FlowText

/// A group that the grouping or a split made, alone or as a part of one that people merged.
struct ExplainedGroup {
    let explanation: MessageExplanation
    /// Where it was merged into another.
    let merged: AliasOrigin?
    /// Where it was taken out of another.
    let split: AliasOrigin?
    /// The group that it was taken out of, as it is called now.
    let of: String

    var name: String { explanation.fingerprint.text }

    var json: JSONObject {
        [
            "fingerprint": .string(name),
            "template": .string(explanation.template),
            "masks": .array(
                explanation.masks.map { ["text": .string($0.text), "reason": .string($0.reason)] }),
            "different": .integer(explanation.keys),
            "messages": .array(explanation.messages.map(JSON.string)),
            "variables": .array(
                explanation.variables.map {
                    ["values": .array($0.values.map(JSON.string)), "count": .integer($0.count)]
                }),
            "examples": .array(explanation.examples.map(JSON.string)),
            "merged": merged?.json ?? .null,
            "split": explanation.rule.map { rule in
                [
                    "of": .string(of), "matching": .string(rule.regex.pattern),
                    "origin": split?.json ?? .null,
                ]
            } ?? .null,
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

    var lines: [String] {
        var lines = ["template     \(VisibleText.safe(explanation.template))"]
        if let merged { lines.append("merged       \(VisibleText.safe(merged.text))") }
        if let rule = explanation.rule {
            lines.append("taken out    of \(of), matching \(VisibleText.safe(rule.regex.pattern))")
            if let split { lines.append("             \(VisibleText.safe(split.text))") }
        }
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
        for message in explanation.messages {
            lines.append("             \(VisibleText.safe(message))")
        }
        for (place, example) in explanation.examples.enumerated() {
            lines.append(
                (place == 0 ? "examples     " : "             ") + VisibleText.safe(example))
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
