internal import FlowJSON
internal import FlowYAML
internal import FlowText

extension ActionManifest {
    /// Reads an `action.yaml`.
    ///
    /// - Parameters:
    ///   - reference: what `uses:` names it by.
    ///   - file: the path for messages.
    ///   - folder: where a local action stands, relative to the repository; nil for a stage, which
    ///     has no `run`.
    /// - Throws: every mistake in it.
    package static func read(
        _ bytes: [UInt8], reference: String, file: String, folder: String? = nil
    ) throws(DiagnosticList) -> ActionManifest {
        let source = SourceFile(name: file, bytes: bytes)
        let findings = Findings(source: source)
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument.read(bytes)
        } catch {
            throw DiagnosticList([source.diagnostic(error)])
        }
        guard let root = document.root, let members = root.mapping else {
            throw DiagnosticList([
                source.diagnostic(line: 1, column: 1, "an action is a mapping with inputs, outputs")
            ])
        }
        let fields = Fields(members, .init(known: keys), findings)
        _ = fields["name"].flatMap { findings.text($0, "'name'") }
        let manifest = ActionManifest(
            reference: reference,
            description: fields["description"].flatMap { findings.text($0, "'description'") },
            inputs: fields["inputs"].map {
                ParameterReader(findings: findings, role: "input").inputs($0)
            } ?? [],
            outputs: fields["outputs"].map { OutputReader(findings: findings).declarations($0) }
                ?? [],
            entry: entry(fields, folder, root, findings), folder: folder, source: bytes)
        try findings.finish()
        return manifest
    }

    private static let keys = ["name", "description", "inputs", "outputs", "run"]

    private static func entry(
        _ fields: Fields, _ folder: String?, _ root: YAMLNode, _ findings: Findings
    ) -> Entry {
        guard folder != nil else {
            if let key = fields.key("run") { findings.add("a stage has no 'run'", at: key) }
            return .stage
        }
        guard let run = fields["run"] else {
            findings.add("'run' is missing: the program and its arguments", at: root)
            return .stage
        }
        guard let elements = run.sequence, !elements.isEmpty else {
            findings.add("'run' takes a list: the program and its arguments", at: run)
            return .stage
        }
        let words = elements.compactMap { findings.literalText($0, "an element of 'run'") }
        if words.first?.isEmpty == true { findings.add("a program has a name", at: elements[0]) }
        return .command(words.map(TemplateText.unescaped))
    }

    /// A mistake about the program that `run` names.
    func programMistake(_ message: String) -> DiagnosticList {
        let file = SourceFile(name: "\(folder ?? ".")/action.yaml", bytes: source)
        let document = try? YAMLDocument.read(source)
        let mark = document?.root?["run"]?.sequence?.first?.start
        return DiagnosticList([
            file.diagnostic(line: mark?.line ?? 1, column: mark?.column ?? 1, message)
        ])
    }
}

/// Reads the outputs that a node or an action declares.
struct OutputReader {
    let findings: Findings

    /// A list of names, which are text, or `{name: {type, description}}`.
    func declarations(_ node: YAMLNode) -> [OutputDeclaration] {
        if let elements = node.sequence {
            return elements.compactMap { element in
                guard let name = findings.literalText(element, "an output"), check(name, element)
                else { return nil }
                return OutputDeclaration(name: name, kind: .string, description: nil)
            }
        }
        guard let members = node.mapping else {
            findings.add(
                "'outputs' takes a list of names or a mapping such as {count: {type: integer}}, "
                    + "not \(node.described)", at: node)
            return []
        }
        return members.compactMap { key, value in
            let name = key.scalar?.text ?? ""
            guard check(name, key) else { return nil }
            if value.isNull {
                return OutputDeclaration(name: name, kind: .string, description: nil)
            }
            guard let members = findings.mapping(value, "the output '\(name)'") else { return nil }
            let fields = Fields(members, .init(known: ["type", "description"]), findings)
            return OutputDeclaration(
                name: name,
                kind: fields["type"].flatMap {
                    findings.choice($0, "'type'", Parameter.Kind.self)
                } ?? .string,
                description: fields["description"].flatMap { findings.text($0, "'description'") })
        }
    }

    private func check(_ name: String, _ node: YAMLNode) -> Bool {
        if ExpressionLexer.isName(name) { return true }
        findings.add(
            "\(VisibleText.quoted(name)) is no name of an output: letters, digits, '_' and '-', a "
                + "letter or '_' first", at: node)
        return false
    }
}
