internal import FlowGit
internal import FlowSkills
internal import FlowSystem

/// The proposals of a repository: their branches, what arrived of them, and what the ledger knows.
struct ProposalDesk {
    static let prefix = "proposal/"
    static let proposedFolder = "skills/proposed"
    private static let skillsFolder = "skills"

    /// The branch of a skill's proposal.
    static func branch(_ id: String) -> String { prefix + id }

    /// The branch of all skills that a run proposes together.
    static func branch(ofRun run: String) -> String { prefix + runPrefix + run }

    private static let runPrefix = "run-"

    let view: RepositoryView
    let ledger: Ledger
    /// What the ledger says once it has a line for each open branch, as the next review writes it: what
    /// was rejected and is proposed again waits for a verdict.
    private(set) var state: LedgerState
    /// Those in `skills/`.
    let skills: SkillSet
    /// The branches by skill id, those of this repository first, without those in `gone`.
    let branches: [String: [Branch]]
    /// The branches of this repository that a remote had and no longer has: merged or withdrawn
    /// there, so neither open nor to be pushed again.
    let gone: [String: Branch]
    /// Whether a proposal without a branch is known to have none on a remote either; see
    /// `Repository.knowsProposals`.
    private let isAbsenceKnown: Bool
    private let proposed: [String: SkillFile]
    private let accepted: [String: SkillFile]
    private let acceptedFingerprints: [String: String]
    private var aliases: Aliases { skills.aliases }

    init(_ view: RepositoryView) throws {
        self.view = view
        ledger = try view.ledger()
        state = ledger.state
        isAbsenceKnown = try view.repository.knowsProposals(view)
        var all: [String: [Branch]] = [:]
        for branch in try view.repository.branches(Self.prefix) {
            for id in try Self.ids(on: branch, view) { all[id, default: []].append(branch) }
        }
        gone = isAbsenceKnown ? try Self.gone(all, view.repository) : [:]
        let gone = gone
        branches = all.filter { gone[$0.key] == nil }
        proposed = try Self.byID(view.files(in: Self.proposedFolder))
        let skills = try view.skills()
        self.skills = skills
        accepted = Self.byID(skills.members.map(\.file))
        acceptedFingerprints = Dictionary(
            skills.members.map {
                (skills.aliases.newest($0.skill.match.fingerprint), $0.skill.id)
            }, uniquingKeysWith: { first, _ in first })
        state = ledger.state.adding(try openings())
    }

    /// The skills that a branch proposes: the one that it is named for, or those whose files a run's
    /// branch adds.
    static func ids(on branch: Branch, _ view: RepositoryView) throws -> [String] {
        let name = String(branch.name.dropFirst(prefix.count))
        guard name.hasPrefix(runPrefix) else { return [name] }
        let base = try view.repository.mergeBase(view.tip, branch.tip)
        return try view.repository.difference(from: base, to: branch.tip).compactMap {
            $0.new == nil || Path.folder($0.path) != proposedFolder
                ? nil : SkillSet.id(inFile: $0.path)
        }
    }

    /// Whether the branch proposes other skills as well.
    static func isShared(_ branch: Branch) -> Bool { branch.name.hasPrefix(prefix + runPrefix) }

    private static func gone(_ all: [String: [Branch]], _ repository: Repository) throws
        -> [String: Branch]
    {
        let alone = all.compactMapValues { list in
            list.allSatisfy { $0.remote == nil } ? list.first : nil
        }
        guard !alone.isEmpty else { return [:] }
        var pushed: Set<String> = []
        for remote in try repository.remotes() {
            pushed.formUnion(try repository.pushedTips(to: remote.name).keys)
        }
        return alone.filter { pushed.contains($0.value.name) }
    }

