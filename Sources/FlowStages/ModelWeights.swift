internal import FlowGit
internal import FlowLearning
internal import FlowSystem
internal import FlowText
internal import Glibc

/// The weights of models: in `models/<hash>/` of the work tree, where everything reads them, and with
/// `models: {store: git}` those that may be needed in commits as well.
extension RepositoryView {
    /// Makes commits hold the weights of the model in service and of the one to go back to, and no
    /// others, where the settings ask for that.
    /// - Parameter workspace: has the weights, or gets them from the past; what is nowhere is left out.
    /// - Throws: where a file cannot be read.
    mutating func keepWeights(_ registry: ModelRegistry, of workspace: String) throws {
        guard keepsWeights, let current = registry.current else { return }
        let kept = [current.hash] + registry.earlier.prefix(1).map(\.hash)
        try bringWeights(of: kept, to: workspace)
        for path in try allFiles(in: ModelPlace.folder).keys.sorted() {
            let parts = path.split(separator: "/")
            guard parts.count > 2, ModelFolder.isHash(String(parts[1])) else { continue }
            if !kept.contains(String(parts[1])) { try remove(path) }
        }
        for hash in kept {
            let folder = Path.join(ModelPlace.folder, hash)
            let place = Path.join(workspace, folder)
            // A model never changes: what commits hold is right, whatever became of the work tree's.
            guard Files.exists(place), try allFiles(in: folder).isEmpty,
                ModelFolder.isWhole(hash, below: Path.join(workspace, ModelPlace.folder))
            else { continue }
            for name in try ModelFolder.files(of: place) {
                try write(Path.join(folder, name), try Files.read(Path.join(place, name)))
            }
        }
    }

    /// Brings weights that are not in the work tree from commits, where these hold them: those of now,
    /// else the newest of the past that do.
    ///
    /// Costs a look at each commit where weights are in none.
    /// - Throws: where they cannot be read or written.
    func bringWeights(of hashes: [String], to workspace: String) throws {
        let models = Path.join(workspace, ModelPlace.folder)
        var missing = hashes.filter {
            keepsWeights && ModelFolder.isHash($0) && !Files.exists(Path.join(models, $0))
        }
        missing = try missing.filter { hash in
            let folder = Path.join(ModelPlace.folder, hash)
            return try !bring(hash, try allFiles(in: folder), to: models)
        }
        if missing.isEmpty || repository.isShallow { return }
        for commit in try repository.history(from: tip, firstParents: true) {
            missing = try missing.filter { hash in
                let folder = Path.join(ModelPlace.folder, hash)
                guard try repository.entry(folder, at: commit.id) != nil else { return true }
                let entries = try repository.list(folder, at: commit.id, recursive: true)
                let files = entries.filter(\.isFile).map { ($0.path, $0.id) }
                return try !bring(hash, Dictionary(uniqueKeysWithValues: files), to: models)
            }
            if missing.isEmpty { return }
        }
    }

    /// Whether there was something to bring.
    private func bring(_ hash: String, _ files: [String: ObjectID], to models: String) throws
        -> Bool
    {
        if files.isEmpty { return false }
        let folder = Path.join(ModelPlace.folder, hash)
        let temporary = Path.join(models, ".\(hash).git.\(getpid())")
        defer { try? Files.remove(temporary) }
        for (path, blob) in files {
            let name = String(path.dropFirst(folder.count + 1))
            try Files.write(try repository.blob(blob), to: Path.join(temporary, name))
        }
        try ModelFolder.adopt(temporary, as: hash, below: models)
        return true
    }
}
