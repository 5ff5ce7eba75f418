package import FlowJSON
package import FlowSystem

/// What the review said of a proposal.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
    case approved, rejected, withdrawn, pending

    /// Of several verdicts on one proposal the strongest holds: a merge outweighs a rejection, and
    /// that a branch that went away.
    var strength: Int {
        switch self {
        case .approved: 3
        case .rejected: 2
        case .withdrawn: 1
        case .pending: 0
        }
    }
}

/// The errors of one skill on one UTC day, as far as they were read.
package struct DayEvidence: Sendable, Hashable {
    /// UTC days since 1970-01-01.
    package var day: Int
    package var hits: Int
    /// Requests, hosts or log lines of that day; nil where unknown.
    package var exposure: Double?
    package var release: String?

    package init(day: Int, hits: Int, exposure: Double? = nil, release: String? = nil) {
        self.day = day
        self.hits = hits
        self.exposure = exposure
        self.release = release
    }

    /// Of two readings of one day the one that saw more; the same whatever their order.
    func join(_ other: DayEvidence) -> DayEvidence {
        let mine = (hits, exposure ?? -1, release ?? "")
        let theirs = (other.hits, other.exposure ?? -1, other.release ?? "")
        return mine < theirs ? other : self
    }

    /// Whether the next day can share a line with this one.
    func continues(with next: DayEvidence) -> Bool {
        hits == 0 && next.hits == 0 && exposure == next.exposure && release == next.release
    }
}

/// One line of the ledger.
package enum LedgerEntry: Sendable, Hashable {
    /// The same evidence for `days` days from `evidence.day` on.
    case evidence(skill: String, evidence: DayEvidence, days: Int)
    case verdict(VerdictLine)
    case proposed(ProposedLine)
    case reopened(ReopenedLine)

    /// What the review said of one round of a proposal.
    package struct VerdictLine: Sendable, Hashable {
        package var skill: String
        package var verdict: Verdict
        /// A sentence; others' text.
        package var reason: String
        /// Who decided: the author of the commit, the person at the terminal, or `flow`.
        package var by: String
        package var time: Timestamp
        /// Which proposal of the skill is meant, from 1.
        package var round: Int

        package init(
            skill: String, verdict: Verdict, reason: String, by: String, time: Timestamp,
            round: Int
        ) {
            self.skill = skill
            self.verdict = verdict
            self.reason = reason
            self.by = by
            self.time = time
            self.round = round
        }

        /// Lines with one key say the same: `GR-9F3C2A1B/1/rejected`.
        package var key: String { "\(skill)/\(round)/\(verdict.rawValue)" }
    }

    /// That a proposal was opened.
    package struct ProposedLine: Sendable, Hashable {
        package var skill: String
        package var fingerprint: String
        /// `skills/proposed/<ID>_<slug>.yaml`.
        package var path: String
        package var time: Timestamp
        /// The evidence at that time, against which later evidence is compared.
        package var hits30d: Int
        /// From 1; proposing or reopening again takes the next number.
        package var round: Int

        package init(
            skill: String, fingerprint: String, path: String, time: Timestamp, hits30d: Int,
            round: Int
        ) {
            self.skill = skill
            self.fingerprint = fingerprint
            self.path = path
            self.time = time
            self.hits30d = hits30d
            self.round = round
        }

        /// Lines with one key say the same: `GR-9F3C2A1B/1/proposed`.
        package var key: String { "\(skill)/\(round)/proposed" }
    }

    /// That a person lets a rejected or withdrawn skill be proposed again.
    package struct ReopenedLine: Sendable, Hashable {
        package var skill: String
        package var by: String
        package var time: Timestamp
        /// A number of its own after that of the proposal it reopens.
        package var round: Int

        package init(skill: String, by: String, time: Timestamp, round: Int) {
            self.skill = skill
            self.by = by
            self.time = time
            self.round = round
        }

        /// Lines with one key say the same: `GR-9F3C2A1B/2/reopened`.
        package var key: String { "\(skill)/\(round)/reopened" }
    }

    /// The skill the line is about.
    package var skill: String {
        switch self {
        case .evidence(let skill, _, _): skill
        case .verdict(let line): line.skill
        case .proposed(let line): line.skill
        case .reopened(let line): line.skill
        }
    }
}

extension LedgerEntry {
    /// The object that is written as one line.
    package var json: JSON {
        switch self {
        case .evidence(let skill, let evidence, let days):
            var line: JSONObject = [
                "type": "evidence", "skill": .string(skill),
                "day": .string(Timestamp(day: evidence.day).date),
            ]
            if days > 1 { line["days"] = .integer(days) }
            line["hits"] = .integer(evidence.hits)
            line["exposure"] = evidence.exposure.map(JSON.number) ?? .null
            line["release"] = evidence.release.map(JSON.string) ?? .null
            return .object(line)
        case .verdict(let line):
            return [
                "type": "verdict", "skill": .string(line.skill),
                "verdict": .string(line.verdict.rawValue), "reason": .string(line.reason),
                "by": .string(line.by), "time": .string(line.time.rfc3339),
                "round": .integer(line.round), "key": .string(line.key),
            ]
        case .proposed(let line):
            return [
                "type": "proposed", "skill": .string(line.skill),
                "fingerprint": .string(line.fingerprint), "path": .string(line.path),
                "time": .string(line.time.rfc3339), "hits_30d": .integer(line.hits30d),
                "round": .integer(line.round), "key": .string(line.key),
            ]
        case .reopened(let line):
            return [
                "type": "reopened", "skill": .string(line.skill), "by": .string(line.by),
                "time": .string(line.time.rfc3339), "round": .integer(line.round),
                "key": .string(line.key),
            ]
        }
    }

    /// The month's file that holds the line: `skills/ledger/2026-11.jsonl`.
    package var path: String {
        let day: Int =
            switch self {
            case .evidence(_, let evidence, _): evidence.day
            case .verdict(let line): line.time.day
            case .proposed(let line): line.time.day
            case .reopened(let line): line.time.day
            }
        return Ledger.path(day: day)
    }

    /// Where the line stands among others that are written with it.
    var order: String {
        switch self {
        case .evidence(let skill, let evidence, _):
            "2 " + skill + " " + Timestamp(day: evidence.day).date
        case .verdict(let line): "1 " + line.key
        case .proposed(let line): "0 " + line.key
        case .reopened(let line): "1 " + line.key
        }
    }
}
