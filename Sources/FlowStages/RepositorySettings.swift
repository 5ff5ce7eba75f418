internal import FlowGit
internal import FlowJSON
internal import FlowSystem
internal import FlowYAML
internal import FlowText

/// The repository's own settings: `flow.yaml` at its root, which may be missing.
struct RepositorySettings {
    let defaultBranch: String?
    let remote: String?
    let identity: Signature?

    private static let known = ["default-branch", "remote", "identity"]

    /// - Throws: `StageError` for a file that is not YAML, and for a key or value that does not fit.
    init(_ workspace: String) throws {
        let path = Path.join(workspace, "flow.yaml")
        guard Files.exists(path) else {
            (defaultBranch, remote, identity) = (nil, nil, nil)
            return
        }
        let settings: JSON
        do {
            settings = try YAMLDocument.read(try Files.read(path, limit: 1 << 20)).json
        } catch let error as YAMLError {
            throw StageError("flow.yaml: \(error)")
        }
        let object = settings.objectValue ?? [:]
        if let unknown = object.keys.first(where: { !Self.known.contains($0) }) {
            throw StageError(
                "flow.yaml: there is no setting '\(VisibleText.safe(unknown))'; "
                    + "there are \(Self.known.joined(separator: ", "))")
        }
        defaultBranch = try Self.text(object["default-branch"], "default-branch")
        remote = try Self.text(object["remote"], "remote")
        identity = try Self.identity(object["identity"])
    }

    private static func text(_ value: JSON?, _ key: String) throws -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.stringValue, !text.isEmpty else {
            throw StageError("flow.yaml: '\(key)' is a text, not \(value.text())")
        }
        return text
    }

    private static func identity(_ value: JSON?) throws -> Signature? {
        guard let value, !value.isNull else { return nil }
        guard let name = value["name"]?.stringValue, let email = value["email"]?.stringValue else {
            throw StageError("flow.yaml: 'identity' needs a name and an email")
        }
        return Signature(name: name, email: email)
    }
}

/// A repository with its settings.
struct SettledRepository {
    let repository: Repository
    let settings: RepositorySettings

    /// Opens the repository and finishes what a crashed publication left half done.
    init(_ workspace: String) throws {
        settings = try RepositorySettings(workspace)
        repository = try Repository.open(at: workspace)
        try repository.recover()
    }

    /// The name of the remote to use: the wanted one, that of `flow.yaml`, `origin`, or the only one;
    /// nil where there is none.
    func remote(_ wanted: String = "") throws -> String? {
        let names = try repository.remotes().map(\.name)
        let named = wanted.isEmpty ? settings.remote ?? "" : wanted
        if named.isEmpty {
            return names.contains("origin") ? "origin" : names.count == 1 ? names.first : nil
        }
        guard names.contains(named) else { throw StageError("there is no remote '\(named)'") }
        return named
    }

    func defaultBranch() throws -> String {
        try repository.defaultBranch(
            configured: settings.defaultBranch, remote: try remote() ?? "origin",
            ignoring: ProposalDesk.prefix)
    }
}
