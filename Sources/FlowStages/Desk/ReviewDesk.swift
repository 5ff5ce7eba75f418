internal import FlowGit
package import FlowJSON
internal import FlowSkills
package import FlowSystem
internal import FlowText

/// Review from a terminal: what is proposed, and a person's verdicts as commits.
package struct ReviewDesk {
    private let settled: SettledRepository
    private let desk: ProposalDesk
    private var view: RepositoryView { desk.view }

    /// One proposal, as lists show it.
    package struct Proposal: Sendable {
        package let id: String
        package let name: String
        package let verdict: String
        package let reason: String
        package let branch: String?
        /// As the document says; nil where it is gone, as after a rejection, and of a procedure.
        package let hits7d: Int?
        package let hits30d: Int?
        /// That follow a procedure; nil of other skills.
        package let runs: Int?
        package let opened: Timestamp?
        /// `file:line:column: message` each, of the document of a proposal that waits.
        package let mistakes: [String]
        /// Why a merge of a proposal that waits would not go through; nil: it would.
        package let conflict: String?

        package var json: JSON {
            [
                "id": .string(id), "name": .string(name), "verdict": .string(verdict),
                "reason": .string(reason), "branch": branch.map(JSON.string) ?? .null,
                "hits_7d": hits7d.map(JSON.integer) ?? .null,
                "hits_30d": hits30d.map(JSON.integer) ?? .null,
                "runs": runs.map(JSON.integer) ?? .null,
                "opened": opened.map { .string($0.rfc3339) } ?? .null,
                "conflict": conflict.map(JSON.string) ?? .null,
            ]
        }
    }

    /// - Throws: where there is no repository, or no default branch; `shallow`.
    package init(_ workspace: String) throws {
        settled = try SettledRepository(workspace)
        try settled.requireHistory(for: "find the proposals")
        desk = try ProposalDesk(RepositoryView(settled))
    }

    /// Every proposal with its verdict, those that wait first, then by hits.
    package func proposals(at now: Timestamp) throws -> [Proposal] {
        let all = try desk.facts().map { facts in
            try proposal(facts, verdict(facts, now))
        }
        return all.sorted {
            ($0.verdict == "pending" ? 0 : 1, -($0.hits7d ?? 0), -($0.runs ?? 0), $0.id)
                < ($1.verdict == "pending" ? 0 : 1, -($1.hits7d ?? 0), -($1.runs ?? 0), $1.id)
        }
    }

    private func verdict(_ facts: Review.Facts, _ now: Timestamp) -> (Verdict, String) {
        do throws(SkillsError) {
            let outcome = try desk.verdict(on: facts, now: now)
            return (outcome.verdict, outcome.reason)
        } catch {
            // One file that a reviewer broke must not hide the others.
            return (.pending, error.description)
        }
    }

    private func proposal(_ facts: Review.Facts, _ verdict: (word: Verdict, reason: String)) throws
        -> Proposal
    {
        let branch = try desk.shown(facts.id)
        let onBranch = try branch.flatMap { try desk.file(of: facts.id, on: $0) }
        let arrived = (facts.inSkills ?? facts.inProposed).map {
            SkillFile(path: $0.path, bytes: $0.bytes)
        }
        let (skill, mistakes) =
            (arrived ?? onBranch).map { Skill.check($0.bytes, path: $0.path) } ?? (nil, [])
        // What is decided no longer waits for a mended document.
        let open = verdict.word == .pending ? mistakes.map(\.description) : []
        let reason = open.isEmpty ? verdict.reason : open.joined(separator: "\n")
        let known = desk.state.proposals[facts.id]?.last
        let opened = try known?.time ?? branch.map { try view.repository.commit($0.tip).time }
        // Of one whose document is gone the ledger has the runs where others have hits.
        let isOfProcedure = ProposalSubject(facts.id).isOfProcedure
        let recurrence = skill?.recurrence ?? known?.hits30d
        return Proposal(
            id: facts.id, name: skill?.name ?? known.map { Path.name($0.path) } ?? "",
            verdict: verdict.word.rawValue, reason: reason, branch: branch?.title,
            hits7d: isOfProcedure ? nil : skill?.metadata.hits7d,
            hits30d: isOfProcedure ? nil : recurrence, runs: isOfProcedure ? recurrence : nil,
            opened: opened, mistakes: open,
            conflict: verdict.word == .pending ? branch.flatMap(conflict) : nil)
    }

    private func conflict(of branch: Branch) -> String? {
        do throws(GitError) {
            try view.repository.checkMerge(of: branch, into: view.branch, at: view.tip)
            return nil
        } catch {
            return error.description
        }
    }

    /// What there is to see of an open proposal.
    package struct Detail: Sendable {
        /// What flow said when it proposed the skill, or updated it last.
        package let message: String
        package let path: String
        package let document: String
        /// The commits of reviewers on the branch, the newest first: id, author, subject.
        package let reviewers: [(commit: String, by: String, subject: String)]

        package var json: JSON {
            [
                "message": .string(message), "path": .string(path),
                "document": .string(document),
                "reviewers": .array(
                    reviewers.map {
                        [
                            "commit": .string($0.commit), "by": .string($0.by),
                            "subject": .string($0.subject),
                        ]
                    }),
            ]
        }
    }

    /// The evidence of a proposal, the document that it adds, and what reviewers did to it.
    package func show(_ id: String) throws -> Detail {
        let branch = try open(id)
        guard let file = try desk.file(of: id, on: branch) else { throw empty(branch) }
        let commits = try desk.commits(of: branch)
        return Detail(
            message: try desk.explanation(of: id, on: branch)?.message ?? "", path: file.path,
            document: String(decoding: file.bytes, as: UTF8.self),
            reviewers: commits.filter { !ProposalDesk.isOfFlow($0) }.map {
                ($0.id.short, $0.author.name, $0.subject)
            })
    }

    /// Merges an open proposal into the default branch, with all that reviewers have added to it,
    /// and gives the merge commit. Of a branch with other proposals only this one's file is taken.
    /// - Returns: nil where the default branch has it already.
    /// - Throws: where its document is no valid skill, with every mistake, and where the default branch
    ///   is protected; `GitError` as `changes(merging:into:at:)` and `publish`.
    package func approve(_ id: String) throws -> String? {
        if desk.hasArrived(id) {
            // Who merged it, or died right after, may have left the branch.
            desk.clear(id, within: view.tip)
            return nil
        }
        let branch = try open(id)
        guard !settled.isRolling else {
            throw StageError(
                "\(view.branch) changes by pull request only (publish: pull-request in flow.yaml): "
                    + "merge that of \(branch.name)")
        }
        guard let file = try desk.file(of: id, on: branch) else { throw empty(branch) }
        let (_, mistakes) = Skill.check(file.bytes, path: file.path)
        guard mistakes.isEmpty else {
            throw StageError(
                "\(branch.title) holds no valid skill; mend it on that branch, then approve:\n"
                    + mistakes.map { VisibleText.safe($0.description) }.joined(separator: "\n"))
        }
        let isShared = ProposalDesk.isShared(branch)
        var changes = try view.repository.changes(
            merging: branch, into: view.branch, at: view.tip)
        if isShared { changes.removeAll { $0.path != file.path } }
        try checkJoined(file, changes)
        let title = isShared ? "Take \(id) from \(branch.title)" : "Merge \(branch.title)"
        let published = try view.repository.publish(
            Publication(
                changes: changes, branch: view.branch, message: CommitMessage(title),
                signature: view.signature, time: SystemClock().now(),
                merging: isShared ? nil : branch.tip))
        if isShared {
            try desk.take(id, offShared: branch, "Approved")
        } else {
            desk.clear(id, within: branch.tip)
        }
        return published.commit?.hex ?? view.tip.hex
    }

    /// Two changes that fit line by line may make no skill.
    private func checkJoined(_ file: SkillFile, _ changes: [Change]) throws {
        guard let blob = changes.first(where: { $0.path == file.path })?.blob else { return }
        let (_, mistakes) = Skill.check(try view.repository.blob(blob), path: file.path)
        guard mistakes.isEmpty else {
            throw StageError(
                "merged with \(view.branch) it is no valid skill; merge it by hand:\n"
                    + mistakes.map { VisibleText.safe($0.description) }.joined(separator: "\n"))
        }
    }

    /// Notes a rejection in the ledger on the default branch and removes the local branch; one that
    /// has commits of reviewers which no remote has stays.
    /// - Returns: the commit; nil where the ledger has it already.
    /// - Throws: where the default branch has the skill, which outweighs the ledger.
    package func reject(_ id: String, reason: String) throws -> String? {
        guard !desk.hasArrived(id) else {
            throw StageError(
                "\(VisibleText.safe(id)) was approved already: \(view.branch) has its file; to take it "
                    + "back, revert its merge or set the skill's status to deprecated")
        }
        if desk.isRejected(id) { return nil }
        guard let branch = try desk.shown(id) else { throw unknown(id) }
        let identity = try view.repository.identity(view.signature)
        var view = view
        try view.append(desk.openings().filter { $0.skill == id }, to: desk.ledger)
        let ledger = try view.ledger()
        let rejection = try Review.rejection(
            of: id, fingerprint: desk.fingerprint(ofVersion: id, on: branch), reason: reason,
            by: identity.name, at: SystemClock().now(), ledger: ledger.state)
        try view.append([rejection], to: ledger)
        let commit = try view.publish(settled, "Reject \(id)", reason)
        if ProposalDesk.isShared(branch) {
            try desk.take(id, offShared: branch, "Rejected")
            return commit
        }
        let isOfFlow = ProposalDesk.isOfFlow(try view.repository.commit(branch.tip))
        if let kept = isOfFlow ? branch : desk.branches[id]?.first(where: { $0.remote != nil }) {
            desk.clear(id, within: kept.tip)
        }
        return commit
    }

    /// Lets a rejected or withdrawn skill be proposed again.
    package func reopen(_ id: String) throws -> String {
        let entry = Review.reopening(
            of: id, by: try view.repository.identity(view.signature).name, at: SystemClock().now(),
            ledger: desk.state)
        guard let entry else {
            throw StageError("\(VisibleText.safe(id)) was neither rejected nor withdrawn")
        }
        var view = view
        try view.append([entry], to: desk.ledger)
        return try view.publish(settled, "Reopen \(id)", "")
    }

    /// `file:line:column: message` of the ledger's lines that do not count.
    package var problems: [String] { desk.ledger.problems.map(\.description) }

    /// The branch of an open proposal with all that reviewers have added to it.
    private func open(_ id: String) throws -> Branch {
        if let branch = try desk.newest(id) { return branch }
        guard let all = desk.branches[id], let first = all.first else { throw unknown(id) }
        let names = all.map(\.title).joined(separator: " and ")
        throw StageError(
            "\(names) have gone different ways; bring them together, for instance with "
                + "'git switch \(first.name)' and 'git merge \(all.last?.title ?? "")', "
                + "then try again")
    }

    private func unknown(_ id: String) -> StageError {
        let known = desk.branches.keys.sorted()
        let list = known.isEmpty ? "none is open" : "open are " + known.joined(separator: ", ")
        return StageError("there is no open proposal \(VisibleText.safe(id)); \(list)")
    }

    private func empty(_ branch: Branch) -> StageError {
        StageError("\(branch.title) adds no skill to skills/proposed/")
    }
}
