package import FlowEngine
package import FlowJSON
internal import FlowSystem
internal import Synchronization

/// Results of earlier attempts, in `cache.db` of the state folder; the files they made are objects
/// beside those of runs.
///
/// All in it can be lost at any time: what is damaged, missing or cannot be used is a miss.
package final class ResultCacheStore: ResultCache {
    let tree: RepositoryTree
    let objects: ObjectFolder
    let index: Mutex<CacheIndex>

    /// Opens the cache of a state folder, or makes it. A damaged one begins anew; one that cannot be
    /// used, or that a newer flow has written, knows and keeps nothing.
    /// - Parameter workspace: the repository's root, absolute, links resolved.
    package init(_ state: StateFolder, workspace: String) {
        tree = RepositoryTree(root: workspace, state: state.path)
        objects = ObjectFolder(state)
        index = Mutex(CacheIndex(path: state.cacheDatabase))
    }

    deinit { index.withLock { $0.flush() } }

    package func flush() { index.withLock { $0.flush() } }

    // MARK: Looking

    package func recalled(_ subject: CacheSubject) -> CachedResult? {
        guard subject.actionFolder == nil else { return nil }
        return index.withLock { index -> CachedResult? in
            index.load(subject.workflow)
            guard let last = index.last(subject), let entry = last.entry else { return nil }
            var recipe = subject.recipe
            var before: String?
            for glob in subject.inputs {
                // In their order only, without doubles: as `RepositoryTree.files` sorts them.
                guard let path = RepositoryTree.literal(glob),
                    before.map({ $0.utf8.lexicographicallyPrecedes(path.utf8) }) ?? true,
                    let content = freshContent(path, index)
                else { return nil }
                recipe.add(file: path, of: "inputs", content.bytes)
                before = path
            }
            guard index.hash.digest(recipe.bytes) == last.key else { return nil }
            for file in entry.files {
                guard file.content.link == nil, freshContent(file.path, index) == file.content
                else { return nil }
            }
            index.used(subject)
            return entry.result
        }
    }

    /// The content of a plain file that has not been touched since it was read.
    private func freshContent(_ path: String, _ index: borrowing CacheIndex) -> FileContent? {
        guard let record = index.files[path], let status = FileStamp(tree.absolute(path)),
            record.stands(for: status)
        else { return nil }
        return FileContent(mode: status.mode, size: status.size, hash: record.hash, link: nil)
    }

    package func look(_ subject: CacheSubject) -> CacheAnswer {
        let recipe: CacheRecipe
        do throws(RepositoryTree.Refusal) {
            recipe = try self.recipe(subject)
        } catch {
            return .missed(reasons: [error.description], nil)
        }
        let (key, entry, then) = index.withLock { index in
            index.load(subject.workflow)
            let key = index.hash.digest(recipe.bytes)
            let entry = index.entry(key)
            return (key, entry, entry == nil ? index.lastFields(subject) : nil)
        }
        let ticket = CacheTicket(subject: subject, recipe: recipe, key: key)
        guard let entry else {
            let reasons = CacheFields.reasons(since: then) {
                index.withLock { CacheFields(recipe, $0.hash) }
            }
            return .missed(reasons: reasons, ticket)
        }
        do throws(RepositoryTree.Refusal) {
            try restore(entry.files)
        } catch {
            return .missed(reasons: ["outputs: \(error)"], ticket)
        }
        index.withLock { index in
            index.setLast(subject, key, entry, recipe)
            index.used(key)
            index.flushIfDue()
        }
        return .found(entry.result)
    }

    /// The recipe with the content of its files.
    /// - Parameter overlay: files that will be other than they are now.
    func recipe(_ subject: CacheSubject, over overlay: [String: FileContent] = [:])
        throws(RepositoryTree.Refusal) -> CacheRecipe
    {
        var recipe = subject.recipe
        if let folder = subject.actionFolder {
            try add("action", to: &recipe, overlay) { () throws(RepositoryTree.Refusal) in
                try tree.allFiles(in: folder, also: overlay.keys)
            }
        }
        try add("inputs", to: &recipe, overlay) { () throws(RepositoryTree.Refusal) in
            try tree.files(subject.inputs, also: overlay.keys)
        }
        return recipe
    }

    private func add(
        _ kind: String, to recipe: inout CacheRecipe, _ overlay: [String: FileContent],
        _ files: () throws(RepositoryTree.Refusal) -> [String]
    ) throws(RepositoryTree.Refusal) {
        do throws(RepositoryTree.Refusal) {
            for path in try files() {
                let content: FileContent
                if let later = overlay[path] {
                    content = later
                } else {
                    content = try self.content(path)
                }
                recipe.add(file: path, of: kind, content.bytes)
            }
        } catch {
            throw RepositoryTree.Refusal(path: "\(kind): \(error.path)", reason: error.reason)
        }
    }

    /// What a file is, read only where it has been touched.
    func content(_ path: String) throws(RepositoryTree.Refusal) -> FileContent {
        let (real, link) = try tree.resolved(path)
        if let status = FileStamp(tree.absolute(real)), status.kind == .file,
            let record = index.withLock({ $0.record(real) }), record.stands(for: status)
        {
            return FileContent(
                mode: status.mode, size: status.size, hash: record.hash, link: link)
        }
        let record = try tree.record(real)
        index.withLock { $0.setRecord(real, record) }
        return FileContent(
            mode: record.status.mode, size: record.status.size, hash: record.hash, link: link)
    }

    // MARK: Keeping

    package func keep(
        _ ticket: CacheTicket, outputs: [(name: String, value: JSON)], run: String,
        isSecret: ((UnsafeRawBufferPointer) -> Bool)?
    ) {
        if let isSecret, outputs.contains(where: { $0.value.isSecret(isSecret) }) { return }
        var files: [CacheEntry.File] = []
        do throws(RepositoryTree.Refusal) {
            let paths = try tree.files(ticket.subject.outputs)
            guard try isStill(ticket, but: Set(paths)) else { return }
            for path in paths {
                guard let file = try kept(path, isSecret) else { return }
                files.append(file)
            }
        } catch {
            return
        }
        let entry = CacheEntry(run: run, outputs: outputs, files: files)
        index.withLock { index in
            index.add(ticket.key, entry)
            index.setLast(ticket.subject, ticket.key, entry, ticket.recipe)
            index.flushIfDue()
        }
    }

    /// Whether the files that a command may have read are as they were before it started; those that
    /// it makes itself may differ.
    private func isStill(_ ticket: CacheTicket, but made: Set<String>)
        throws(RepositoryTree.Refusal) -> Bool
    {
        let now = try recipe(ticket.subject)
        if now == ticket.recipe { return true }
        let hash = index.withLock { $0.hash }
        let changes = CacheFields(now, hash).changes(since: CacheFields(ticket.recipe, hash))
        return changes.allSatisfy { change in
            made.contains { path in
                ["changed", "added", "removed"].contains { "inputs: \(path) (\($0))" == change }
            }
        }
    }

    /// Keeps a file's content among the objects.
    /// - Returns: nil where it may not be kept, or changes meanwhile.
    private func kept(_ path: String, _ isSecret: ((UnsafeRawBufferPointer) -> Bool)?)
        throws(RepositoryTree.Refusal) -> CacheEntry.File?
    {
        if let isSecret, Array(path.utf8).withUnsafeBytes(isSecret) { return nil }
        if let link = try tree.resolved(path).link {
            if let isSecret, Array(link.utf8).withUnsafeBytes(isSecret) { return nil }
            return CacheEntry.File(
                path: path, content: FileContent(mode: 0, size: 0, hash: [], link: link))
        }
        let content = try content(path)
        if let isSecret {
            guard let bytes = try? Files.read(tree.absolute(path), limit: Self.mostSearched),
                !bytes.withUnsafeBytes(isSecret)
            else { return nil }
        }
        guard
            objects.has(content.hash, size: content.size)
                || objects.put(tree.absolute(path), hash: content.hash)
        else { return nil }
        return CacheEntry.File(path: path, content: content)
    }

    /// A larger file of a command that knows a secret is not kept.
    private static let mostSearched = 256 << 20
}

extension JSON {
    /// Whether it is secret as text, or as JSON, whose strings may be escaped.
    fileprivate func isSecret(_ isSecret: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        if let text = stringValue, Array(text.utf8).withUnsafeBytes(isSecret) { return true }
        switch self {
        case .array(let elements): return elements.contains { $0.isSecret(isSecret) }
        case .object(let members):
            return members.values.contains { $0.isSecret(isSecret) }
                || members.keys.contains { Array($0.utf8).withUnsafeBytes(isSecret) }
        default: return bytes().withUnsafeBytes(isSecret)
        }
    }
}

extension StateFolder {
    package var cacheDatabase: String { Self.cacheDatabase(in: path) }

    /// The file, whether the folder is there or not.
    package static func cacheDatabase(in folder: String) -> String {
        Path.join(folder, "cache.db")
    }
}
