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

    /// How what flow knows comes to the default branch.
    package enum Publication: String, Sendable, CaseIterable {
        case commit
        /// One rolling branch, for teams whose default branch is protected.
        case pullRequest = "pull-request"
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
    /// The folder of flow's state beneath the repository; nil: `.flow`.
    package var state: String?
    /// Patterns (`LinearRegex`) of what is masked in examples, beside what flow knows itself.
    package var masks: [String] = []
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
            "masks", "github",
        ],
        foreign: ["branch": "default-branch", "labels": "github: {labels}", "mask": "masks"])

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

    private func masks(_ node: YAMLNode) -> [String] {
        guard let elements = node.sequence else {
            findings.add(
                "'masks' takes a list of regular expressions, not \(node.described)", at: node)
            return []
        }
        return elements.compactMap { element in
            guard let pattern = text(element, "an element of 'masks'") else { return nil }
            do throws(RegexError) {
                _ = try LinearRegex(pattern)
            } catch {
                findings.add("the pattern cannot be used: \(error)", at: element)
            }
            return pattern
        }
    }
}
