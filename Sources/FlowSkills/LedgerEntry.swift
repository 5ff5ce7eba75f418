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
    /// Which of the day's errors these are.
    package var share: DaySeries<Int>.Share
    /// Where they were counted, when it is not the skill's own component alone.
    package var components: [String]

    package init(
        day: Int, hits: Int, share: DaySeries<Int>.Share = .unnamed, components: [String] = []
    ) {
        self.day = day
        self.hits = hits
        self.share = share
        self.components = components
    }
}

/// One line of the ledger.
package enum LedgerEntry: Sendable, Hashable {
    /// The same evidence for `days` days from `evidence.day` on.
    case evidence(skill: String, evidence: DayEvidence, days: Int)
    case component(ComponentLine)
    case attempt(AttemptLine)
    case verdict(VerdictLine)
    case proposed(ProposedLine)
    case reopened(ReopenedLine)
    case correction(CorrectionLine)

    /// What a component wrote on one day: with it the day is known of each of its skills.
    package struct ComponentLine: Sendable, Hashable {
        package var component: String
        /// UTC days since 1970-01-01.
        package var day: Int
        /// nil: the records that name none.
        package var release: String?
        package var counts: ComponentCounts

        package init(component: String, day: Int, release: String?, counts: ComponentCounts) {
            self.component = component
            self.day = day
            self.release = release
            self.counts = counts
        }
    }

    /// What came of one try of a fix.
    package struct AttemptLine: Sendable, Hashable {
        package var skill: String
        package var time: Timestamp
        package var success: Bool
        /// Who says so.
        package var by: String
        /// A sentence; others' text.
        package var note: String

        package init(skill: String, time: Timestamp, success: Bool, by: String, note: String = "") {
            self.skill = skill
            self.time = time
            self.success = success
            self.by = by
            self.note = note
        }

        /// Lines with one key say the same: `FX-9F3C2A1B/attempt/2026-11-20T02:00:00.123456Z`.
        package var key: String { "\(skill)/attempt/\(time.description)" }
    }

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
        /// Of a version of a procedure that was rejected, which may not be what was opened; nil where
        /// it is not known.
        package var fingerprint: String?

        package init(
            skill: String, verdict: Verdict, reason: String, by: String, time: Timestamp,
            round: Int, fingerprint: String? = nil
        ) {
            self.skill = skill
            self.verdict = verdict
            self.reason = reason
            self.by = by
            self.time = time
            self.round = round
            self.fingerprint = fingerprint
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

    /// That a person said which label an error has, whatever a model had said of it.
    package struct CorrectionLine: Sendable, Hashable {
        package var fingerprint: String
        /// What the person says.
        package var label: String
        /// What the model in service said; nil: there was none.
        package var predicted: Prediction?
        package var by: String
        /// A sentence; others' text.
        package var note: String
        package var time: Timestamp

        package struct Prediction: Sendable, Hashable {
            package var label: String
            /// From 0 to 1.
            package var probability: Double
            /// The model's hash.
            package var model: String

            package init(label: String, probability: Double, model: String) {
                self.label = label
                self.probability = probability
                self.model = model
            }
        }

        package init(
            fingerprint: String, label: String, predicted: Prediction?, by: String, note: String,
            time: Timestamp
        ) {
            self.fingerprint = fingerprint
            self.label = label
            self.predicted = predicted
            self.by = by
            self.note = note
            self.time = time
        }

        /// Lines with one key say the same.
        package var key: String { "\(fingerprint)/correction/\(time.description)" }
    }

    /// The skill the line is about; nil for one about a component or a group of errors.
    package var skill: String? {
        switch self {
        case .evidence(let skill, _, _): skill
        case .component, .correction: nil
        case .attempt(let line): line.skill
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
            return Self.json(skill, evidence, days: days)
        case .component(let line):
            var members: JSONObject = [
                "type": "component", "component": .string(line.component),
                "day": .string(Timestamp(day: line.day).date),
                "records": .integer(line.counts.records), "errors": .integer(line.counts.errors),
                "untouched": .integer(line.counts.untouched),
            ]
            if let release = line.release { members["release"] = .string(release) }
            return .object(members)
        case .attempt(let line):
            var members: JSONObject = [
                "type": "attempt", "skill": .string(line.skill),
                "success": .bool(line.success), "by": .string(line.by),
            ]
            if !line.note.isEmpty { members["note"] = .string(line.note) }
            members["time"] = .string(line.time.description)
            members["key"] = .string(line.key)
            return .object(members)
        case .verdict(let line):
            return Self.json(line)
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
        case .correction(let line): return Self.json(line)
        }
    }

    private static func json(_ line: VerdictLine) -> JSON {
        var members: JSONObject = [
            "type": "verdict", "skill": .string(line.skill),
            "verdict": .string(line.verdict.rawValue),
        ]
        if let fingerprint = line.fingerprint { members["fingerprint"] = .string(fingerprint) }
        members["reason"] = .string(line.reason)
        members["by"] = .string(line.by)
        members["time"] = .string(line.time.rfc3339)
        members["round"] = .integer(line.round)
        members["key"] = .string(line.key)
        return .object(members)
    }

    private static func json(_ line: CorrectionLine) -> JSON {
        var members: JSONObject = [
            "type": "correction", "fingerprint": .string(line.fingerprint),
            "label": .string(line.label),
        ]
        if let predicted = line.predicted {
            members["predicted"] = .string(predicted.label)
            members["probability"] = .number((predicted.probability * 10_000).rounded() / 10_000)
            members["model"] = .string(predicted.model)
        }
        members["by"] = .string(line.by)
        if !line.note.isEmpty { members["note"] = .string(line.note) }
        members["time"] = .string(line.time.description)
        members["key"] = .string(line.key)
        return .object(members)
    }

    private static func json(_ skill: String, _ evidence: DayEvidence, days: Int) -> JSON {
        var line: JSONObject = [
            "type": "evidence", "skill": .string(skill),
            "day": .string(Timestamp(day: evidence.day).date),
        ]
        if days > 1 { line["days"] = .integer(days) }
        line["hits"] = .integer(evidence.hits)
        switch evidence.share {
        case .whole: line["exposure"] = .null
        case .unnamed: break
        case .release(let name): line["release"] = .string(name)
        }
        if !evidence.components.isEmpty {
            line["components"] = .array(evidence.components.map(JSON.string))
        }
        return .object(line)
    }

    /// The month's file that holds the line: `skills/ledger/2026-11.jsonl`.
    package var path: String {
        let day: Int =
            switch self {
            case .evidence(_, let evidence, _): evidence.day
            case .component(let line): line.day
            case .attempt(let line): line.time.day
            case .verdict(let line): line.time.day
            case .proposed(let line): line.time.day
            case .reopened(let line): line.time.day
            case .correction(let line): line.time.day
            }
        return Ledger.path(day: day)
    }

    /// Where the line stands among others that are written with it.
    var order: String {
        switch self {
        case .proposed(let line): "0 " + line.key
        case .verdict(let line): "1 " + line.key
        case .reopened(let line): "1 " + line.key
        case .attempt(let line): "2 " + line.key
        case .correction(let line): "2 " + line.key
        case .component(let line):
            "3 " + Timestamp(day: line.day).date + " " + line.component + " "
                + (line.release ?? "")
        case .evidence(let skill, let evidence, _):
            "4 " + Timestamp(day: evidence.day).date + " " + skill + " "
                + (evidence.share.release ?? "")
        }
    }
}
