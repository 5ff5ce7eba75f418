internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// The default branch as a stage sees it: its tip, with what waits on `flow/sync` over it and the changes
/// of earlier stages over both, which are not committed yet. Writing makes a change; nothing touches
/// branch or work tree.
struct RepositoryView {
    let repository: Repository
    /// Who commits, where `flow.yaml` says it.
    let signature: Signature?
    /// The default branch.
    let branch: String
    let tip: ObjectID
    /// The remote to use; nil where there is none.
    let remote: String?
    /// Whether commits bring the weights of models too.
    let keepsWeights: Bool
    /// What waits to come to the default branch.
    private let waiting: SyncBranch.Waiting
    private let tipFiles: TipFiles
    private var changes: [String: Change] = [:]

    /// - Throws: `GitError` where there is no repository, no default branch or no commit.
    init(_ workspace: String) throws { try self.init(SettledRepository(workspace)) }

    /// What a stage works on: the changes that it is given, and in `skills/aliases.yaml` the groups
    /// that the run's mining found under another name, so that each stage follows them and the commit
    /// has them.
    init(_ context: StageContext) throws {
        try self.init(context, SettledRepository(context.workspace))
    }

    init(_ context: StageContext, _ settled: SettledRepository) throws {
        try self.init(settled, changes: context.array("changes"))
        let found = try MemoryStore(context.state).renamed(by: context.run)
        let old = try bytes(Aliases.path) ?? []
        let new = try Aliases.adding(found.map { AliasPair(old: $0.old, new: $0.new) }, to: old)
        if new != old { try write(Aliases.path, new) }
    }

    /// - Parameter changes: as an earlier stage handed them over.
    init(_ settled: SettledRepository, changes: [JSON] = []) throws {
        repository = settled.repository
        signature = settled.signature
        branch = try settled.defaultBranch()
        remote = try settled.remote()
        keepsWeights = settled.keepsWeights
        tip = try repository.requiredTip(of: branch)
        tipFiles = TipFiles(repository, tip)
        waiting = try settled.isRolling ? SyncBranch(settled).waiting() : .init()
        for json in changes {
            let change = try Change(json: json)
            self.changes[change.path] = change
        }
    }

    /// The bytes of a file; nil where there is none.
    func bytes(_ path: String) throws -> [UInt8]? {
        let blob = try changes[path].map(\.blob) ?? waiting.blob(path) ?? tipFiles.blob(path)
        return try blob.map { try repository.blob($0) }
    }

    /// The files directly in a folder, by path.
    func files(in folder: String) throws -> [SkillFile] {
        try paths(in: folder).compactMap { path in
            try bytes(path).map { SkillFile(path: path, bytes: $0) }
        }
    }

    /// The files in a folder and in those below it, by path.
    func allFiles(in folder: String) throws -> [String: ObjectID] {
        let entries = try repository.list(folder, at: tip, recursive: true).filter(\.isFile)
        var files = Dictionary(uniqueKeysWithValues: entries.map { ($0.path, $0.id) })
        for change in Array(waiting.changes.values) + changes.values
        where change.path.hasPrefix(folder + "/") {
            files[change.path] = change.blob
        }
        return files
    }

    /// The paths of the files directly in a folder, sorted.
    private func paths(in folder: String) throws -> [String] {
        var paths = Set(try tipFiles.files(in: folder).keys)
        for change in Array(waiting.changes.values) + changes.values
        where Path.folder(change.path) == folder {
            if change.blob == nil { paths.remove(change.path) } else { paths.insert(change.path) }
        }
        return paths.sorted()
    }

    /// Gives a file new content.
    mutating func write(_ path: String, _ bytes: [UInt8]) throws {
        try set(path, try repository.writeBlob(bytes))
    }

    /// Removes a file.
    mutating func remove(_ path: String) throws { try set(path, nil) }

    private mutating func set(_ path: String, _ blob: ObjectID?) throws {
        let base =
            if let change = changes[path] {
                change.base
            } else {
                try waiting.blob(path) ?? tipFiles.blob(path)
            }
        changes[path] = blob == base ? nil : try Change(path: path, blob: blob, base: base)
    }

    /// All changes, by path, as the next stage and `git/commit` take them.
    var json: JSON {
        .array(allChanges.map(\.json))
    }

    /// All changes, by path, each of what the default branch has or of what waits for it.
    var allChanges: [Change] { changes.values.sorted { $0.path < $1.path } }

    // MARK: What stands where

    /// The skills in `skills/`, the aliases considered.
    func skills() throws -> SkillSet {
        SkillSet(try files(in: "skills"), aliases: try aliases())
    }

    /// The same, with a note of every mistake in a document: what cannot be read is left alone.
    func skills(noting context: StageContext) throws -> SkillSet {
        let skills = try skills()
        for mistake in skills.mistakes {
            context.note("left as it is: \(VisibleText.safe(mistake.description))")
        }
        return skills
    }

    func aliases() throws -> Aliases {
        try bytes(Aliases.path).map { try Aliases.read($0) } ?? Aliases()
    }

    /// What the ledger says, without the lines that cannot be read and those that do not count, which
    /// are its problems. Keeps one file in memory at a time.
    func ledger() throws -> Ledger {
        let trust = try LedgerTrust(repository, tip, waiting)
        var reader = LedgerReader()
        var problems = trust.problems
        for path in try paths(in: Ledger.folder) where path.hasSuffix(".jsonl") {
            guard let bytes = try bytes(path) else { continue }
            let left = trust.left(path, bytes)
            reader.read(SkillFile(path: path, bytes: bytes), leavingOut: left.lines)
            problems += left.problems
        }
        return reader.ledger(problems)
    }

    /// Adds lines to the ledger; those that it has are left out.
    /// - Returns: the ledger with them.
    @discardableResult
    mutating func append(_ entries: [LedgerEntry], to ledger: Ledger) throws -> Ledger {
        var ledger = ledger
        for file in ledger.add(entries) {
            try write(file.path, Ledger.joined(bytes(file.path) ?? [], file.bytes))
        }
        return ledger
    }

    /// Marks a commit that flow made of a person's word. It says the same on top of another commit.
    static let deskTrailer = "Flow-Desk"

    /// Publishes a person's changes: on the default branch, or on flow/sync where that is protected.
    /// - Parameter reason: in the commit's message; may be empty.
    /// - Returns: the commit, or the tip where nothing changes.
    func publish(_ settled: SettledRepository, _ subject: String, _ reason: String) throws -> String
    {
        let publication = Publication(
            changes: allChanges, branch: settled.isRolling ? SyncBranch.name : branch,
            message: CommitMessage(
                subject, body: reason.isEmpty ? [] : [.quoted(reason)],
                trailers: [Trailer(Self.deskTrailer, "yes")]),
            signature: signature, time: SystemClock().now())
        let published =
            try settled.isRolling
            ? SyncBranch(settled).publish(publication, run: "") { _ in }
            : repository.publish(publication)
        return published.commit?.hex ?? tip.hex
    }
}
