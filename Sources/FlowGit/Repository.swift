internal import CGit2
internal import FlowSystem
internal import FlowText

/// One git repository, opened over libgit2.
///
/// It belongs to the thread that opened it (it is not `Sendable`); each thread opens its own, which
/// costs about a millisecond. Two of them, in one process or several, may write at once.
package final class Repository {
    let pointer: OpaquePointer
    /// A seam for tests: called between the steps of `publish`; what it throws stops the work there
    /// as a crash would, with nothing cleared away.
    package var atStep: ((PublishStep) throws(GitError) -> Void)?
    /// How long nothing may come from a remote before flow gives it up.
    package var patience = Repository.patience

    private init(taking pointer: OpaquePointer) { self.pointer = pointer }

    deinit { git_repository_free(pointer) }

    /// The repository that `path`, a file or a folder, lies in; its parents are looked through.
    /// - Throws: `notARepository`, or `owner` where it belongs to another user.
    package static func open(at path: String) throws(GitError) -> Repository {
        try open(path, flags: 0)
    }

    /// The repository that stands at `path` itself.
    static func open(exactlyAt path: String) throws(GitError) -> Repository {
        try open(path, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue)
    }

    private static func open(_ path: String, flags: UInt32) throws(GitError) -> Repository {
        guard Library.started else { throw notStarted }
        var made: OpaquePointer?
        let result = git_repository_open_ext(&made, path, flags, nil)
        if let made, result == 0 {
            let repository = Repository(taking: made)
            repository.completeFolders()
            return repository
        }
        let shown = VisibleText.safe(path)
        let error = GitError(libgit2: result, doing: "open the repository of \(shown)")
        switch error.code {
        // libgit2 1.5 gives this one where no safe directory is configured at all.
        case .notFound where error.message.contains("safe.directory"), .owner:
            throw GitError(
                .owner, doing: error.doing,
                "it belongs to another user; if you trust it, run "
                    + "'git config --global --add safe.directory FOLDER' with the folder that "
                    + "holds its .git (or the folder of a bare repository)")
        case .notFound:
            throw GitError(
                .notARepository,
                "not a git repository: \(shown) and the folders above it; "
                    + "run 'git init' or 'flow init' there")
        default: throw error
        }
    }

    /// Some copies leave out empty folders, and libgit2 fetches nothing into a repository without this
    /// one, which it looks for once; git makes it where it is missing. Call it before the first look
    /// at an object.
    private func completeFolders() {
        let packs = Path.join(commonFolder, "objects/pack")
        // Where nobody may write, nothing is fetched either.
        if !Files.exists(packs) { try? Files.makeFolder(packs) }
    }

    /// Makes a repository at `path`, the folders on the way too, with `branch` as the one to be born.
    /// - Throws: `exists` where one stands there already.
    package static func create(
        at path: String, branch: String = "main", bare: Bool = false
    ) throws(GitError) -> Repository {
        guard Library.started else { throw notStarted }
        let doing = "make a git repository at \(VisibleText.safe(path))"
        var options = git_repository_init_options()
        try check(
            git_repository_init_options_init(
                &options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)), doing)
        var flags = GIT_REPOSITORY_INIT_MKPATH.rawValue | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
        if bare { flags |= GIT_REPOSITORY_INIT_BARE.rawValue }
        options.flags = flags
        var made: OpaquePointer?
        let result = branch.withCString { head in
            options.initial_head = head
            return git_repository_init_ext(&made, path, &options)
        }
        try check(result, doing)
        guard let made else { throw GitError(.other, doing: doing, "libgit2 gave nothing") }
        return Repository(taking: made)
    }

    static func taking(_ pointer: OpaquePointer) -> Repository { Repository(taking: pointer) }

    static var notStarted: GitError { GitError(.other, doing: "start libgit2", "it did not start") }
}

extension Repository {
    /// The folder of the files, without a slash at its end; nil for a bare repository.
    package var workTree: String? {
        git_repository_workdir(pointer).map { Path.normal(String(cString: $0)) }
    }

    /// This work tree's own git folder: `.git`, or `.git/worktrees/NAME` of the main one.
    package var gitFolder: String { Path.normal(String(cString: git_repository_path(pointer))) }

    /// The git folder that all work trees of the repository share.
    package var commonFolder: String {
        Path.normal(String(cString: git_repository_commondir(pointer)))
    }

    package var isBare: Bool { git_repository_is_bare(pointer) == 1 }

    /// Whether history was cut off when the repository was cloned.
    package var isShallow: Bool { git_repository_is_shallow(pointer) == 1 }

