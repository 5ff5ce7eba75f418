package import FlowJSON
internal import FlowSkills
package import FlowSystem
internal import FlowText

/// The skills of a repository for people: how far each is trusted, and why.
///
/// All of it comes from the documents and the ledger of the default branch and from `now`, by what
/// `skills/feedback` judges with; nothing is written.
package struct SkillDesk {
    /// The rate of a skill's errors after its deployment as a multiple of that before.
    package struct Ratio: Sendable {
        /// nil where neither side has errors; infinite where only the days after have.
        package let value: Double?
        package let low: Double
        /// Infinite where nothing bounds it.
        package let high: Double
    }

    /// What tries of a fix say.
    package struct Fix: Sendable {
        package let tries: Int
        package let successes: Int
        /// The rate of success that it reaches with a probability of 80 %.
        package let lowerBound: Double
        /// `apply`, `apply-and-tell`, `suggest` or `silence`.
        package let use: String
    }

    /// The seed's four parts, which explain what is known of a fix and decide nothing.
    package struct Score: Sendable {
        package struct Part: Sendable {
            package let name: String
            package let weight: Double
            /// From 0 to 1.
            package let value: Double
        }

        package let parts: [Part]
        package let total: Double
    }

    /// One skill, as lists show it.
    package struct Row: Sendable {
        package let id: String
        package let name: String
        package let kind: String
        package let status: String
        package let path: String
        /// As of now; of a skill that does not act as its document has it.
        package let confidence: Double
        package let ratio: Ratio?
        /// Known days since deployment that were compared; nil where nothing was.
        package let days: Int?
        /// nil of a skill that does not act.
        package let finding: String?
        package let reason: String
        package let fix: Fix?
        /// Tries that the ledger has of it, and when the last one was.
        package let uses: Int
        package let lastUsed: Timestamp?
        /// Why a person should look at it; nil: no need to.
        package let flag: String?
        /// Whether a second look said so, upon which its deprecation is proposed.
        package let isFlaggedAgain: Bool
        package let json: JSON
    }

    /// In the order of the paths.
    package let rows: [Row]
    /// `file:line:column: message` of documents and lines that could not be used.
    package let problems: [String]
    private let view: RepositoryView
    let skills: SkillSet
    private let ledger: LedgerState
    private let now: Timestamp

    /// Judges all skills of the default branch.
    /// - Throws: where there is no repository, or no default branch.
    package init(_ workspace: String, now: Timestamp) throws {
        let view = try RepositoryView(workspace)
        let ledger = try view.ledger()
        let skills = try view.skills()
        let report = Feedback.posterior(skills.members, ledger: ledger.state, now: now)
        let outcomes = Dictionary(
            report.outcomes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        rows = skills.members.map {
            Row($0, outcomes[$0.file.path], ledger.state.attempts(of: $0.skill.id))
        }
        problems = (ledger.problems + skills.mistakes + report.problems).map(\.description)
        self.view = view
        self.skills = skills
        self.ledger = ledger.state
        self.now = now
    }

    /// All that there is to see of one skill.
    package struct Sheet {
        package let row: Row
        package let component: String
        package let template: String
        /// Of the deployment; nil where there was none.
        package let deployed: Timestamp?
        package let release: String?
        /// As the document has it.
        package let documented: Double
        package let chart: EffectChart
        /// nil of a guardrail.
        package let score: Score?
        /// nil of a skill that is no procedure.
        package let steps: StepGraph?
        package let procedure: ProcedureFacts?
        package let json: JSON
    }

    /// What is known of a procedure, in words that are not yet safe to show.
    package struct ProcedureFacts: Sendable {
        package let version: String
        package let description: String
        /// With blanks between.
        package let tags: String
        /// What was seen of it in runs, a sentence each.
        package let evidence: [String]
        /// What a caller gives, one each.
        package let parameters: [String]

        fileprivate init(_ procedure: Procedure) {
            version = procedure.version
            description = procedure.description
            tags = ([procedure.category] + procedure.tags).filter { !$0.isEmpty }
                .joined(separator: " ")
            evidence = procedure.seen
            parameters = procedure.asked
        }
    }

    /// The steps of a procedure as a graph.
    package struct StepGraph: Sendable {
        fileprivate let picture: ProcedurePicture
        /// For a terminal, safe to show.
        package var lines: [String] { picture.lines }
        package var mermaid: String { picture.mermaid }
        package var svg: String { picture.svg }
    }

    /// - Parameters:
    ///   - name: Its id or its name.
    ///   - columns: of the chart, at most.
    /// - Throws: `StageError` where there is no such skill.
    package func sheet(_ name: String, columns: Int) throws -> Sheet {
        let member = try skills.named(name)
        let skill = member.skill
        guard let row = rows.first(where: { $0.id == skill.id }) else {
            throw StageError("\(member.file.path) could not be judged")
        }
        let course = SkillCourse(of: skill, ledger, now: now)
        let score = skill.kind == .fixer ? try score(of: skill) : nil
        var object = row.json.objectValue ?? [:]
        object["score"] = score?.json ?? .null
        object["component"] = .string(skill.match.component)
        object["template"] = .string(skill.match.template)
        object["release"] = skill.metadata.release.map(JSON.string) ?? .null
        object["first_day"] = course.firstDay.map { .string(Timestamp(day: $0).date) } ?? .null
        object["looks"] = .array(course.looks.map { .string(Timestamp(day: $0).date) })
        object["days"] = .array(course.days.map(\.json))
        if let procedure = skill.procedure {
            let all = procedure.json.objectValue ?? [:]
            for (key, value) in all.members where object[key] == nil { object[key] = value }
            for key in Self.ofErrors { object[key] = nil }
        }
        return Sheet(
            row: row, component: skill.match.component, template: skill.match.template,
            deployed: skill.metadata.deployedAt, release: skill.metadata.release,
            documented: skill.metadata.confidence,
            chart: EffectChart(course, most: columns), score: score,
            steps: skill.procedure.map { StepGraph(picture: ProcedurePicture($0)) },
            procedure: skill.procedure.map(ProcedureFacts.init),
            json: .object(object))
    }

    /// What the sheet of a procedure does not have, since it answers no error.
    private static let ofErrors = [
        "component", "template", "release", "first_day", "looks", "days", "evidence_days",
        "hits_7d",
    ]

    private func score(of skill: Skill) throws -> Score {
        var shelf = try KnowledgeShelf(view, in: KnowledgeShelf.folder) { _ in }
        let cases = shelf.cases(
            like: skill, limit: KnowledgeShelf.limit, minScore: KnowledgeShelf.minScore)
        return Score(FixScore(of: skill, cases: cases.count, ledger, now: now))
    }
}

extension SkillDesk.Score {
    fileprivate init(_ score: FixScore) {
        let weights = FixScore.weights
        parts = [
            Part(name: "solved cases", weight: weights.solved, value: score.solved),
            Part(name: "history", weight: weights.history, value: score.history),
            Part(name: "recency", weight: weights.recency, value: score.recency),
            Part(name: "context", weight: weights.context, value: score.context),
        ]
        total = score.total
    }

    fileprivate var json: JSON {
        func number(_ value: Double) -> JSON { .number((value * 10_000).rounded() / 10_000) }
        var object: JSONObject = ["total": number(total)]
        for part in parts {
            object[part.name.replacing(" ", with: "_")] = number(part.value)
        }
        return .object(object)
    }
}

extension SkillDesk.Row {
    fileprivate init(
        _ member: SkillSet.Member, _ outcome: Feedback.Outcome?, _ tries: [LedgerEntry.AttemptLine]
    ) {
        let skill = member.skill
        id = skill.id
        name = skill.name
        kind = skill.kind.rawValue
        status = skill.status.rawValue
        path = member.file.path
        confidence = outcome?.newConfidence ?? skill.metadata.confidence
        let judgement = outcome?.judgement
        ratio = judgement.flatMap { judgement in
            judgement.interval.map {
                SkillDesk.Ratio(value: judgement.rateRatio, low: $0.low, high: $0.high)
            }
        }
        days = judgement?.days
        finding = outcome?.finding.rawValue
        reason = outcome?.reason ?? ""
        fix = outcome?.fix.map {
            SkillDesk.Fix(
                tries: $0.tries, successes: $0.succeeded, lowerBound: $0.lowerBound,
                use: $0.use.rawValue)
        }
        uses = tries.count
        lastUsed = tries.last?.time
        flag = outcome?.flag?.reason
        isFlaggedAgain = outcome?.flag?.confirmed != nil
        var object: JSONObject = [
            "id": .string(id), "name": .string(name), "kind": .string(kind),
            "status": .string(status), "confidence": .number(confidence),
            "evidence_days": days.map(JSON.integer) ?? .null,
        ]
        if let outcome = outcome?.json.objectValue {
            for (key, value) in outcome.members { object[key] = value }
        }
        object["uses"] = .integer(uses)
        object["last_used_at"] = lastUsed.map { .string($0.rfc3339) } ?? .null
        object["flag"] = flag.map(JSON.string) ?? .null
        object["flagged_again"] = .bool(isFlaggedAgain)
        object["documented_confidence"] = .number(skill.metadata.confidence)
        object["hits_7d"] = .integer(skill.metadata.hits7d)
        object["deployed_at"] = skill.metadata.deployedAt.map { .string($0.rfc3339) } ?? .null
        object["path"] = .string(path)
        json = .object(object)
    }
}

extension SkillCourse.Day {
    fileprivate var json: JSON {
        [
            "day": .string(Timestamp(day: day).date), "hits": .integer(hits),
            "exposure": exposure > 0 ? .integer(exposure) : .null, "use": .string(use.rawValue),
        ]
    }
}
