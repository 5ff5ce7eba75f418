import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

@Suite("When a skill is flagged, and when its deprecation is proposed")
struct SkillFlagTests {
    private func alone(_ after: [Int]) throws -> Judgement {
        try #require(
            Judging.alone([JudgingTests.series(before: JudgingTests.steady, after: after)]).first)
    }

    @Test("a reduction of two successive looks is confirmed on the day of the second")
    func looks() throws {
        let first = try alone(Array(repeating: 9, count: 7))
        #expect(first.finding == .reduced && first.confirmed == nil)
        let between = try alone(Array(repeating: 9, count: 13))
        #expect(between.finding == .reduced && between.confirmed == nil)
        let second = try alone(Array(repeating: 9, count: 14))
        #expect(second.confirmed == second.firstDay + 14)
        let last = try alone(Array(repeating: 9, count: 28))
        #expect(last.confirmed == last.firstDay + 28)
        let held = try alone(Array(repeating: 9, count: 60))
        #expect(held.confirmed == last.confirmed, "after the third look nothing is tested")
        let calm = try alone(
            Array(repeating: 12, count: 7) + Array(repeating: 0, count: 7))
        #expect(
            calm.finding == .reduced && calm.confirmed == nil, "the second look must say it too")
    }

    @Test("together as alone, whatever the order")
    func together() throws {
        let bad = JudgingTests.series(
            "bad", before: JudgingTests.steady, after: Array(repeating: 9, count: 14))
        let good = JudgingTests.series(
            "good", before: JudgingTests.steady, after: Array(repeating: 0, count: 14))
        for list in [[bad, good], [good, bad]] {
            let judged = Judging.together(list)
            #expect(judged.first { $0.id == "bad" }?.confirmed == bad.firstDay + 14)
            #expect(judged.first { $0.id == "good" }?.confirmed == nil)
        }
    }

    @Test("an error that is back is confirmed when it has been for fourteen days")
    func returned() throws {
        let quiet = Array(repeating: 0, count: 28)
        let noticed = try alone(quiet + Array(repeating: 6, count: 8))
        let since = try #require(noticed.returned)
        #expect(noticed.finding == .reduced && noticed.confirmed == nil)
        let later = try alone(quiet + Array(repeating: 6, count: 16))
        #expect(later.confirmed == since + 14)
    }

    private func outcome(_ tries: [Bool]) throws -> Feedback.Outcome {
        let draft = Samples.draft()
        let path = "skills/" + draft.file
        let file = SkillFile(path: path, bytes: Array(draft.text.utf8))
        let member = try #require(SkillSet([file]).members.first)
        let lines = tries.enumerated().map { number, success in
            LedgerEntry.attempt(
                .init(
                    skill: draft.id, time: Samples.now.adding(seconds: Double(number)),
                    success: success, by: "Ann"))
        }
        return Feedback.Outcome(member, gap: "", LedgerState(lines.reversed()))
    }

    @Test("a fix that works less than three times in ten is flagged, and again after 5 more tries")
    func fixes() throws {
        let failures = { Array(repeating: false, count: $0) }
        #expect(try outcome([]).flag == nil)
        #expect(try outcome(failures(1)).flag == nil, "one failure is no rate")
        let second = try #require(try outcome(failures(2)).flag)
        #expect(second.confirmed == nil)
        #expect(second.reason == "it works 0.25 of the time: 0 of 2 tries succeeded")
        #expect(try outcome(failures(6)).flag?.confirmed == nil)
        for count in 7...11 {
            let time = try outcome(failures(count)).flag?.confirmed
            #expect(time == Samples.now.adding(seconds: 6), "\(count)")
        }
        #expect(
            try outcome(failures(12)).flag?.confirmed == Samples.now.adding(seconds: 11))
        #expect(try outcome(failures(6) + [true, true, true]).flag == nil)
    }

    @Test("what was decided is asked again only by what confirms it later")
    func renewals() throws {
        let outcome = try outcome(Array(repeating: false, count: 7))
        let id = Deprecation.id(of: outcome.id)
        func ledger(_ verdict: Verdict, at time: Timestamp) -> LedgerState {
            LedgerState([
                .verdict(
                    .init(
                        skill: id, verdict: verdict, reason: "no", by: "Ann", time: time, round: 1))
            ])
        }
        let confirmed = Samples.now.adding(seconds: 6)
        func renewed(_ state: LedgerState) -> [LedgerEntry] {
            Deprecation.renewals([outcome], state, now: confirmed)
        }
        #expect(renewed(LedgerState()) == [])
        #expect(renewed(ledger(.rejected, at: confirmed)) == [])
        for verdict in [Verdict.rejected, .withdrawn, .approved] {
            let state = ledger(verdict, at: Samples.now)
            let lines = renewed(state)
            #expect(
                lines == [
                    .reopened(.init(skill: id, by: "flow", time: confirmed, round: 2))
                ])
            #expect(renewed(state.adding(lines)) == [], "once")
            #expect(state.adding(lines).reopening(of: id) != nil)
        }
    }

    @Test("its lines in the ledger are read, and a line that counts errors cannot have its id")
    func lines() throws {
        let id = "deprecate-GR-9F3C2A1B"
        #expect(ProposalSubject(id).edited == "GR-9F3C2A1B")
        #expect(ProposalSubject("deprecate-x").edited == nil)
        #expect(ProposalSubject("GR-9F3C2A1B").edited == nil)
        let entry = LedgerEntry.verdict(
            .init(
                skill: id, verdict: .rejected, reason: "no", by: "Ann", time: Samples.now, round: 1)
        )
        #expect(try LedgerEntry.read(entry.json).get() == entry)
        let evidence = LedgerEntry.evidence(
            skill: id, evidence: .init(day: Samples.now.day, hits: 1), days: 1)
        #expect(throws: LineProblem.self) { try LedgerEntry.read(evidence.json).get() }
    }

    @Test("it is approved where the skill is deprecated on the default branch, however that came")
    func verdict() throws {
        let id = "deprecate-GR-9F3C2A1B"
        let file = Review.Facts.Arrived(path: "skills/x.yaml", bytes: [], time: nil, by: "")
        let merged = try Review.verdict(
            on: .init(id: id, inSkills: file, branchExists: true), ledger: LedgerState(),
            now: Samples.now)
        #expect(merged.verdict == .approved && merged.operations == [])
        #expect(merged.entries.count == 1)
        let open = try Review.verdict(
            on: .init(id: id, branchExists: true), ledger: LedgerState(), now: Samples.now)
        #expect(open.verdict == .pending && open.reason.contains("proposal/\(id)"))
    }
}

