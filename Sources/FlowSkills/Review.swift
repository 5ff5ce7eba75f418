package import FlowSystem

/// A change of one file that a stage hands over.
package enum FileOperation: Sendable, Hashable {
    case write(path: String, bytes: [UInt8])
    case remove(path: String)

    /// The file that changes.
    package var path: String {
        switch self {
        case .write(let path, _), .remove(let path): path
        }
    }
}

/// Reads the verdict on a proposal from the default branch's tree and the ledger.
///
/// The tree outweighs the ledger: what has arrived on the default branch is approved, by whatever
/// way of merging it came and even if the reviewer edited it on the way.
package enum Review {
    /// What is known of one proposal.
    package struct Facts: Sendable, Hashable {
        /// A file on the default branch and the commit that brought it there.
        package struct Arrived: Sendable, Hashable {
            package var path: String
            package var bytes: [UInt8]
            /// When the commit was made; nil where its history is not at hand.
            package var time: Timestamp?
            /// The commit's author; empty where unknown.
            package var by: String

            package init(path: String, bytes: [UInt8], time: Timestamp?, by: String) {
                self.path = path
                self.bytes = bytes
                self.time = time
                self.by = by
            }
        }

        package var id: String
        /// The file in `skills/proposed/`, if it is there.
        package var inProposed: Arrived?
        /// The file in `skills/`, if it is there; of a proposal to edit it, if that is done.
        package var inSkills: Arrived?
        /// Whether `proposal/<ID>` exists, here or as a remote's branch.
        package var branchExists: Bool

        package init(
            id: String, inProposed: Arrived? = nil, inSkills: Arrived? = nil, branchExists: Bool
        ) {
            self.id = id
            self.inProposed = inProposed
            self.inSkills = inSkills
            self.branchExists = branchExists
        }
    }

    /// The verdict and what follows from it.
    package struct Outcome: Sendable, Hashable {
        package var id: String
        package var verdict: Verdict
        /// A sentence; may quote others' text.
        package var reason: String
        /// What to change in the tree; empty where nothing is left to do.
        package var operations: [FileOperation]
        /// What to add to the ledger; the ledger leaves out what it knows.
        package var entries: [LedgerEntry]
    }

    /// The verdict on one proposal.
    /// - Parameter now: The run's; an approved skill acts from the later of this and its commit.
    /// - Throws: `SkillsError` where the arrived file is no YAML, so that it cannot be moved.
    package static func verdict(
        on facts: Facts, ledger: LedgerState, now: Timestamp
    ) throws(SkillsError) -> Outcome {
        if ProposalSubject(facts.id).edited != nil, facts.inSkills != nil {
            return edited(facts, ledger, now)
        }
        if let skill = facts.inSkills {
            return try approved(skill, facts, ledger, now, isMoved: true)
        }
        if let proposed = facts.inProposed {
            return try approved(proposed, facts, ledger, now, isMoved: false)
        }
        if let line = ledger.verdict(of: facts.id),
            line.verdict != .withdrawn || !facts.branchExists
        {
            return remembered(line, facts)
        }
        if facts.branchExists {
            return Outcome(
                id: facts.id, verdict: .pending,
                reason: "branch proposal/\(facts.id) waits for a reviewer", operations: [],
                entries: [])
        }
        if let line = ledger.reopening(of: facts.id) {
            return Outcome(
                id: facts.id, verdict: .pending,
                reason: "it was reopened on \(line.time.date) by \(line.by) and waits to be "
                    + "proposed again", operations: [], entries: [])
        }
        return withdrawn(facts, ledger, now)
    }

    private static func approved(
        _ file: Facts.Arrived, _ facts: Facts, _ ledger: LedgerState, _ now: Timestamp,
        isMoved: Bool
    ) throws(SkillsError) -> Outcome {
        // Who saw it first may not have been able to publish it yet.
        let seen = ledger.verdict(of: facts.id).flatMap { $0.verdict == .approved ? $0.time : nil }
        let acts = seen ?? max(file.time ?? now, now)
        let target = Path.join(SkillName.folder, Path.name(file.path))
        let (skill, _) = Skill.check(file.bytes, path: target)
        var operations: [FileOperation] = []
        // A person who has put the file into skills/ may have given it a status of its own there.
        let waits =
            !isMoved || skill == nil || skill?.status == .proposed
            || (skill?.status == .approved && skill?.metadata.deployedAt == nil)
        if waits {
            let bytes = try Skill.approved(file.bytes, path: file.path, deployedAt: acts)
            if !isMoved || bytes != file.bytes {
                operations.append(.write(path: target, bytes: bytes))
            }
        }
        if let proposed = facts.inProposed { operations.append(.remove(path: proposed.path)) }
        let reason = sentence(of: file, isMoved: isMoved)
        let line = LedgerEntry.VerdictLine(
            skill: facts.id, verdict: .approved, reason: reason, by: file.by,
            time: skill?.metadata.deployedAt ?? acts, round: max(1, ledger.round(of: facts.id)))
        let isKnown = ledger.verdict(of: facts.id)?.verdict == .approved
        return Outcome(
            id: facts.id, verdict: .approved, reason: reason, operations: operations,
            entries: isKnown ? [] : [.verdict(line)])
    }

    /// Its status or version says so, by whatever way of merging or by a person's hand.
    private static func edited(
        _ facts: Facts, _ ledger: LedgerState, _ now: Timestamp
    ) -> Outcome {
        let what =
            if case .update(_, let version) = ProposalSubject(facts.id) {
                "at version \(version.text) or a later one"
            } else {
                "deprecated"
            }
        let reason = "the skill is \(what) on the default branch"
        let isKnown = ledger.verdict(of: facts.id)?.verdict == .approved
        let line = LedgerEntry.VerdictLine(
            skill: facts.id, verdict: .approved, reason: reason, by: "", time: now,
            round: max(1, ledger.round(of: facts.id)))
        return Outcome(
            id: facts.id, verdict: .approved, reason: reason, operations: [],
            entries: isKnown ? [] : [.verdict(line)])
    }

    private static func sentence(of file: Facts.Arrived, isMoved: Bool) -> String {
        let who = file.by.isEmpty ? "" : " by \(file.by)"
        return isMoved
            ? "its file is in \(SkillName.folder)/ on the default branch\(who)"
            : "its file was merged into the default branch\(who)"
    }

    private static func remembered(_ line: LedgerEntry.VerdictLine, _ facts: Facts) -> Outcome {
        let when = line.time.date
        let who = line.by.isEmpty ? "" : " by \(line.by)"
        let reason =
            switch line.verdict {
            case .approved: "it was approved on \(when)\(who) and has been taken back since"
            case .rejected:
                "it was rejected on \(when)\(who)" + (line.reason.isEmpty ? "" : ": \(line.reason)")
            case .withdrawn, .pending:
                "it was withdrawn on \(when): " + line.reason
            }
        return Outcome(
            id: facts.id, verdict: line.verdict, reason: reason, operations: [], entries: [])
    }

    private static func withdrawn(
        _ facts: Facts, _ ledger: LedgerState, _ now: Timestamp
    ) -> Outcome {
        guard ledger.proposals[facts.id] != nil else {
            return Outcome(
                id: facts.id, verdict: .pending, reason: "it has not been proposed yet",
                operations: [], entries: [])
        }
        let reason = "branch proposal/\(facts.id) is gone and was never merged"
        let line = LedgerEntry.VerdictLine(
            skill: facts.id, verdict: .withdrawn, reason: reason, by: "flow", time: now,
            round: max(1, ledger.round(of: facts.id)))
        return Outcome(
            id: facts.id, verdict: .withdrawn, reason: reason, operations: [],
            entries: [.verdict(line)])
    }
}
