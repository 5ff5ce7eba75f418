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
    /// The tip of the default branch.
    private let base: ObjectID

    init(_ settled: SettledRepository) throws {
        repository = settled.repository
        remote = try settled.remote()
        base = try repository.requiredTip(of: try settled.defaultBranch())
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
        let commit = try repository.write(publication, on: last ?? base)
        // The same content at another hour is nothing that a reviewer must see again.
        let isSame = try tips.first { try repository.commit($0).hasContent(of: commit, repository) }
        try move(from: here, to: isSame ?? commit)
        return isSame.map { .already($0) } ?? .committed(commit)
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
        guard let here = try repository.tip(of: Self.name), try here != remoteTip(),
            try !repository.isAncestor(here, of: base)
        else { return false }
        guard let there = try remoteTip() else { return true }
        try refuseOthers(there)
        return try repository.commit(there).time <= repository.commit(here).time
    }

    /// The ledger's lines that earlier runs put on the branch and that the default branch does not
    /// have yet: what was seen once stays known while the pull request waits.
    func waitingLedger() throws -> [Change] {
        let tips = try [repository.tip(of: Self.name), remoteTip()].compactMap(\.self)
            .filter { try others($0) == nil }
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
        try repository.history(from: tip, hiding: [base]).first { !Self.isOfFlow($0) }
    }

    private func refuseOthers(_ tip: ObjectID) throws {
        guard let other = try others(tip) else { return }
        throw StageError(
            "\(Self.name) has a commit that is not flow's (\(other.id.short)), which must not be "
                + "lost: merge its pull request or delete the branch, then run again")
    }

    /// Amending and rebasing keep the trailers and the author's time, but not the committer's.
    private static func isOfFlow(_ commit: Commit) -> Bool {
        commit.authored == commit.time && commit.trailers.contains { $0.name == "Flow-Run" }
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
