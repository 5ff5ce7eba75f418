package import FlowEngine
internal import FlowSystem

extension ResultCacheStore {
    package func foresee(_ subject: CacheSubject, after restored: [[UInt8]]) -> CacheForecast {
        let files = files(of: restored)
        if let link = files.first(where: { $0.content.link != nil }) {
            return .unknown("where the link \(link.path) leads once it is restored")
        }
        let overlay = Dictionary(files.map { ($0.path, $0.content) }) { $1 }
        let recipe: CacheRecipe
        do throws(RepositoryTree.Refusal) {
            recipe = try self.recipe(subject, over: overlay)
        } catch {
            return .missed([error.description])
        }
        let (key, entry, then) = index.withLock { index in
            index.load(subject.workflow)
            let key = index.hash.digest(recipe.bytes)
            let entry = index.entry(key)
            return (key, entry, entry == nil ? index.lastFields(subject) : nil)
        }
        guard let entry else {
            return .missed(
                CacheFields.reasons(since: then) { index.withLock { CacheFields(recipe, $0.hash) } }
            )
        }
        do throws(RepositoryTree.Refusal) {
            var changes = false
            for file in entry.files where try !stands(file, over: overlay) { changes = true }
            return .found(entry.result, restores: changes ? key : nil)
        } catch {
            return .missed(["outputs: \(error)"])
        }
    }

    /// The files that results put in their places; of one file the last counts.
    private func files(of keys: [[UInt8]]) -> [CacheEntry.File] {
        keys.flatMap { key in
            index.withLock { $0.entry(key)?.files } ?? []
        }
    }

    /// Whether a file is as it was kept.
    /// - Throws: where it is not, and could not be restored.
    private func stands(_ file: CacheEntry.File, over overlay: [String: FileContent])
        throws(RepositoryTree.Refusal) -> Bool
    {
        if let content = overlay[file.path], file.content.link == nil {
            guard content.hash != file.content.hash else { return content == file.content }
        } else {
            switch difference(file) {
            case .none: return true
            case .mode: return false
            case .content: break
            }
        }
        try refuseRestoring(file)
        return false
    }
}
