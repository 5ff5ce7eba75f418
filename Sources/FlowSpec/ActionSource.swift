internal import FlowText

/// Where the manifests of actions come from.
package protocol ActionSource: Sendable {
    /// The manifest of what `uses:` names: `skills/mine` or `./actions/notify`.
    func manifest(for reference: String) throws(ActionError) -> ActionManifest
    /// The file of a workflow that `uses:` names: `./workflows/other.yaml`.
    func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile
}

extension ActionSource {
    package func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile {
        throw ActionError("there is no workflow \(VisibleText.quoted(reference))")
    }
}

/// A workflow of the repository before it is read.
package struct WorkflowFile: Sendable {
    /// Relative to the repository, every symbolic link resolved.
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// An action that cannot be used.
package struct ActionError: Error, Sendable, CustomStringConvertible {
    /// A sentence about the reference; where `diagnostics` say it better, how many there are.
    package let message: String
    /// Mistakes in the action's own manifest.
    package let diagnostics: [Diagnostic]

    package init(_ message: String, diagnostics: [Diagnostic] = []) {
        self.message = message
        self.diagnostics = diagnostics
    }

    package var description: String { message }
}

/// The files of a repository, as the reader of actions needs them.
package protocol RepositoryFiles: Sendable {
    /// The absolute path with every symbolic link resolved; nil where nothing is.
    func realPath(_ path: String) -> String?
    /// The bytes of a file; nil where it cannot be read.
    func read(_ path: String) -> [UInt8]?
}

/// The stages that come with flow, and the actions that stand in the repository.
package struct ActionLibrary: ActionSource {
    private let stages: [String: ActionManifest]
    private let root: String
    private let files: any RepositoryFiles

    /// - Parameter root: the repository's absolute path.
    package init(stages: [ActionManifest], root: String, files: any RepositoryFiles) {
        self.stages = Dictionary(stages.map { ($0.reference, $0) }) { first, _ in first }
        self.root = files.realPath(root) ?? root
        self.files = files
    }

    package func manifest(for reference: String) throws(ActionError) -> ActionManifest {
        if let stage = stages[reference] { return stage }
        if reference.hasPrefix("./") || reference.hasPrefix("../") || reference.hasPrefix("/") {
            return try local(reference)
        }
        let quoted = VisibleText.quoted(reference)
        if reference.contains("@") {
            throw ActionError(
                "there is no action \(quoted): flow runs its own stages and folders of this "
                    + "repository, such as ./actions/notify, not actions of GitHub")
        }
        throw ActionError(
            "there is no action \(quoted)\(Nearest.hint(reference, among: stages.keys.sorted()))")
    }

    package func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile {
        let quoted = VisibleText.quoted(reference)
        let hasPlace = ["./", "../", "/"].contains { reference.hasPrefix($0) }
        guard hasPlace else {
            throw ActionError(
                "a workflow is named from the repository's root: "
                    + VisibleText.quoted("./" + reference))
        }
        let real = try inside(root + "/" + reference, reference, quoted, kind: "file")
        guard let bytes = files.read(real) else {
            throw ActionError("the workflow \(quoted) cannot be read")
        }
        return WorkflowFile(path: String(real.dropFirst(prefix.count)), bytes: bytes)
    }

    private func local(_ reference: String) throws(ActionError) -> ActionManifest {
        let quoted = VisibleText.quoted(reference)
        let folder = try inside(root + "/" + reference, reference, quoted)
        let manifest = "\(folder)/action.yaml"
        guard let real = files.realPath(manifest) else {
            throw ActionError("\(quoted) has no action.yaml")
        }
        guard isInside(real) else { throw ActionError("\(quoted) leads outside the repository") }
        guard let bytes = files.read(real) else {
            throw ActionError("the action.yaml of \(quoted) cannot be read")
        }
        let shown = String(real.dropFirst(prefix.count))
        do throws(DiagnosticList) {
            let action = try ActionManifest.read(
                bytes, reference: reference, file: shown,
                folder: folder == root ? "." : String(folder.dropFirst(prefix.count)))
            try checkProgram(action, folder)
            return action
        } catch {
            throw ActionError(
                "the action.yaml of \(quoted) has mistakes", diagnostics: error.diagnostics)
        }
    }

    /// The real path of something that must stand beneath the repository.
    private func inside(
        _ path: String, _ reference: String, _ quoted: String, kind: String = "folder"
    ) throws(ActionError) -> String {
        if reference.hasPrefix("/") || LexicalPath.climbsOut(reference) {
            throw ActionError("\(quoted) leads outside the repository")
        }
        guard let real = files.realPath(path) else {
            throw ActionError("there is no \(kind) \(quoted) in the repository")
        }
        guard isInside(real) else { throw ActionError("\(quoted) leads outside the repository") }
        return real
    }

    private func isInside(_ real: String) -> Bool { real == root || real.hasPrefix(prefix) }

    /// What every path beneath the repository begins with.
    private var prefix: String { root.hasSuffix("/") ? root : root + "/" }

    /// A program with a '/' stands in the action's folder, or elsewhere in the repository.
    private func checkProgram(_ action: ActionManifest, _ folder: String) throws(DiagnosticList) {
        guard case .command(let command) = action.entry, let program = command.first,
            program.utf8.contains(UInt8(ascii: "/"))
        else { return }
        let real = program.hasPrefix("/") ? nil : files.realPath(folder + "/" + program)
        let message: String
        switch real {
        case let real? where isInside(real): return
        case nil where !program.hasPrefix("/"): message = "there is no program"
        default: message = "leads outside the repository:"
        }
        throw action.programMistake("\(message) \(VisibleText.quoted(program))")
    }
}

/// Paths as text.
enum LexicalPath {
    /// Whether a relative path goes above where it starts.
    static func climbsOut(_ path: String) -> Bool {
        var depth = 0
        for part in path.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}
