package import FlowSystem

/// What feedback said of a skill.
package enum Finding: String, Sendable, Hashable, CaseIterable {
    case boosted, reduced, unchanged
    case notEnoughData = "not-enough-data"
}

/// Judges skills by what came of their errors after they began to act.
package enum Feedback {
    /// The seed's rule: a band of the ratio of hits to expected hits, and what confidence is
    /// multiplied by in it.
    package struct Thresholds: Sendable, Hashable {
        /// Below: × `strongBoost`.
        package var strongBelow = 0.3
        /// Below: × `boost`.
        package var boostBelow = 0.5
        /// Above: × `reduction`.
        package var reduceAbove = 0.9
        /// Above: × `strongReduction`.
        package var strongAbove = 1.5
        package var strongBoost = 1.3
        package var boost = 1.15
        package var reduction = 0.95
        package var strongReduction = 0.8

        package init() {}

        /// What confidence is multiplied by at a ratio.
        func multiplier(_ ratio: Double) -> Double {
            if ratio < strongBelow { return strongBoost }
            if ratio < boostBelow { return boost }
            if ratio > strongAbove { return strongReduction }
            if ratio > reduceAbove { return reduction }
            return 1
        }
    }

    /// How windows are laid and what counts as enough.
    package struct Parameters: Sendable, Hashable {
        package var thresholds = Thresholds()
        /// Length of the baseline in UTC days; it ends with the day before deployment.
        package var baselineDays = 30
        /// How many of them must be known.
        package var minimumBaselineDays = 7
        /// Expected hits in 7 days below which a ratio says nothing.
        package var minimumExpected = 1.0

        package init() {}
    }

    /// What was found for one skill.
    package struct Outcome: Sendable, Hashable {
        package var id: String
        package var path: String
        package var finding: Finding
        /// Method, numbers and conclusion in a sentence.
        package var reason: String
        package var oldConfidence: Double
        package var newConfidence: Double
        /// The steps that are new, oldest first.
        package var entries: [Skill.HistoryEntry]
        /// The document's new bytes; nil where nothing in it changes.
        package var bytes: [UInt8]?
        /// What the statistics say; nil by the ratio, and where there is nothing to judge.
        package var judgement: Judgement?
        /// How the fix may be used; nil where nobody has tried it.
        package var fix: FixGate?
        /// The try that said again that it seldom works; nil where none did.
        var fixConfirmed: Timestamp?
    }

    /// How many skills were found what.
    package struct Summary: Sendable, Hashable {
        /// Documents that change.
        package var updated = 0
        /// Of those the ones that help.
        package var boosted = 0
        /// Of those the ones that do not.
        package var reduced = 0
        /// Of all skills those found so.
        package var unchanged = 0
        package var notEnoughData = 0
        /// Of all skills those that a person should look at.
        package var flagged = 0

        /// `updated 15 (10 boosted, 5 reduced), 3 unchanged, 2 without enough data`.
        package var text: String {
            "updated \(updated) (\(boosted) boosted, \(reduced) reduced), \(unchanged) unchanged, "
                + "\(notEnoughData) without enough data"
                + (flagged > 0 ? ", \(flagged) flagged for review" : "")
        }
    }

    /// The outcome of one run over all skills.
    package struct Report: Sendable, Hashable {
        /// In the order of the paths.
        package var outcomes: [Outcome] = []
        package var summary = Summary()
        /// Documents that are valid and could not be judged all the same; the others are.
        package var problems: [Mistake] = []
    }

    /// Judges every skill that acts by the seed's ratio rule on windows that do not overlap.
    ///
    /// The baseline is the days before the day of deployment, windows are the 7-day spans after it;
    /// the day itself, on which the skill acted only in part, is in neither. Each closed window is
    /// counted once: the newest step in the document's history says up to where. Judging twice with
    /// one `now` gives the same bytes.
    /// - Parameter lastSeen: The newest error's time by skill, for `metadata.last_seen`.
    package static func ratio(
        _ skills: [SkillSet.Member], ledger: LedgerState, now: Timestamp,
        parameters: Parameters = Parameters(), lastSeen: [String: Timestamp] = [:]
    ) -> Report {
        var report = Report()
        for member in judged(skills, ledger, now: now, &report) {
            do throws(SkillsError) {
                if member.skill.procedure != nil {
                    report.add(try tried(member, ledger))
                    continue
                }
                let judge = RatioJudge(
                    skill: member.skill, ledger: ledger, now: now, parameters: parameters,
                    lastSeen: lastSeen[member.skill.id])
                report.add(try judge.outcome(member.file))
            } catch {
                report.problems += error.mistakes
            }
        }
        return report
    }

    /// The skills that act, in the order of their paths, without those that cannot be judged.
    ///
    /// A deployment after now is a mistake, unless it is when the approving commit was made, by whatever
    /// clock: flow has written that one itself, with the verdict.
    static func judged(
        _ skills: [SkillSet.Member], _ ledger: LedgerState, now: Timestamp,
        _ report: inout Report
    ) -> [SkillSet.Member] {
        skills.filter { member in
            let skill = member.skill
            guard skill.isActing, member.mistakes.isEmpty else { return false }
            guard let deployed = skill.metadata.deployedAt, deployed > now,
                ledger.verdict(of: skill.id)?.time.seconds != deployed.seconds
            else { return true }
            let place = Skill.place(of: ["metadata", "deployed_at"], in: member.file.bytes)
            report.problems.append(
                Mistake(
                    path: member.file.path, line: place.line, column: place.column,
                    message: "metadata.deployed_at \(deployed.rfc3339) lies after now, "
                        + now.rfc3339))
            return false
        }.sorted { $0.file.path < $1.file.path }
    }
}

extension Feedback.Outcome {
    /// Of a skill of which there is nothing to judge.
    init(_ member: SkillSet.Member, gap reason: String, _ ledger: LedgerState) {
        let confidence = member.skill.metadata.confidence
        self.init(
            id: member.skill.id, path: member.file.path, finding: .notEnoughData, reason: reason,
            oldConfidence: confidence, newConfidence: confidence, entries: [])
        let tries = ledger.attempts(of: id)
        guard !tries.isEmpty else { return }
        let gate = FixGate(tries.map(\.success))
        fix = gate
        if gate.low > SkillFlag.furtherTries {
            // The first of them flags it, and every fifth from there on is a look again.
            fixConfirmed = tries[tries.count - 1 - (gate.low - 1) % SkillFlag.furtherTries].time
        }
    }

    init(_ member: SkillSet.Member, _ judgement: Judgement, _ ledger: LedgerState) {
        self.init(member, gap: judgement.reason, ledger)
        finding = judgement.finding
        self.judgement = judgement
    }
}

extension Feedback.Report {
    mutating func add(_ outcome: Feedback.Outcome) {
        outcomes.append(outcome)
        summary.count(outcome)
    }
}

extension Feedback.Summary {
    mutating func count(_ outcome: Feedback.Outcome) {
        let isUpdated = outcome.bytes != nil
        if isUpdated { updated += 1 }
        if outcome.flag != nil { flagged += 1 }
        switch outcome.finding {
        case .boosted: boosted += isUpdated ? 1 : 0
        case .reduced: reduced += isUpdated ? 1 : 0
        case .unchanged: unchanged += 1
        case .notEnoughData: notEnoughData += 1
        }
    }
}
