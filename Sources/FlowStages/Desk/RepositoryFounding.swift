internal import FlowGit
internal import FlowSystem

/// Makes a folder a repository that flow can work in.
package enum RepositoryFounding {
    /// What was done, for people.
    package struct Report: Sendable {
        package let isNew: Bool
        package let branch: String
        /// The first commit; nil where the repository was there before.
        package let commit: String?
        /// Whether the repository was given an identity of its own, since git knows none.
        package let hasOwnIdentity: Bool
    }

    private static let ownIdentity = (name: "flow", email: "flow@localhost")

    /// Makes a repository with branch `main` and one commit of these files; in an existing one
    /// nothing is committed.
    /// - Parameter paths: files that are there, relative to the folder.
    package static func found(_ folder: String, committing paths: [String]) throws -> Report {
        // A repository further up is somebody else's: a folder in it becomes one of its own.
        if Files.exists(Path.join(folder, ".git")) {
            let branch = (try? SettledRepository(folder).defaultBranch()) ?? ""
            return Report(isNew: false, branch: branch, commit: nil, hasOwnIdentity: false)
        }
        let repository = try Repository.create(at: folder, branch: "main")
        let isNameless = (try? repository.identity()) == nil
        if isNameless {
            try repository.configure("user.name", ownIdentity.name)
            try repository.configure("user.email", ownIdentity.email)
        }
        var changes: [Change] = []
        for path in paths {
            let blob = try repository.writeBlob(try Files.read(Path.join(folder, path)))
            changes.append(try Change(path: path, blob: blob, base: nil))
        }
        let published = try repository.publishFirst(
            Publication(
                changes: changes, branch: "main",
                message: CommitMessage("Begin: workflows, skills, datasets"),
                time: SystemClock().now()))
        return Report(
            isNew: true, branch: "main", commit: published.commit?.hex, hasOwnIdentity: isNameless)
    }
}
