internal import FlowSystem

extension ResultCacheStore {
    /// Sees to it that files are as they were kept. All are at hand before the first is put in its
    /// place; what is right already is not touched.
    /// - Throws: where one is missing or damaged, or cannot be put in its place.
    func restore(_ files: [CacheEntry.File]) throws(RepositoryTree.Refusal) {
        var copies: [(copy: String, path: String)] = []
        defer { for (copy, _) in copies { try? Files.remove(copy) } }
        var modes: [(path: String, mode: UInt32)] = []
        for file in files {
            switch difference(file) {
            case .none: break
            case .mode: modes.append((file.path, file.content.mode))
            case .content: copies.append((try copy(of: file), file.path))
            }
        }
        for (path, mode) in modes {
            try naming(path) { () throws(SystemError) in
                try Files.setMode(tree.absolute(path), mode)
            }
        }
        for (copy, path) in copies {
            try tree.makeFolder(of: path)
            try naming(path) { () throws(SystemError) in
                try objects.place(copy, at: tree.absolute(path))
            }
        }
    }

    enum Difference { case none, mode, content }

    func difference(_ file: CacheEntry.File) -> Difference {
        let path = tree.absolute(file.path)
        if let link = file.content.link {
            return Files.target(ofLink: path) == link ? .none : .content
        }
        guard Files.kind(path) == .file, let now = try? content(file.path),
            now.hash == file.content.hash
        else { return .content }
        return now.mode == file.content.mode ? .none : .mode
    }

    private func copy(of file: CacheEntry.File) throws(RepositoryTree.Refusal) -> String {
        if let link = file.content.link {
            try refuseOutside(link, at: file.path)
            return try naming(file.path) { () throws(SystemError) in try objects.link(to: link) }
        }
        let copy = try naming(file.path) { () throws(SystemError) in
            try objects.copy(of: file.content.hash, mode: file.content.mode)
        }
        guard let copy else { throw damaged(file) }
        return copy
    }

    private func refuseOutside(_ link: String, at path: String) throws(RepositoryTree.Refusal) {
        let target = Path.normal(Path.join(Path.folder(tree.absolute(path)), link))
        guard Path.isWithin(target, tree.root) else {
            throw RepositoryTree.Refusal(path: path, reason: "leads out of the repository")
        }
    }

    private func damaged(_ file: CacheEntry.File) -> RepositoryTree.Refusal {
        RepositoryTree.Refusal(path: file.path, reason: "its kept content is missing or damaged")
    }

    /// Finds what would keep a file from being restored, as far as that can be known without trying.
    func refuseRestoring(_ file: CacheEntry.File) throws(RepositoryTree.Refusal) {
        if let link = file.content.link {
            try refuseOutside(link, at: file.path)
        } else if !objects.isWhole(file.content.hash) {
            throw damaged(file)
        }
        _ = try tree.folderToMake(of: file.path)
    }

    private func naming<Result>(_ path: String, _ body: () throws(SystemError) -> Result)
        throws(RepositoryTree.Refusal) -> Result
    {
        do throws(SystemError) {
            return try body()
        } catch {
            throw RepositoryTree.Refusal(
                path: path, reason: "cannot be restored: \(error.message)")
        }
    }
}
