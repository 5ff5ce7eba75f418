internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// Reads `approve`.
struct GateReader {
    let findings: Findings

    private static let keys = Fields.Keys(
        known: [
            "via", "reviewers", "quorum", "form", "timeout", "on-timeout", "branches",
        ],
        foreign: ["approvers": "reviewers", "fields": "form", "branch": "branches"])

    /// The members of `approve`, keys checked.
    func fields(_ node: YAMLNode) -> Fields? {
        guard let members = node.mapping else {
            findings.add(
                "'approve' takes a mapping such as {via: [cli], reviewers: [platform]}, not "
                    + node.described, at: node)
            return nil
        }
        return Fields(members, Self.keys, findings)
    }

    /// What an approval fills in.
    func form(_ fields: Fields?) -> [Parameter] {
        fields?["form"].map {
            ParameterReader(findings: findings, role: "field").parameters($0, of: "'form'")
        } ?? []
    }

    /// - Parameter templates: where `branches` is evaluated.
    func gate(_ fields: Fields, form: [Parameter], _ templates: TemplateReader) -> Gate {
        let via = fields["via"].map(channels) ?? [.cli]
        let timeout = fields["timeout"].flatMap { findings.duration($0, "'timeout'") }
        let expiry = fields["on-timeout"].flatMap {
            findings.choice($0, "'on-timeout'", Gate.Expiry.self)
        }
        if let key = fields.key("on-timeout"), fields["timeout"] == nil {
            findings.add("'on-timeout' needs a 'timeout' beside it", at: key)
        }
        return Gate(
            via: via,
            reviewers: fields["reviewers"].map { findings.names($0, "'reviewers'").map(\.text) }
                ?? [],
            quorum: fields["quorum"].flatMap { findings.whole($0, "'quorum'", in: 1...1_000) } ?? 1,
            form: form, branches: branches(fields, via, templates), timeout: timeout,
            onTimeout: expiry ?? .reject)
    }

    private func channels(_ node: YAMLNode) -> [Gate.Channel] {
        if node.sequence?.isEmpty == true {
            findings.add("'via' is empty, so that nobody could decide", at: node)
        }
        return findings.names(node, "'via'").compactMap { text, element in
            if text == "http" {
                let known = Gate.Channel.allCases.map(\.rawValue).joined(separator: " or ")
                findings.add(
                    "'http' comes with flow's server, which this version has not; use \(known)",
                    at: element)
                return nil
            }
            return findings.choice(element, "'via'", Gate.Channel.self)
        }
    }

    private func branches(_ fields: Fields, _ via: [Gate.Channel], _ templates: TemplateReader)
        -> Template?
    {
        guard let node = fields["branches"] else {
            if via.contains(.gitMerge), let place = fields["via"] {
                findings.add(
                    "'git-merge' needs 'branches': which must be merged, a list or an expression "
                        + "that gives one", at: place)
            }
            return nil
        }
        if !via.contains(.gitMerge), let key = fields.key("branches") {
            findings.add("'branches' is for 'via: [git-merge]'", at: key)
        }
        guard let elements = node.sequence else { return oneBranch(node, templates) }
        if elements.isEmpty { findings.add("'branches' is empty", at: node) }
        return .array(
            elements.compactMap { element in
                findings.text(element, "an element of 'branches'").map { _ in
                    templates.text(element, keepingText: true)
                }
            })
    }

    /// An expression that gives the list, or the name of one branch.
    private func oneBranch(_ node: YAMLNode, _ templates: TemplateReader) -> Template? {
        guard node.scalar != nil, !node.isNull else {
            findings.add(
                "'branches' takes a list of names or an expression that gives one, not "
                    + node.described, at: node)
            return nil
        }
        let template = templates.text(node, keepingText: true)
        return template.isWholeExpression ? template : .array([template])
    }
}
