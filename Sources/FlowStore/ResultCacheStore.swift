package import FlowEngine
package import FlowJSON
internal import FlowSystem

/// Results of earlier attempts, in `cache.db` of the state folder; the files they made are objects
/// beside those of runs.
///
/// All in it can be lost at any time: what is damaged, missing or cannot be used is a miss.
package final class ResultCacheStore: ResultCache {
    let tree: RepositoryTree
    let objects: ObjectFolder
    let index: PosixMutex<CacheIndex>
    private let isSecret: SecretTest?

    /// Says whether bytes must not be kept.
    package typealias SecretTest = @Sendable (UnsafeRawBufferPointer) -> Bool

    /// - Parameters:
    ///   - memory: what has been read of it; nil: nothing yet.
    ///   - workspace: the repository's root, absolute, links resolved.
    ///   - isSecret: asked of the names and the bytes of files and of values as text; nil: nothing is.
    package init(
        _ state: StateFolder, memory: CacheMemory? = nil, workspace: String,
        isSecret: SecretTest? = nil
    ) {
        self.isSecret = isSecret
        tree = RepositoryTree(root: workspace, state: state.path)
        objects = ObjectFolder(state)
        index = (memory ?? CacheMemory(state.cacheDatabase)).index
    }

    deinit { index.withLock { $0.flush() } }

    package func flush() { index.withLock { $0.flush() } }

    // MARK: Looking

    package func recall(
        _ count: Int, _ subject: @escaping @Sendable (Int) -> CacheSubject?,
        use: ([CachedResult?]) -> Void
    ) {
        guard let first = (0..<count).lazy.compactMap(subject).first else {
            return use(Array(repeating: nil, count: count))
        }
        let view = index.withLock { index in
            index.load(first.workflow)
            return index.view
        }
        Pipeline.run((count + Self.piece - 1) / Self.piece) { [self] number in
            let start = number * Self.piece
            return (start..<min(start + Self.piece, count)).map { place in
                subject(place).flatMap { subject in
                    recalled(subject, view).map { (subject, $0) }
                }
            }
        } use: { found in
            index.withLock { index in
                for case (let subject, _)? in found { index.used(subject) }
            }
            use(found.map { $0?.1 })
        }
    }

    /// Results that are looked for between two looks whether there is something to use: long enough
    /// not to feel the change of threads.
    private static let piece = 100

    private func recalled(_ subject: CacheSubject, _ view: CacheIndex.View) -> CachedResult? {
        guard subject.actionFolder == nil, let last = view.last(subject), let entry = last.entry
        else { return nil }
        var recipe = subject.recipe
        var before: String?
        for glob in subject.inputs {
            // In their order only, without doubles: as `RepositoryTree.files` sorts them.
            guard let path = RepositoryTree.literal(glob),
                before.map({ $0.utf8.lexicographicallyPrecedes(path.utf8) }) ?? true,
                let content = freshContent(path, view)
            else { return nil }
            recipe.add(file: path, of: "inputs", content.bytes)
            before = path
        }
        guard view.hash.digest(recipe.bytes) == last.key else { return nil }
        for file in entry.files {
            guard file.content.link == nil, freshContent(file.path, view) == file.content
            else { return nil }
        }
        return entry.result
    }

    /// The content of a plain file that has not been touched since it was read.
    private func freshContent(_ path: String, _ view: CacheIndex.View) -> FileContent? {
        guard let record = view.files[path], let status = FileStamp(tree.absolute(path)),
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
        if isSecret(name: path) || isSecret(name: real) {
            throw RepositoryTree.Refusal(path: "a file", reason: "its name holds a secret")
        }
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
        _ ticket: CacheTicket, outputs: [(name: String, value: JSON)], run: String
    ) {
        if let isSecret, outputs.contains(where: { $0.value.isSecret(isSecret) }) { return }
        var files: [CacheEntry.File] = []
        do throws(RepositoryTree.Refusal) {
            let paths = try tree.files(ticket.subject.outputs)
            guard try isStill(ticket, but: Set(paths)) else { return }
            for path in paths {
                guard let file = try kept(path) else { return }
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
    private func kept(_ path: String) throws(RepositoryTree.Refusal) -> CacheEntry.File? {
        if isSecret(name: path) { return nil }
        if let link = try tree.resolved(path).link {
            if isSecret(name: link) { return nil }
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

    private func isSecret(name: String) -> Bool {
        isSecret.map { Array(name.utf8).withUnsafeBytes($0) } ?? false
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
