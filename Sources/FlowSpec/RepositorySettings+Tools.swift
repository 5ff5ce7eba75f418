internal import FlowYAML
internal import FlowText

extension RepositorySettings {
    /// What does a step of a procedure.
    package struct Tool: Sendable, Hashable {
        package enum Work: Sendable, Hashable {
            /// For `sh -eu`.
            case script(String)
            /// A program and its arguments, started without a shell; never empty.
            case command([String])
        }

        /// What the text is that it prints.
        package enum Output: String, Sendable, CaseIterable {
            /// JSON if it reads as such, else text.
            case auto
            case text, json
        }

        package let work: Work
        package var output = Output.auto
        /// Variables of flow's own environment, or of `.env`, that it sees.
        package var environment: [String] = []

        package init(_ work: Work) { self.work = work }
    }
}

/// Reads `tools` of `flow.yaml`.
struct ToolReader {
    let findings: Findings

    private static let keys = Fields.Keys(
        known: ["run", "output", "env-pass"],
        foreign: ["command": "run", "outputs": "output", "env": "env-pass"])

    func tools(_ node: YAMLNode) -> [String: RepositorySettings.Tool] {
        var tools: [String: RepositorySettings.Tool] = [:]
        for (key, value) in findings.mapping(node, "'tools'") ?? [] {
            let name = key.scalar?.text ?? ""
            if name.isEmpty { findings.add("a tool has a name", at: key) }
            tools[name] = tool(value, name)
        }
        return tools
    }

    private func tool(_ node: YAMLNode, _ name: String) -> RepositorySettings.Tool? {
        let what = "the tool \(VisibleText.quoted(name))"
        guard let members = findings.mapping(node, what) else { return nil }
        let fields = Fields(members, Self.keys, findings)
        guard let run = fields["run"] else {
            findings.add("\(what) needs 'run': a script, or a program and its arguments", at: node)
            return nil
        }
        guard let work = work(run) else { return nil }
        var tool = RepositorySettings.Tool(work)
        tool.output =
            fields["output"].flatMap {
                findings.choice($0, "'output'", RepositorySettings.Tool.Output.self)
            } ?? .auto
        tool.environment =
            fields["env-pass"].map(EnvironmentNames(findings: findings).passed) ?? []
        return tool
    }

    /// As `run` of a node, but for expressions: there are none, since the arguments come as variables.
    private func work(_ run: YAMLNode) -> RepositorySettings.Tool.Work? {
        guard let elements = run.sequence else {
            guard let text = text(run) else { return nil }
            return .script(text)
        }
        let words = elements.compactMap(text)
        if elements.isEmpty {
            findings.add("'run' is an empty list; the first element is the program", at: run)
        }
        return words.count == elements.count && !words.isEmpty ? .command(words) : nil
    }

    private func text(_ node: YAMLNode) -> String? {
        guard let text = findings.text(node, "'run'") else { return nil }
        if let offset = TemplateText.firstExpression(in: text) {
            findings.add(
                "there are no expressions in 'run' of a tool; an argument is written \"$name\"",
                at: node, offset: offset, length: 3)
            return nil
        }
        guard !text.isEmpty, !text.utf8.contains(0) else {
            findings.add("'run' is empty, or has a NUL in it", at: node)
            return nil
        }
        return TemplateText.unescaped(text)
    }
}
