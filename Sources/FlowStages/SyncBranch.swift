internal import FlowGit
internal import FlowSkills
internal import FlowSystem

/// `flow/sync`: the rolling branch whose pull request brings what flow knows to a default branch that
/// is protected. Each run replaces what it had by one commit on top of the default branch as it is
/// now, so that merging it late brings nothing stale.
struct SyncBranch {
    static let name = "flow/sync"

    private let repository: Repository
    private let remote: String?
    /// The default branch, and its tip.
    private let main: String
    private let base: ObjectID

    init(_ settled: SettledRepository) throws {
        repository = settled.repository
        remote = try settled.remote()
        main = try settled.defaultBranch()
        base = try repository.requiredTip(of: main)
    }

    /// Makes the branch hold the changes, in a commit of their own after those of the same run.
    /// - Parameter run: the run that publishes.
    /// - Throws: `StageError` where the branch has commits of a person.
    func publish(_ publication: Publication, run: String) throws -> Published {
        let here = try repository.tip(of: Self.name)
        let tips = try [here, remoteTip()].compactMap(\.self)
        for tip in tips { try refuseOthers(tip) }
        let last = try tips.first { try isOf(run, $0) }
        if let last, let done = try commit(publication, on: last) { return .already(done) }
        if publication.changes.isEmpty { return .unchanged }
        let commit = try write(publication, on: last ?? base)
        // The same content at another hour is nothing that a reviewer must see again.
        let isSame = try tips.first { try repository.commit($0).hasContent(of: commit, repository) }
        try move(from: here, to: isSame ?? commit)
        return isSame.map { .already($0) } ?? .committed(commit)
    }

    /// The commit of a publication, with a trailer that tells what it changes.
    private func write(_ publication: Publication, on parent: ObjectID) throws -> ObjectID {
        let draft = try repository.write(publication, on: parent)
        var publication = publication
        publication.message.trailers.append(
            Trailer(Self.changesTrailer, try Self.changes(parent, draft, repository)))
        return try repository.write(publication, on: parent)
    }

    private static let changesTrailer = "Flow-Changes"

    /// A hash of the paths that differ, and of what stands there.
    private static func changes(
        _ parent: ObjectID, _ commit: ObjectID, _ repository: Repository
    ) throws -> String {
        let lines = try repository.difference(from: parent, to: commit).map {
            "\($0.path)\0\($0.new?.hex ?? "")\n"
        }
        return String(SHA256.hex(Array(lines.joined().utf8)).prefix(40))
    }

    private func move(from here: ObjectID?, to tip: ObjectID) throws {
        if here == tip { return }
        if let here {
            try repository.fastForward(Self.name, from: here, to: tip)
        } else {
            try repository.createBranch(Self.name, at: tip)
        }
    }

    /// Whether the remote must get it: never one that is older than what another machine has pushed.
    func isAhead() throws -> Bool {
        guard let remote, let here = try repository.tip(of: Self.name), try here != remoteTip(),
            try !repository.isAncestor(here, of: base)
        else { return false }
        if let known = try repository.tip(of: main, remote: remote),
            try !repository.isAncestor(base, of: known)
        {
            throw StageError(
                "\(main) has commits that \(remote) has not, and \(Self.name) would bring them; "
                    + "push \(main) first, or take them off it")
        }
        // One that was deleted there was merged, or a person does not want it.
        guard let there = try remoteTip() else {
            return try repository.pushedTips(to: remote)[Self.name] != here
        }
        try refuseOthers(there)
        return try repository.commit(there).time <= repository.commit(here).time
    }

    /// The ledger's lines that earlier runs put on the branch and that the default branch does not
    /// have yet: what was seen once stays known while the pull request waits.
    /// - Parameter trusted: whether a commit's lines count; of a branch with one whose do not, none do.
    func waitingLedger(_ trusted: (Commit) -> Bool) throws -> [Change] {
        let tips = try [repository.tip(of: Self.name), remoteTip()].compactMap(\.self)
            .filter { tip in
                try others(tip) == nil
                    && repository.history(from: tip, hiding: [base]).allSatisfy(trusted)
            }
        var files: [String: [UInt8]] = [:]
        for entry in try tips.flatMap({ try repository.list(Ledger.folder, at: $0) }) {
            let path = entry.path
            let known = try files[path] ?? repository.bytes(path, at: base) ?? []
            files[path] = Self.union(known, try repository.blob(entry.id))
        }
        return try files.sorted { $0.key < $1.key }.compactMap { path, bytes in
            let old = try repository.entry(path, at: base)?.id
            let blob = try repository.writeBlob(bytes)
            return blob == old ? nil : try Change(path: path, blob: blob, base: old)
        }
    }

    /// The lines of one text and then those that only the other has.
    private static func union(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        let lines = one.split(separator: newline)
        let known = Set(lines)
        let new = other.split(separator: newline).filter { !known.contains($0) }
        return new.isEmpty ? one : Array((lines + new).joined(separator: [newline])) + [newline]
    }

    private func remoteTip() throws -> ObjectID? {
        try remote.flatMap { try repository.tip(of: Self.name, remote: $0) }
    }

    private func others(_ tip: ObjectID) throws -> Commit? {
        try repository.history(from: tip, hiding: [base]).first { try !isOfFlow($0) }
    }

    private func refuseOthers(_ tip: ObjectID) throws {
        guard let other = try others(tip) else { return }
        throw StageError(
            "\(Self.name) has a commit that is not flow's (\(other.id.short)), which must not be "
                + "lost: merge its pull request or delete the branch, then run again")
    }

    /// Amending keeps the trailers, and what it changes is not what they say.
    private func isOfFlow(_ commit: Commit) throws -> Bool {
        guard commit.parents.count == 1,
            let said = commit.trailers.last(where: { $0.name == Self.changesTrailer })
        else { return false }
        return try said.value == Self.changes(commit.parents[0], commit.id, repository)
    }

    private func isOf(_ run: String, _ tip: ObjectID) throws -> Bool {
        try !repository.isAncestor(tip, of: base)
            && repository.commit(tip).trailers.contains(Trailer("Flow-Run", run))
    }

    /// The commit in which an earlier try of this publication ended.
    private func commit(_ publication: Publication, on tip: ObjectID) throws -> ObjectID? {
        guard let key = publication.key else { return nil }
        let trailer = Trailer(Publication.keyTrailer, key)
        return try repository.history(from: tip, hiding: [base])
            .first { $0.trailers.contains(trailer) }?.id
    }
}

extension Commit {
    /// Whether another commit has the same files and the same parents.
    fileprivate func hasContent(of other: ObjectID, _ repository: Repository) throws -> Bool {
        let other = try repository.commit(other)
        return tree == other.tree && parents == other.parents
    }
}