    private static func byID(_ files: [SkillFile]) -> [String: SkillFile] {
        Dictionary(
            files.compactMap { file in SkillSet.id(inFile: file.path).map { ($0, file) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Why a skill is not to be proposed, as a sentence; nil: it is.
    /// - Parameter waiting: the proposals that wait, by the present fingerprint of their errors.
    func reasonNotToPropose(_ skill: Skill, _ waiting: [String: String]) -> String? {
        if let reason = decision(on: skill) { return reason }
        if let other = waiting[aliases.newest(skill.match.fingerprint)], other != skill.id {
            return "proposal \(other) waits for its error"
        }
        return reasonNotToOpen(skill.id, skill)
    }

    /// Why no branch is to be made for a proposal, by its branches and by what the ledger has of it.
    func reasonNotToOpen(_ id: String, _ skill: Skill) -> String? {
        let admission = Review.admission(
            of: id, hits30d: skill.recurrence,
            fingerprint: skill.fingerprint(as: ProposalSubject(id)), ledger: ledger.state)
        if isRejected(id), !admission.isOpen { return admission.reason }
        if let branch = branches[id]?.first { return "\(branch.title) is open" }
        if let branch = gone[id] {
            return "\(branch.title) was deleted on a remote and is still here"
        }
        if isUnknown(id) { return Self.unknown }
        return admission.isOpen ? nil : admission.reason
    }

    /// Whether the newest proposal of a skill was rejected, whether or not its branch is still there.
    func isRejected(_ id: String) -> Bool { state.verdict(of: id)?.verdict == .rejected }

    /// Whether the default branch has the skill's file, in whichever folder; of a proposal to edit it,
    /// whether that is done there.
    func hasArrived(_ id: String) -> Bool { inSkills(id) != nil || proposed[id] != nil }

    /// The file in `skills/` that says a proposal was merged.
    private func inSkills(_ id: String) -> SkillFile? {
        let subject = ProposalSubject(id)
        guard let skill = subject.edited else { return accepted[id] }
        return skills.find(skill).map { subject.isDone(in: $0.skill) } == true
            ? accepted[skill] : nil
    }

    /// Whether and how the default branch has the skill, or one for the same error.
    func decision(on skill: Skill) -> String? {
        if accepted[skill.id] != nil { return "it is in skills/" }
        if let other = acceptedFingerprints[aliases.newest(skill.match.fingerprint)] {
            return "\(other) covers its error"
        }
        return proposed[skill.id] != nil ? "it was merged" : nil
    }

    // MARK: What is proposed

    /// The documents that were merged and are still in `skills/proposed/`, by path.
    var merged: [SkillFile] { proposed.values.sorted { $0.path < $1.path } }

    /// The documents of proposals that wait: on their branches, and merged ones in `skills/proposed/`.
    func documents() throws -> [Skill] {
        let new = branches.keys.filter { ProposalSubject($0).edited == nil }
        let files = try new.sorted().compactMap { id in
            try shown(id).flatMap { try file(of: id, on: $0) }
        }
        return (files + proposed.values).compactMap { Skill.check($0.bytes, path: $0.path).0 }
    }

    /// The ids of those, by the present fingerprint of their errors; of several the first.
    func waiting() throws -> [String: String] {
        Dictionary(try documents().map { (aliases.newest($0.match.fingerprint), $0.id) }) {
            min($0, $1)
        }
    }

    /// The fingerprint with which each skill was proposed, whatever became of it.
    func fingerprints(_ documents: [Skill]) -> [String: String] {
        let decided = ledger.state.proposals.filter { ProposalSubject($0.key).edited == nil }
            .compactMapValues { $0.last?.fingerprint }
        return documents.reduce(into: decided) { $0[$1.id] = $1.match.fingerprint }
    }

    // MARK: Review

    /// Everything there is to say of each proposal, by id.
    func facts() throws -> [Review.Facts] {
        let ids = Set(branches.keys).union(gone.keys).union(proposed.keys)
            .union(ledger.state.reviewed).union(accepted.keys)
            .union(skills.list([.deprecated]).map { Deprecation.id(of: $0.skill.id) })
        let arrivals = try self.arrivals()
        return ids.sorted().map { id in
            Review.Facts(
                id: id, inProposed: proposed[id].map { arrival($0, arrivals) },
                inSkills: inSkills(id).map { arrival($0, arrivals) },
                branchExists: branches[id] != nil || isUnknown(id))
        }
    }

    /// The verdict on one proposal, as `Review.verdict` has it.
    func verdict(on facts: Review.Facts, now: Timestamp) throws(SkillsError) -> Review.Outcome {
        var outcome = try Review.verdict(on: facts, ledger: state, now: now)
        if outcome.verdict == .pending, isUnknown(facts.id) { outcome.reason = Self.unknown }
        return outcome
    }

    static let unknown =
        "it was proposed, and whether its branch is still open on the remote is not known; "
        + "git/fetch finds out"

    /// Whether a proposal of the ledger is open as far as this repository can tell, though its
    /// branch is not here.
    func isUnknown(_ id: String) -> Bool {
        let state = ledger.state
        return !isAbsenceKnown && branches[id] == nil && state.proposals[id] != nil
            && state.verdict(of: id) == nil && state.reopening(of: id) == nil
    }

    /// The branch of a proposal that has all commits of its others: here or on a remote. Nil where
    /// there is none, also where two have gone different ways.
    func newest(_ id: String) throws -> Branch? {
        let all = branches[id] ?? []
        return try all.first { branch in
            try all.allSatisfy { try view.repository.isAncestor($0.tip, of: branch.tip) }
        }
    }

    /// The branch to show of a proposal: the newest, else the one of this repository.
    func shown(_ id: String) throws -> Branch? { try newest(id) ?? branches[id]?.first }

    /// The commit that brought each file of a proposal to the branch.
    private func arrivals() throws -> [String: Commit] {
        let undecided = (Array(proposed.values) + Array(accepted.values)).filter { file in
            SkillSet.id(inFile: file.path)
                .map { ledger.state.verdict(of: $0)?.verdict != .approved } ?? false
        }
        guard !undecided.isEmpty else { return [:] }
        let commits = try view.repository.firstCommits(
            adding: undecided.map(\.path), on: view.tip)
        return try commits.mapValues { try view.repository.commit($0) }
    }

    private func arrival(_ file: SkillFile, _ commits: [String: Commit]) -> Review.Facts.Arrived {
        let commit = commits[file.path]
        return Review.Facts.Arrived(
            path: file.path, bytes: file.bytes, time: commit?.time, by: commit?.author.name ?? "")
    }

    /// The ledger's lines for open branches that it does not know.
    func openings() throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        let ids = Set(branches.keys).union(gone.keys)
        for id in ids.sorted() {
            if let line = try opening(id) { entries.append(.proposed(line)) }
        }
        return entries
    }

    private func opening(_ id: String) throws -> LedgerEntry.ProposedLine? {
        let state = ledger.state
        let verdict = state.verdict(of: id)?.verdict
        let isOpen = state.proposals[id] != nil && verdict == nil
        let isReopened = state.reopening(of: id) != nil
        if !isReopened, isOpen || verdict == .approved { return nil }
        guard let branch = try shown(id) ?? gone[id], let file = try file(of: id, on: branch),
            let skill = Skill.check(file.bytes, path: file.path).0
        else { return nil }
        let fingerprint = try fingerprint(ofVersion: id, on: branch) ?? skill.match.fingerprint
        if !isReopened, verdict == .rejected {
            // Its branch may have been left, or have been made anew, with another version.
            let admission = Review.admission(
                of: id, hits30d: skill.recurrence, fingerprint: fingerprint, ledger: state)
            guard admission.isOpen else { return nil }
        }
        let commit = try view.repository.commit(branch.tip)
        return LedgerEntry.ProposedLine(
            skill: id, fingerprint: fingerprint, path: file.path, time: commit.time,
            hits30d: skill.recurrence, round: state.round(of: id) + 1)
    }

    /// The fingerprint of the version of a procedure that a branch proposes; nil where it cannot be read,
    /// and of other proposals.
    ///
    /// It is that of the document which flow wrote last: what reviewers have edited since is still what
    /// flow would propose again.
    func fingerprint(ofVersion id: String, on branch: Branch) throws -> String? {
        let subject = ProposalSubject(id)
        guard case .update = subject else { return nil }
        let commit = try explanation(of: id, on: branch)?.id ?? branch.tip
        return try file(of: id, at: commit).flatMap { Skill.check($0.bytes, path: $0.path).0 }?
            .fingerprint(as: subject)
    }

    /// The skill's file on its branch; on one that edits it the edited one.
    func file(of id: String, on branch: Branch) throws -> SkillFile? {
        try file(of: id, at: branch.tip)
    }

    private func file(of id: String, at commit: ObjectID) throws -> SkillFile? {
        let edited = ProposalSubject(id).edited
        let folder = edited == nil ? Self.proposedFolder : Self.skillsFolder
        for entry in try view.repository.list(folder, at: commit)
        where SkillSet.id(inFile: entry.path) == edited ?? id {
            return try view.repository.bytes(entry.path, at: commit)
                .map { SkillFile(path: entry.path, bytes: $0) }
        }
        return nil
    }
}