    /// The value of a configuration key (`user.name`) from all of git's files; nil where it is not
    /// set or empty.
    package func configuration(_ key: String) throws(GitError) -> String? {
        let doing = "read the git configuration"
        let snapshot = try Owned(git_config_free, doing) { [pointer] in
            git_repository_config_snapshot($0, pointer)
        }
        var value: UnsafePointer<CChar>?
        let result = git_config_get_string(&value, snapshot.pointer, key)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "read \(key) in the git configuration")
        return value.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Every entry of git's configuration in its order, a key as often as it is set.
    ///
    /// libgit2's own searches of the configuration by pattern, `git_remote_list` among them, lose
    /// some 20 KB for each key that does not match (1.5.1, `git_regexp_match` with PCRE2).
    func configurationEntries() throws(GitError) -> [(name: String, value: String)] {
        try Self.configurationEntries(of: pointer)
    }

    /// - Parameter repository: nil reads the files that belong to no repository.
    static func configurationEntries(of repository: OpaquePointer?) throws(GitError)
        -> [(name: String, value: String)]
    {
        let doing = "read the git configuration"
        let snapshot = try Owned(git_config_free, doing) { made in
            guard repository == nil else {
                return git_repository_config_snapshot(made, repository)
            }
            return git_config_open_default(made)
        }
        let iterator = try Owned(git_config_iterator_free, doing) {
            git_config_iterator_new($0, snapshot.pointer)
        }
        var entries: [(name: String, value: String)] = []
        while true {
            var entry: UnsafeMutablePointer<git_config_entry>?
            let step = git_config_next(&entry, iterator.pointer)
            if step == GIT_ITEROVER.rawValue { return entries }
            try check(step, doing)
            guard let name = entry?.pointee.name, let value = entry?.pointee.value else { continue }
            entries.append((String(cString: name), String(cString: value)))
        }
    }

    /// Sets a value in the repository's own configuration; waits up to ten seconds for others that
    /// write there.
    package func configure(_ key: String, _ value: String) throws(GitError) {
        let doing = "set \(key) in the git configuration"
        let all = try Owned(git_config_free, doing) { [pointer] in
            git_repository_config($0, pointer)
        }
        let own = try Owned(git_config_free, doing) {
            git_config_open_level($0, all.pointer, GIT_CONFIG_LEVEL_LOCAL)
        }
        var wait = Waiting()
        while true {
            let result = git_config_set_string(own.pointer, key, value)
            if result == GIT_ELOCKED.rawValue, wait.again() { continue }
            try check(result, doing)
            return
        }
    }

    func isSet(_ key: String) throws(GitError) -> Bool {
        guard let text = try configuration(key) else { return false }
        var value: Int32 = 0
        try check(git_config_parse_bool(&value, text), "read \(key) in the git configuration")
        return value == 1
    }

    /// The given identity, else `user.name` and `user.email`.
    /// - Throws: `noIdentity`, which says what to set.
    package func identity(_ given: Signature? = nil) throws(GitError) -> Signature {
        if let given { return given }
        guard let name = try configuration("user.name"),
            let email = try configuration("user.email")
        else {
            throw GitError(
                .noIdentity,
                "git does not know who you are; run 'git config user.name NAME' and "
                    + "'git config user.email ADDRESS', or set identity in flow.yaml")
        }
        return Signature(name: name, email: email)
    }

    /// The client hooks that stand in the repository and that flow does not run: their names.
    package func ignoredHooks() throws(GitError) -> [String] {
        try hooks([
            "pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-checkout",
            "pre-push", "reference-transaction", "post-index-change",
        ])
    }

    func hooks(_ names: [String]) throws(GitError) -> [String] {
        let folder: String
        if let set = try configuration("core.hooksPath") {
            folder = Path.join(workTree ?? gitFolder, set)
        } else {
            folder = Path.join(commonFolder, "hooks")
        }
        return names.filter { WorkTreeFile.isExecutable(Path.join(folder, $0)) }
    }

    /// - Throws: `signing` where commits must carry a signature.
    package func refuseSigning() throws(GitError) {
        if try isSet("commit.gpgsign") {
            throw GitError(
                .signing,
                "commit.gpgsign is true and flow cannot sign commits; to let flow commit unsigned "
                    + "here, run 'git config commit.gpgsign false' in this repository")
        }
    }

    /// Whether git leaves an untracked file alone, by `.gitignore` and what else says so.
    package func isIgnored(_ path: String) throws(GitError) -> Bool {
        var isIgnored: Int32 = 0
        try check(
            git_ignore_path_is_ignored(&isIgnored, pointer, path),
            "look whether \(VisibleText.safe(path)) is ignored")
        return isIgnored == 1
    }

    /// Whether the executable bit of files in the work tree means anything.
    func keepsModes() throws(GitError) -> Bool {
        try configuration("core.filemode") == nil ? true : isSet("core.filemode")
    }
}
