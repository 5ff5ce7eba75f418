internal import CGit2
internal import FlowSystem
internal import FlowText

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
        let address = RemoteAddress(url)
        return address.kind == .path ? address.path : nil
    }

    /// The address for messages: safe for a terminal, without a name or token before its host.
    var shown: String { Self.shown(url) }

    static func shown(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://"),
            let end = url[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
        else { return VisibleText.safe(url) }
        return VisibleText.safe(url[..<scheme.upperBound] + url[url.index(after: end)...])
    }
}

/// How far a fetch, a clone or a push has come.
package struct TransferProgress: Sendable, Hashable {
    /// Objects that have come or gone.
    package let done: Int
    package let total: Int
    package let bytes: Int
}

extension Repository {
    /// The remotes, sorted by name, each at the address that libgit2 goes to: `url.BASE.insteadOf` is
    /// applied, and of several addresses the last counts.
    package func remotes() throws(GitError) -> [Remote] {
        var names = git_strarray()
        try check(git_remote_list(&names, pointer), "list the remotes")
        defer { git_strarray_dispose(&names) }
        var result: [Remote] = []
        for name in names.texts.sorted() {
            let raw = try remoteObject(name)
            let url = git_remote_url(raw.pointer).map { String(cString: $0) }
            result.append(Remote(name: name, url: url ?? ""))
        }
        return result
    }

    /// How long nothing may come from a remote.
    package static let patience = Duration.seconds(300)

    func transfer(
        with remote: Remote, _ doing: String, _ progress: ((TransferProgress) -> Void)?
    ) throws(GitError) -> Transfer {
        try Transfer(
            remote, doing: doing, patience: patience, entries: try configurationEntries(),
            progress: progress)
    }

    func remoteObject(_ name: String) throws(GitError) -> Owned {
        try Owned(git_remote_free, "find the remote \(name)") { [pointer] in
            git_remote_lookup($0, pointer, name)
        }
    }

    /// Fetches what the remote's own refspecs say; remote-tracking branches that it no longer has
    /// go away, so that a deleted proposal is seen.
    /// - Parameters:
    ///   - name: nil fetches from all remotes, by name.
    ///   - following: Branches that are fetched and pruned as well, whatever the refspecs say, as
    ///     in a clone of a single branch: names, or `proposal/*`.
    /// - Throws: `denied` (key or token), `untrusted` (host key, certificate, redirect),
    ///   `unreachable`; nothing has changed here then.
    package func fetch(
        _ name: String? = nil, following: [String] = [],
        progress: ((TransferProgress) -> Void)? = nil
    ) throws(GitError) {
        removeUnfinishedPacks()
        let all = try remotes()
        for remote in all where name == nil || remote.name == name {
            let doing = "fetch from \(remote.name) (\(remote.shown))"
            let raw = try remoteObject(remote.name)
            var options = git_fetch_options()
            try check(
                git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), doing)
            options.prune = GIT_FETCH_PRUNE
            var refspecs = git_strarray()
            try check(git_remote_get_fetch_refspecs(&refspecs, raw.pointer), doing)
            defer { git_strarray_dispose(&refspecs) }
            let all =
                refspecs.texts
                + following.map { "+refs/heads/\($0):refs/remotes/\(remote.name)/\($0)" }
            let transfer = try transfer(with: remote, doing, progress)
            options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
            do throws(GitError) {
                try transfer.run { callbacks in
                    options.callbacks = callbacks
                    return withCopies(transfer.headers) { headers in
                        options.custom_headers = headers.pointee
                        return withCopies(all) {
                            git_remote_fetch(raw.pointer, $0, &options, "flow: fetch")
                        }
                    }
                }
            } catch {
                // The server sent differences to what it believes to be here.
                guard error.message.contains("missing delta bases") else { throw error }
                throw try lacking(error)
            }
        }
        if let name, !all.contains(where: { $0.name == name }) {
            throw GitError(
                .notFound, "there is no remote \(name); 'git remote add \(name) URL' makes it")
        }
    }

    /// Clones a repository.
    /// - Parameter branch: The one to check out; nil takes the one that the other side is on.
    package static func clone(
        _ url: String, to path: String, bare: Bool = false, branch: String? = nil,
        progress: ((TransferProgress) -> Void)? = nil
    ) throws(GitError) -> Repository {
        guard Library.started else { throw notStarted }
        let doing = "clone \(Remote.shown(url)) to \(VisibleText.safe(path))"
        var options = git_clone_options()
        try check(git_clone_options_init(&options, UInt32(GIT_CLONE_OPTIONS_VERSION)), doing)
        options.bare = bare ? 1 : 0
        let name = branch?.utf8CString.map { $0 }
        var made: OpaquePointer?
        let transfer = try Transfer(
            Remote(name: "origin", url: url), doing: doing, patience: Self.patience,
            entries: try configurationEntries(of: nil), progress: progress)
        options.fetch_opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        try transfer.run { callbacks in
            options.fetch_opts.callbacks = callbacks
            return withCopies(transfer.headers) { headers in
                options.fetch_opts.custom_headers = headers.pointee
                guard let name else { return git_clone(&made, url, path, &options) }
                return name.withUnsafeBufferPointer {
                    options.checkout_branch = $0.baseAddress
                    return git_clone(&made, url, path, &options)
                }
            }
        }
        guard let made else { throw GitError(.other, doing: doing, "libgit2 gave nothing") }
        return taking(made)
    }
}
