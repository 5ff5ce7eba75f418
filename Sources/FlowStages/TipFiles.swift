internal import FlowGit
internal import FlowSystem

/// The files of a commit, with each folder read once, so that asking for each of many files walks no
/// tree again.
final class TipFiles {
    private let repository: Repository
    private let commit: ObjectID
    private var folders: [String: [String: ObjectID]] = [:]

    init(_ repository: Repository, _ commit: ObjectID) {
        self.repository = repository
        self.commit = commit
    }

    /// The files directly in a folder, by path.
    func files(in folder: String) throws -> [String: ObjectID] {
        if let known = folders[folder] { return known }
        let entries = try repository.list(folder == "." ? "" : folder, at: commit)
        let files = Dictionary(
            uniqueKeysWithValues: entries.filter(\.isFile).map { ($0.path, $0.id) })
        folders[folder] = files
        return files
    }

    /// nil where there is no file.
    func blob(_ path: String) throws -> ObjectID? { try files(in: Path.folder(path))[path] }
}
