import FlowSkills
import FlowSystem
import Testing

@Suite("Feedback by the seed's ratio")
struct FeedbackTests {
    private let deployed = Samples.time("2025-11-08T09:00:00Z")
    private var first: Int { deployed.day + 1 }

    private func skill() throws -> SkillFile {
        let draft = Samples.draft()
        let path = "skills/" + draft.file
        let bytes = try Skill.approved(
            Array(draft.text.utf8), path: path, deployedAt: deployed)
        return SkillFile(path: path, bytes: bytes)
    }

    private func judge(
        _ files: [SkillFile], ledger: LedgerState, now: Timestamp,
        lastSeen: [String: Timestamp] = [:]
    ) -> Feedback.Report {
        Feedback.ratio(SkillSet(files).members, ledger: ledger, now: now, lastSeen: lastSeen)
    }

    private func ledger(before: [Int?], after: [Int?]) -> LedgerState {
        let id = Samples.draft().id
        let days =
            before.enumerated().map { (deployed.day - before.count + $0, $1) }
            + after.enumerated().map { (first + $0, $1) }
        return LedgerState(
            days.compactMap { day, hits in
                hits.map {
                    .evidence(skill: id, evidence: DayEvidence(day: day, hits: $0), days: 1)
                }
            })
    }

    private func now(_ days: Int) -> Timestamp { Timestamp(day: first + days) }

    @Test(
        "multiplies confidence by the seed's bands",
        arguments: [
            (0, 0.65, Finding.boosted), (6, 0.65, .boosted), (7, 0.575, .boosted),
            (10, 0.575, .boosted), (11, 0.5, .unchanged), (18, 0.5, .unchanged),
            (19, 0.475, .reduced), (31, 0.475, .reduced), (32, 0.4, .reduced),
        ])
    func bands(_ hits: Int, _ confidence: Double, _ finding: Finding) throws {
        let before = [Int](repeating: 3, count: 30)
        let after = [hits] + [Int](repeating: 0, count: 6)
        let report = judge(
            [try skill()], ledger: ledger(before: before, after: after), now: now(7))
        let outcome = try #require(report.outcomes.first)
        #expect(outcome.finding == finding)
        #expect(outcome.newConfidence == confidence)
        let entry = try #require(outcome.entries.first)
        #expect(entry.hits7d == hits && entry.expected7d == 21 && entry.method == "ratio")
        #expect(entry.timestamp == now(7))
        #expect(outcome.reason.contains("expected 21, saw \(hits); rate ratio"))
    }

    @Test("counts each closed window once: the same now gives the same bytes")
    func once() throws {
        let before = [Int](repeating: 3, count: 30)
        let facts = ledger(before: before, after: [Int](repeating: 0, count: 20))
        var file = try skill()
        let report = judge([file], ledger: facts, now: now(20))
        let bytes = try #require(report.outcomes.first?.bytes)
        #expect(report.summary.updated == 1 && report.summary.boosted == 1)
        #expect(report.outcomes.first?.entries.count == 2)
        file.bytes = bytes
        let again = judge([file], ledger: facts, now: now(20))
        #expect(again.outcomes.first?.bytes == nil)
        #expect(again.outcomes.first?.finding == .unchanged)
        #expect(again.summary.updated == 0)
        let step = judge([try skill()], ledger: facts, now: now(13))
        file.bytes = try #require(step.outcomes.first?.bytes)
        let late = judge([file], ledger: facts, now: now(20))
        #expect(late.outcomes.first?.newConfidence == 0.845)
    }

    @Test("confidence stays between 0 and 1, and a success at 1 is still one")
    func clamped() throws {
        let facts = ledger(
            before: [Int](repeating: 3, count: 30), after: [Int](repeating: 0, count: 49))
        var file = try skill()
        for week in 1...7 {
            let outcome = judge([file], ledger: facts, now: now(7 * week)).outcomes[0]
            #expect(outcome.finding == .boosted)
            file.bytes = try #require(outcome.bytes)
        }
        let last = try Skill.read(file.bytes, path: file.path)
        #expect(last.metadata.confidence == 1)
        #expect(last.metadata.confidenceHistory.count == 7)
    }