@Suite("What fades and what explains")
struct FadingTests {
    @Test("confidence stays for 14 days without a reading, then half of it goes in each 90")
    func fading() {
        #expect(Fading.faded(0.9, towards: 0.5, unread: 14) == 0.9)
        #expect(abs(Fading.faded(0.9, towards: 0.5, unread: 104) - 0.7) < 1e-12)
        #expect(abs(Fading.faded(0.1, towards: 0.5, unread: 104) - 0.3) < 1e-12)
        #expect(abs(Fading.faded(0.9, towards: 0.5, unread: 100_000) - 0.5) < 1e-12)
    }

    @Test("a skill of which nothing is read any more is trusted less and less, and says why")
    func unread() throws {
        func judged(_ silent: Int) throws -> Judgement {
            var series = JudgingTests.series(
                before: JudgingTests.steady, after: Array(repeating: 0, count: 28))
            series.closedDays += silent
            return try #require(Judging.alone([series]).first)
        }
        let fresh = try judged(0)
        #expect(try judged(14).confidence == fresh.confidence)
        let half = try judged(104)
        #expect(half.confidence < fresh.confidence && half.finding == fresh.finding)
        #expect(half.reason.contains("nothing was read for 104 days, so it fades"))
        #expect(try judged(500).confidence < half.confidence)
    }

    @Test("the score has four parts of 0.4, 0.3, 0.2 and 0.1")
    func score() throws {
        let draft = Samples.draft()
        let skill = try Skill.read(Array(draft.text.utf8), path: draft.file)
        let none = FixScore(of: skill, cases: 0, LedgerState(), now: Samples.now)
        #expect(none.total == 0)
        let lines = [true, true, true, false].enumerated().map { number, success in
            LedgerEntry.attempt(
                .init(
                    skill: draft.id, time: Samples.now.adding(seconds: Double(number)),
                    success: success, by: "Ann"))
        }
        let day = Samples.now.day - 1
        let read: [LedgerEntry] = [
            .evidence(skill: draft.id, evidence: .init(day: day, hits: 1), days: 1)
        ]
        let all = FixScore(of: skill, cases: 1, LedgerState(lines + read), now: Samples.now)
        #expect(all.solved == 0.5 && all.history == 0.75 && all.recency == 1 && all.context == 1)
        #expect(abs(all.total - (0.2 + 0.225 + 0.2 + 0.1)) < 1e-12)
        let late = FixScore(
            of: skill, cases: 2, LedgerState(lines + read),
            now: Timestamp(day: Samples.now.day + 30))
        #expect(late.solved == 0.75 && late.recency == 0.5 && late.context == 0)
    }
}
