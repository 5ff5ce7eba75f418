internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// The repository's own settings: `flow.yaml` at its root, which may be missing.
package struct RepositorySettings: Sendable, Hashable {
    /// Who makes flow's commits.
    package struct Identity: Sendable, Hashable {
        package let name: String
        package let email: String
    }

    /// What a team knows to be a variable of its programs' messages.
    package struct Mask: Sendable, Hashable {
        /// Small letters, digits and `-`, at most 32 of them, a letter first.
        package let name: String
        /// A `LinearRegex` that matches no empty text.
        package let pattern: String

        package init(name: String, pattern: String) {
            self.name = name
            self.pattern = pattern
        }
    }

    /// Masks that a repository may have.
    package static let mostMasks = 32

    /// How what flow knows comes to the default branch.
    package enum Publication: String, Sendable, CaseIterable {
        case commit
        /// One rolling branch, for teams whose default branch is protected.
        case pullRequest = "pull-request"
    }

    /// Where the weights of models are kept.
    package enum ModelStore: String, Sendable, CaseIterable {
        /// In the work tree alone.
        case local
        /// Those that may be needed are committed too, so that every clone has them.
        case git
    }

    /// The file's name in the repository's root.
    package static let file = "flow.yaml"

    /// nil: found out from the repository.
    package var defaultBranch: String?
    /// nil: `origin`, or the only one.
    package var remote: String?
    /// nil: git's own.
    package var identity: Identity?
    /// Whose the skills are that flow drafts.
    package var owners: [String] = []
    /// Whose verdicts count; empty: everybody's.
    package var approvers: [String] = []
    package var publication = Publication.commit
    package var modelStore = ModelStore.local
    /// The folder of flow's state beneath the repository; nil: `.flow`.
    package var state: String?
    /// What is masked in messages beside what flow knows itself, each under another name.
    package var masks: [Mask] = []
    /// How a step of a procedure is done, by the name of its tool.
    package var tools: [String: Tool] = [:]
    /// Labels of pull requests that flow opens.
    package var labels: [String] = []
    /// Who is asked to review them.
    package var reviewers: [String] = []

    /// Nothing set, as without the file.
    package init() {}

    /// Reads the file.
    ///
    /// - Parameter file: the path for messages.
    /// - Throws: every mistake in it.
    package init(_ bytes: [UInt8], file: String = Self.file) throws(DiagnosticList) {
        let source = SourceFile(name: file, bytes: bytes)
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument.read(bytes)
        } catch {
            throw DiagnosticList([source.diagnostic(error)])
        }
        guard let root = document.root, !root.isNull else { return }
        let findings = Findings(source: source)
        SettingsReader(findings: findings).read(root, into: &self)
        try findings.finish()
    }
}

/// Reads `flow.yaml`.
private struct SettingsReader {
    let findings: Findings

    private static let keys = Fields.Keys(
        known: [
            "default-branch", "remote", "identity", "owners", "approvers", "publish", "state",
            "masks", "tools", "models", "github",
        ],
        foreign: [
            "branch": "default-branch", "labels": "github: {labels}", "mask": "masks",
            "store": "models: {store}",
        ])

    func read(_ root: YAMLNode, into settings: inout RepositorySettings) {
        guard let members = findings.mapping(root, "flow.yaml") else { return }
        let fields = Fields(members, Self.keys, findings)
        settings.defaultBranch = text(fields, "default-branch")
        settings.remote = text(fields, "remote")
        settings.identity = given(fields, "identity").flatMap(identity)
        settings.owners = names(fields, "owners")
        settings.approvers = names(fields, "approvers")
        let publication = given(fields, "publish").flatMap {
            findings.choice($0, "'publish'", RepositorySettings.Publication.self)
        }
        settings.publication = publication ?? .commit
        settings.state = given(fields, "state").flatMap(state)
        settings.masks = given(fields, "masks").map(masks) ?? []
        settings.tools = given(fields, "tools").map(ToolReader(findings: findings).tools) ?? [:]
        settings.modelStore = given(fields, "models").flatMap(modelStore) ?? .local
        guard let node = given(fields, "github"), let members = findings.mapping(node, "'github'")
        else { return }
        let github = Fields(members, .init(known: ["labels", "reviewers"]), findings)
        settings.labels = names(github, "labels")
        settings.reviewers = names(github, "reviewers")
    }

    /// A key with nothing after it is as good as none.
    private func given(_ fields: Fields, _ name: String) -> YAMLNode? {
        fields[name].flatMap { $0.isNull ? nil : $0 }
    }