    @Test("too little is known: the finding says what is missing, and nothing is written")
    func notEnough() throws {
        let steady = [Int?](repeating: 3, count: 30)
        let quiet = [Int?](repeating: 0, count: 7)
        let gap: [Int?] = [0, 0, nil, 0, 0, 0, 0]
        let few = [Int?](repeating: nil, count: 25) + [Int?](repeating: 3, count: 5)
        let rare = [Int?](repeating: 0, count: 29) + [1]
        let cases: [([Int?], [Int?], Int, String)] = [
            (steady, quiet, 6, "the first 7 days after its deployment end 2025-11-16"),
            (steady, gap, 7, "days are unknown: 1 of 2025-11-09 to 2025-11-15"),
            (few, quiet, 7, "5 of the 30 days before its deployment are known, 7 are needed"),
            (rare, quiet, 7, "expected 0.2 in 7 days: too few to compare with"),
            ([], [], 7, "0 of the 30 days before its deployment are known, 7 are needed"),
        ]
        for (before, after, days, reason) in cases {
            let report = judge(
                [try skill()], ledger: ledger(before: before, after: after), now: now(days))
            #expect(report.outcomes.map(\.reason) == [reason])
            #expect(report.outcomes.first?.finding == .notEnoughData)
            #expect(report.outcomes.first?.bytes == nil)
            #expect(report.summary.notEnoughData == 1)
        }
    }

    @Test("a window that becomes known later is judged then")
    func laterKnown() throws {
        let before = [Int?](repeating: 3, count: 30)
        let file = try skill()
        let gap = ledger(before: before, after: [0, 0, nil, 0, 0, 0, 0])
        #expect(judge([file], ledger: gap, now: now(7)).outcomes[0].bytes == nil)
        let whole = ledger(before: before, after: [Int?](repeating: 0, count: 7))
        #expect(judge([file], ledger: whole, now: now(9)).outcomes[0].bytes != nil)
    }

    @Test("the day of deployment is in no window")
    func deploymentDay() throws {
        let id = Samples.draft().id
        let days = (deployed.day - 30...deployed.day + 7).map { day in
            DayEvidence(day: day, hits: day == deployed.day ? 1000 : 3)
        }
        let facts = LedgerState(days.map { .evidence(skill: id, evidence: $0, days: 1) })
        let outcome = judge([try skill()], ledger: facts, now: now(7)).outcomes[0]
        #expect(outcome.entries.map(\.expected7d) == [21])
        #expect(outcome.entries.map(\.hits7d) == [21])
    }

    @Test("only valid skills that act are judged, experimental ones too")
    func acting() throws {
        let draft = Samples.draft(Samples.evidence(fingerprint: Samples.fingerprint(1)))
        let waiting = SkillFile(path: "skills/" + draft.file, bytes: Array(draft.text.utf8))
        let file = try skill()
        let text = String(decoding: file.bytes, as: UTF8.self)
        let trial = SkillFile(
            path: file.path,
            bytes: Array(text.replacing("status: approved", with: "status: experimental").utf8))
        let broken = SkillFile(
            path: file.path, bytes: Array(text.replacing("fingerprint:", with: "fingerprnt:").utf8))
        #expect(judge([waiting, trial], ledger: LedgerState(), now: now(7)).outcomes.count == 1)
        #expect(judge([broken], ledger: LedgerState(), now: now(7)).outcomes.isEmpty)
    }

    @Test("a deployment after now is named with its line, and the rest goes on")
    func future() throws {
        let file = try skill()
        let early = judge(
            [file], ledger: LedgerState(), now: Samples.time("2025-11-01T00:00:00Z"))
        #expect(early.outcomes.isEmpty)
        let problem = try #require(early.problems.first)
        #expect(problem.message.contains("lies after now"))
        let lines = String(decoding: file.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[problem.line - 1].contains("deployed_at: "))
    }

    @Test("hits of the last days are brought up to date where every day is known")
    func counts() throws {
        let facts = ledger(before: [Int](repeating: 3, count: 30), after: [1, 1, 1, 1, 1, 1, 1])
        let outcome = judge(
            [try skill()], ledger: facts, now: now(7),
            lastSeen: [Samples.draft().id: now(6)]
        ).outcomes[0]
        let skill = try Skill.read(try #require(outcome.bytes), path: outcome.path)
        #expect(skill.metadata.hits7d == 7)
        #expect(skill.metadata.hits30d == 25)
        #expect(skill.metadata.lastSeen == now(6))
    }
}
