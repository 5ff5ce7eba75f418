internal import FlowGit
internal import FlowLearning
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// `flow/sync`: the rolling branch whose pull request brings what flow knows to a default branch that
/// is protected. Each run builds on what waits there and leaves one commit on top of the default branch
/// as it is now, so that merging it late brings nothing stale.
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

    /// Makes the branch hold the changes and what waits there. Later publications of one run are
    /// commits of their own on top of its first.
    /// - Parameters:
    ///   - run: the run that publishes; empty where a person does.
    ///   - note: told of each file that waited and is not carried on.
    /// - Throws: `StageError` where the branch has commits of a person, or where a file that waits is
    ///   no longer what a change started from.
    func publish(_ publication: Publication, run: String, note: (String) -> Void) throws
        -> Published
    {
        for _ in 0..<Self.mostTries {
            do {
                return try attempt(publication, run, note)
            } catch let error as GitError where error.code == .moved || error.code == .exists {
                // Another flow was faster; what it put there waits now.
            }
        }
        throw StageError(
            "other flows move \(Self.name) faster than this one can follow; run again later")
    }

    /// How often other flows may be faster.
    private static let mostTries = 64

    private func attempt(
        _ publication: Publication, _ run: String, _ note: (String) -> Void
    ) throws -> Published {
        let here = try repository.tip(of: Self.name)
        let there = try remoteTip()
        let tips = [here, there == here ? nil : there].compactMap(\.self)
        for tip in tips { try refuseOthers(tip) }
        let last = try tips.first { try isOf(run, $0) }
        if let last, let done = try commit(publication, on: last) { return .already(done) }
        let waiting = try last == nil ? self.waiting() : Waiting()
        let parent = last ?? base
        let changes = try fitted(publication.changes, over: waiting, on: parent)
        // What was seen on a branch that a person has given up is known here without a commit.
        if changes.isEmpty && waiting.commits.isEmpty { return .unchanged }
        let all = waiting.changes.merging(changes) { $1 }.values.filter { $0.blob != $0.base }
        if all.isEmpty { return .unchanged }
        var whole = publication
        whole.changes = all.sorted { $0.path < $1.path }
        whole.message = SyncMessage.joined(
            changes.isEmpty ? nil : publication.message, waiting.commits,
            publication.message.trailers)
        if last == nil {
            whole.message.trailers += tips.map { Trailer(Self.replacesTrailer, $0.hex) }
        }
        let commit = try write(whole, on: parent)
        // The same content at another hour is nothing that a reviewer must see again.
        let isSame = try tips.first {
            try !isReplaced($0) && repository.isAncestor(base, of: $0)
                && repository.commit($0).tree == repository.commit(commit).tree
        }
        try move(from: here, to: isSame ?? commit)
        for (path, commit) in waiting.left where !publication.changes.contains(path) {
            note(
                "\(VisibleText.safe(path)) waited on \(Self.name) and is not carried on, since "
                    + "\(main) has another content of it now; what waited is in \(commit.short)")
        }
        guard let isSame else { return .committed(commit) }
        return changes.isEmpty ? .unchanged : .already(isSame)
    }

    /// The commit of a publication, with a trailer that tells what it changes.
    private func write(_ publication: Publication, on parent: ObjectID) throws -> ObjectID {
        var publication = publication
        publication.message.trailers.append(
            Trailer(
                Self.changesTrailer, Self.digest(publication.changes.map { ($0.path, $0.blob) })))
        return try repository.write(publication, on: parent)
    }

    private static let changesTrailer = "Flow-Changes"
    /// Names a commit whose content was carried on or given up in this one.
    private static let replacesTrailer = "Flow-Replaces"

    /// A hash of the paths that differ, and of what stands there.
    private static func digest(_ changes: [(path: String, blob: ObjectID?)]) -> String {
        let lines = changes.map { Array("\($0.path)\0\($0.blob?.hex ?? "")\n".utf8) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        return String(SHA256.hex(Array(lines.joined())).prefix(40))
    }

    private func move(from here: ObjectID?, to tip: ObjectID) throws {
        if here == tip { return }
        if let here {
            try repository.fastForward(Self.name, from: here, to: tip)
        } else {
            try repository.createBranch(Self.name, at: tip)
        }
    }

    /// Makes the branch hold what waits on the remote as well, where the remote must get it; false
    /// where it has all that waits here.
    /// - Parameter publication: without changes, the commit that brings the two together.
    func prepareToPush(_ publication: Publication, note: (String) -> Void) throws -> Bool {
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
        // One that was deleted there was merged, or a person does not want it; to one that was
        // replaced there, another machine has added.
        if try wasPushed(here) { return false }
        _ = try publish(publication, run: "", note: note)
        return try !waiting().changes.isEmpty && repository.tip(of: Self.name) != remoteTip()
    }

    // MARK: What waits

    /// What the branch has that the default branch has not.
    struct Waiting {
        /// By path, each as a change of what the default branch has.
        var changes: [String: Change] = [:]
        /// The commits that it comes from, the newest first.
        var commits: [Commit] = []
        /// Files that were changed on the default branch as well and are taken from there; each with
        /// the commit that has what waited.
        var left: [(path: String, commit: ObjectID)] = []
    }

    /// What waits on the branch, here and on the remote, brought on top of the default branch; nothing
    /// of a branch that a person has touched or that was merged. Of one that was deleted on the remote
    /// the ledger alone: what was seen once stays known.
    ///
    /// Where the default branch has changed a file since, what is there was reviewed and wins, but for
    /// lines that were only added to a `.jsonl` file: those of both stay.
    func waiting() throws -> Waiting {
        var waiting = Waiting()
        for (tip, isRefused) in try waitingTips() {
            guard let fork = try repository.mergeBase(base, tip) else { continue }
            if !isRefused {
                waiting.commits += try repository.history(from: tip, hiding: [base])
                    .filter { !waiting.commits.contains($0) }
            }
            for difference in try repository.difference(from: fork, to: tip)
            where !isRefused || Path.folder(difference.path) == Ledger.folder {
                try add(difference, at: tip, to: &waiting)
            }
        }
        return waiting
    }

    private func add(_ difference: PathDifference, at tip: ObjectID, to waiting: inout Waiting)
        throws
    {
        let path = difference.path
        let old = try repository.entry(path, at: base)
        let there = waiting.blob(path) ?? old?.id
        guard
            case .content(let blob) = try repository.joined(
                path, from: difference.old, to: difference.new, over: there),
            try blob == difference.new || isReadable(path, blob), old?.isFile ?? true
        else {
            waiting.left.append((path, tip))
            return
        }
        let isExecutable = try repository.entry(path, at: tip)?.kind == .executable
        waiting.changes[path] =
            blob == old?.id
            ? nil : try Change(path: path, blob: blob, base: old?.id, isExecutable: isExecutable)
    }

    /// Whether the lines of two registries make one: only one model can be in service.
    private func isReadable(_ path: String, _ blob: ObjectID?) throws -> Bool {
        guard path == ModelPlace.registry, let blob else { return true }
        let bytes = try repository.blob(blob)
        return (try? ModelRegistry(reading: bytes)) != nil
    }

    /// The newest first, and whether it was deleted on the remote.
    private func waitingTips() throws -> [(tip: ObjectID, isRefused: Bool)] {
        let (here, there) = (try repository.tip(of: Self.name), try remoteTip())
        var tips: [(tip: ObjectID, isRefused: Bool)] = []
        if let there, try !isReplaced(there) { tips.append((there, false)) }
        if let here, here != there, try !isReplaced(here) {
            tips.append((here, try wasPushed(here)))
        }
        return
            try tips
            .filter { try others($0.tip) == nil && !repository.isMerged($0.tip, into: base) }
            .map { (place: $0, time: try repository.commit($0.tip).time) }
            .sorted { $0.time > $1.time }.map(\.place)
    }

    /// Whether the branch has another commit now, here or on the remote, that was built on it.
    private func isReplaced(_ tip: ObjectID) throws -> Bool {
        let (here, there) = (try repository.tip(of: Self.name), try remoteTip())
        guard let here, let there, here != there else { return false }
        // What the remote has had and has no longer, another machine has replaced.
        if tip == here, try wasPushed(here) { return true }
        let trailer = Trailer(Self.replacesTrailer, tip.hex)
        return try repository.history(from: tip == here ? there : here, hiding: [base])
            .contains { $0.trailers.contains(trailer) }
    }

    private func wasPushed(_ here: ObjectID) throws -> Bool {
        try remote.map { try repository.pushedTips(to: $0)[Self.name] == here } ?? false
    }

    /// The changes on top of what waits, or of another commit; without those that change nothing.
    private func fitted(
        _ changes: [Change], over waiting: Waiting, on parent: ObjectID
    ) throws -> [String: Change] {
        var fitted: [String: Change] = [:]
        var moved: [String] = []
        for change in changes {
            let path = change.path
            let below = try repository.entry(path, at: parent)?.id
            let now = waiting.blob(path) ?? below
            if now == change.blob { continue }
            var blob = change.blob
            if case .content(let joined) = try repository.joined(
                path, from: change.base, to: change.blob, over: now)
            {
                blob = joined
            } else if try repository.entry(path, at: base)?.id != change.base {
                // What was made from the default branch's own version takes the waiting one's place.
                moved.append(path)
            }
            fitted[path] = try Change(
                path: path, blob: blob, base: below, isExecutable: change.isExecutable)
        }
        guard moved.isEmpty else {
            throw StageError(
                moved.map { VisibleText.safe($0) }.joined(separator: ", ")
                    + " changed on \(Self.name) since flow read it; run again")
        }
        return fitted
    }

    private func remoteTip() throws -> ObjectID? {
        try remote.flatMap { try repository.tip(of: Self.name, remote: $0) }
    }

    // MARK: Whose a commit is

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
        let changes = try repository.difference(from: commit.parents[0], to: commit.id)
        return said.value == Self.digest(changes.map { ($0.path, $0.new) })
    }

    /// Whether a run has published this on top of the default branch as it is now.
    private func isOf(_ run: String, _ tip: ObjectID) throws -> Bool {
        try !run.isEmpty && tip != base && repository.isAncestor(base, of: tip)
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

extension SyncBranch.Waiting {
    /// What waits at a path, nil for a file that goes away; nothing where nothing waits there.
    func blob(_ path: String) -> ObjectID?? { changes[path].map(\.blob) }
}

extension [Change] {
    fileprivate func contains(_ path: String) -> Bool { contains { $0.path == path } }
}
