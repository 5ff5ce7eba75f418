internal import CGit2
internal import FlowSystem

/// A repository elsewhere that this one knows by name.
package struct Remote: Sendable, Hashable {
    package let name: String
    package let url: String

    package init(name: String, url: String) {
        self.name = name
        self.url = url
    }

    /// The path, of a remote on this machine; nil for one behind a network.
    package var path: String? {
        if url.hasPrefix("file://") { return String(url.dropFirst(7)) }
        if url.hasPrefix("/") || url.hasPrefix("./") || url.hasPrefix("../") { return url }
        // `host:path` is ssh, `scheme://` is the network; a drive letter does not exist here.
        return url.contains(":") ? nil : url
    }
}

/// How far a fetch or a clone has come.
package struct TransferProgress: Sendable, Hashable {
    package let received: Int
    package let total: Int
    package let bytes: Int
}

/// What a remote said of one reference that was pushed.
package struct PushedReference: Sendable, Hashable {
    /// In full: `refs/heads/main`.
    package let name: String
    /// Why the remote did not take it; nil where it did.
    package let rejected: String?

    package init(name: String, rejected: String?) {
        self.name = name
        self.rejected = rejected
    }
}

extension Repository {
    /// The remotes, sorted by name.
    package func remotes() throws(GitError) -> [Remote] {
        var names = git_strarray()
        try check(git_remote_list(&names, pointer), "list the remotes")
        defer { git_strarray_dispose(&names) }
        var result: [Remote] = []
        for name in names.texts.sorted() {
            let raw = try remoteObject(name)
            let url = git_remote_url(raw.pointer).map { String(cString: $0) } ?? ""
            result.append(Remote(name: name, url: url))
        }
        return result
    }

    private func remoteObject(_ name: String) throws(GitError) -> Owned {
        try Owned(git_remote_free, "find the remote \(name)") { [pointer] in
            git_remote_lookup($0, pointer, name)
        }
    }

    /// Fetches what the remote's own refspecs say; remote-tracking branches that it no longer has
    /// go away, so that a deleted proposal is seen.
    /// - Parameter name: nil fetches from all remotes, by name.
    package func fetch(
        _ name: String? = nil, progress: ((TransferProgress) -> Void)? = nil
    ) throws(GitError) {
        let all = try remotes()
        for remote in all where name == nil || remote.name == name {
            let doing = "fetch from \(remote.name) (\(VisibleText.safe(remote.url)))"
            let raw = try remoteObject(remote.name)
            var options = git_fetch_options()
            try check(
                git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), doing)
            options.prune = GIT_FETCH_PRUNE
            let watcher = TransferWatcher(progress)
            let result = watcher.lend(to: options.callbacks) { callbacks in
                options.callbacks = callbacks
                return git_remote_fetch(raw.pointer, nil, &options, "flow: fetch")
            }
            try check(result, doing)
        }
        if let name, !all.contains(where: { $0.name == name }) {
            throw GitError(
                .notFound, "there is no remote \(name); 'git remote add \(name) URL' makes it")
        }
    }

    /// Pushes refspecs (`refs/heads/a`, `refs/heads/a:refs/heads/b`, `:refs/heads/gone`; a leading
    /// `+` forces) and gives what the remote said of each.
    /// - Throws: `rejected` where the remote has commits that this repository has not: fetch first;
    ///   `unsupported` for a remote with a work tree, to which libgit2 cannot push by path.
    package func push(_ refspecs: [String], to name: String) throws(GitError) -> [PushedReference] {
        let raw = try remoteObject(name)
        let url = git_remote_pushurl(raw.pointer) ?? git_remote_url(raw.pointer)
        let remote = Remote(name: name, url: url.map { String(cString: $0) } ?? "")
        let doing = "push to \(name) (\(VisibleText.safe(remote.url)))"
        try Self.refuseWorkTree(remote, below: workTree ?? gitFolder, doing)
        var options = git_push_options()
        try check(git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION)), doing)
        let watcher = PushWatcher()
        let result = watcher.lend(to: options.callbacks) { callbacks in
            options.callbacks = callbacks
            return withStringArray(refspecs) { git_remote_push(raw.pointer, $0, &options) }
        }
        if result == GIT_ENONFASTFORWARD.rawValue {
            throw GitError(
                .rejected, doing: doing,
                "it has commits that this repository has not; fetch, then push again")
        }
        try check(result, doing)
        return watcher.references
    }

    private static func refuseWorkTree(_ remote: Remote, below base: String, _ doing: String)
        throws(GitError)
    {
        guard let path = remote.path else { return }
        let there = try open(at: Path.join(base, path))
        guard there.isBare else {
            throw GitError(
                .unsupported, doing: doing,
                "it has a work tree; push to a bare repository ('git init --bare'), or fetch from "
                    + "over there")
        }
    }

    /// Clones a repository.
    /// - Parameter branch: The one to check out; nil takes the one that the other side is on.
    package static func clone(
        _ url: String, to path: String, bare: Bool = false, branch: String? = nil,
        progress: ((TransferProgress) -> Void)? = nil
    ) throws(GitError) -> Repository {
        guard Library.started else { throw notStarted }
        let doing = "clone \(VisibleText.safe(url)) to \(VisibleText.safe(path))"
        var options = git_clone_options()
        try check(git_clone_options_init(&options, UInt32(GIT_CLONE_OPTIONS_VERSION)), doing)
        options.bare = bare ? 1 : 0
        let name = branch?.utf8CString.map { $0 }
        var made: OpaquePointer?
        let watcher = TransferWatcher(progress)
        let result = watcher.lend(to: options.fetch_opts.callbacks) { callbacks in
            options.fetch_opts.callbacks = callbacks
            guard let name else { return git_clone(&made, url, path, &options) }
            return name.withUnsafeBufferPointer {
                options.checkout_branch = $0.baseAddress
                return git_clone(&made, url, path, &options)
            }
        }
        try check(result, doing)
        guard let made else { throw GitError(.other, doing: doing, "libgit2 gave nothing") }
        return taking(made)
    }
}
