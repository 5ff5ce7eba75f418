internal import FlowGit
internal import FlowGitHub
internal import FlowSkills
internal import FlowSystem

/// Verdicts that people gave at GitHub: a pull request that was closed without a merge rejects what its
/// branch proposes, and one that was opened again takes that back.
struct GitHubVerdicts {
    private let desk: ProposalDesk
    private let requests: PullRequests
    private let remote: String

    /// What the ledger does not know yet: lines that depend on its state when they are written.
    ///
    /// Costs a request or two for each proposal that was closed, one for each that has no open pull
    /// request, and one for a hundred that are open. Without a token, nothing is asked; where GitHub does
    /// not answer, that is said, and the next run asks again.
    static func read(
        _ desk: ProposalDesk, _ settled: SettledRepository, _ context: StageContext
    ) throws -> [(LedgerState) -> LedgerEntry?] {
        do {
            guard
                case .open(let client, let repository, let remote) = try GitHubAccess(
                    context, settled)
            else { return [] }
            return try GitHubVerdicts(
                desk: desk, requests: PullRequests(client, repository), remote: remote
            ).read(context.now)
        } catch let error where error is GitHubError || error is StageError {
            context.note("GitHub was not asked which pull requests were closed: \(error)")
            return []
        }
    }

    private func read(_ now: Timestamp) throws -> [(LedgerState) -> LedgerEntry?] {
        var lines: [(LedgerState) -> LedgerEntry?] = []
        for facts in try desk.facts() {
            // A document that cannot be read is for a person to mend.
            guard let outcome = try? desk.verdict(on: facts, now: now) else { continue }
            let line: ((LedgerState) -> LedgerEntry?)?
            switch outcome.verdict {
            case .approved: line = nil
            case .rejected: line = try reopening(facts.id)
            case .pending:
                line = try desk.branches[facts.id].flatMap { try rejection(facts.id, on: $0) }
            case .withdrawn: line = outcome.entries.isEmpty ? nil : try rejection(facts.id, on: nil)
            }
            if let line { lines.append(line) }
        }
        return lines
    }

    /// - Parameter branches: nil where they are gone, which may have followed on the closing.
    private func rejection(
        _ id: String, on branches: [Branch]?
    ) throws -> ((LedgerState) -> LedgerEntry?)? {
        let branch = branches?.first { $0.remote == remote }
        if branches != nil, branch == nil { return nil }
        guard let name = branch?.name ?? desk.gone[id]?.name ?? desk.ownBranch(id),
            try requests.open(name) == nil
        else { return nil }
        let reopened = desk.ledger.state.lastReopening(of: id)
        let since = desk.ledger.state.proposals[id]?.last?.time
        let closed = try requests.closed(name).last { request in
            guard let branch else {
                return request.isClosed(after: reopened)
                    && (request.closed ?? .distantFuture)
                        >= (since ?? .distantFuture)
            }
            return request.decides(branch.tip, desk.view, reopened: reopened)
        }
        guard let closed, !closed.isMerged, let act = try requests.closing(of: closed) else {
            return nil
        }
        let word = try requests.lastWord(of: act.by, on: closed)
        let reason = word ?? "pull request #\(closed.number) was closed on GitHub"
        let rejected = try (branch ?? desk.gone[id]).flatMap {
            try desk.fingerprint(ofVersion: id, on: $0)
        }
        return {
            Review.rejection(
                of: id, fingerprint: rejected, reason: reason, by: act.by, at: act.time, ledger: $0)
        }
    }

    private func reopening(_ id: String) throws -> ((LedgerState) -> LedgerEntry?)? {
        guard let verdict = desk.ledger.state.verdict(of: id),
            let branch = desk.branches[id]?.first(where: { $0.remote == remote }),
            let open = try requests.open(branch.name),
            let act = try requests.reopening(of: open), act.time > verdict.time
        else { return nil }
        return { Review.reopening(of: id, by: act.by, at: act.time, ledger: $0) }
    }
}

extension ProposalDesk {
    /// The branch that a proposal of its own had; nil for one that the ledger does not know.
    fileprivate func ownBranch(_ id: String) -> String? {
        ledger.state.proposals[id] == nil ? nil : Self.branch(id)
    }
}

extension PullRequest {
    /// Whether its end speaks of what a branch offers now: the branch holds the commit at which it was
    /// closed and the default branch does not, and no person has let the skill be proposed again since.
    func decides(_ tip: ObjectID, _ view: RepositoryView, reopened: Timestamp?) -> Bool {
        isClosed(after: reopened) && view.repository.holds(commit, below: tip)
            && !view.repository.holds(commit, below: view.tip)
    }

    fileprivate func isClosed(after time: Timestamp?) -> Bool {
        guard let time, let closed else { return true }
        return closed > time
    }
}

extension Repository {
    /// Whether a commit, by its hexadecimal id, is in the history of another; false for one that is
    /// not here.
    fileprivate func holds(_ commit: String, below tip: ObjectID) -> Bool {
        guard let id = ObjectID(commit) else { return false }
        return (try? id == tip || isAncestor(id, of: tip)) ?? false
    }
}