    private func text(_ fields: Fields, _ name: String) -> String? {
        given(fields, name).flatMap { text($0, "'\(name)'") }
    }

    private func text(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = findings.text(node, what) else { return nil }
        if text.isEmpty { findings.add("\(what) is empty", at: node) }
        return text.isEmpty ? nil : text
    }

    private func identity(_ node: YAMLNode) -> RepositorySettings.Identity? {
        guard let members = findings.mapping(node, "'identity'") else { return nil }
        let fields = Fields(members, .init(known: ["name", "email"]), findings)
        let name = text(fields, "name")
        let email = text(fields, "email")
        for key in ["name", "email"] where given(fields, key) == nil {
            findings.add("'identity' needs a name and an email; '\(key)' is missing", at: node)
        }
        guard let name, let email else { return nil }
        return .init(name: name, email: email)
    }

    private func modelStore(_ node: YAMLNode) -> RepositorySettings.ModelStore? {
        guard let members = findings.mapping(node, "'models'") else { return nil }
        return given(Fields(members, .init(known: ["store"]), findings), "store").flatMap {
            findings.choice($0, "'store'", RepositorySettings.ModelStore.self)
        }
    }

    private func names(_ fields: Fields, _ name: String) -> [String] {
        given(fields, name).map { findings.names($0, "'\(name)'").map(\.text) } ?? []
    }

    private func state(_ node: YAMLNode) -> String? {
        guard let path = text(node, "'state'") else { return nil }
        if path.hasPrefix("/") || LexicalPath.climbsOut(path) {
            findings.add(
                "\(VisibleText.quoted(path)) leads outside the repository; a folder elsewhere is "
                    + "named by the environment variable FLOW_STATE", at: node)
        }
        return path
    }

    private func masks(_ node: YAMLNode) -> [RepositorySettings.Mask] {
        guard let elements = node.sequence else {
            findings.add(
                "'masks' takes a list of masks, each with a name and a pattern, not "
                    + node.described, at: node)
            return []
        }
        if elements.count > RepositorySettings.mostMasks {
            findings.add(
                "there are \(elements.count) masks, more than \(RepositorySettings.mostMasks); join "
                    + "some into one pattern with '|'",
                at: elements[RepositorySettings.mostMasks])
        }
        var names: Set<String> = []
        return elements.compactMap { element in
            guard let mask = mask(element) else { return nil }
            if !names.insert(mask.name).inserted {
                findings.add(
                    "the mask \(VisibleText.quoted(mask.name)) is there twice", at: element)
            }
            return mask
        }
    }

    private func mask(_ node: YAMLNode) -> RepositorySettings.Mask? {
        if node.sequence == nil, node.mapping == nil {
            findings.add(
                "a mask is written {name: order, pattern: 'ORD-[A-Z]+'}, not \(node.described)",
                at: node)
            return nil
        }
        guard let members = findings.mapping(node, "a mask") else { return nil }
        let fields = Fields(
            members,
            .init(known: ["name", "pattern"], foreign: ["regex": "pattern", "regexp": "pattern"]),
            findings)
        for key in ["name", "pattern"] where given(fields, key) == nil {
            findings.add("a mask needs a name and a pattern; '\(key)' is missing", at: node)
        }
        let name = given(fields, "name").flatMap(maskName)
        let pattern = given(fields, "pattern").flatMap(maskPattern)
        guard let name, let pattern else { return nil }
        return .init(name: name, pattern: pattern)
    }

    private func maskName(_ node: YAMLNode) -> String? {
        guard let name = text(node, "a mask's 'name'") else { return nil }
        let isName = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        let isFirstLetter = name.utf8.first.map { (0x61...0x7A).contains($0) } ?? false
        guard isName, isFirstLetter, name.utf8.count <= 32 else {
            findings.add(
                "\(VisibleText.quoted(name)) is no name of a mask: small letters, digits and '-', a "
                    + "letter first, 32 at most", at: node)
            return nil
        }
        return name
    }

    private func maskPattern(_ node: YAMLNode) -> String? {
        guard let pattern = text(node, "a mask's 'pattern'") else { return nil }
        do throws(RegexError) {
            if try LinearRegex(pattern).mayBeEmpty {
                findings.add(
                    "the pattern may match no text at all, which is everywhere; ask for one character "
                        + "at least, such as with '+' in place of '*'", at: node)
            }
        } catch {
            findings.add("the pattern cannot be used: \(error)", at: node)
        }
        return pattern
    }
}
