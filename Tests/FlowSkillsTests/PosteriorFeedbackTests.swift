import FlowSkills
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Feedback by the posterior")
struct PosteriorFeedbackTests {
    private let deployed = Samples.time("2025-11-08T09:00:00Z")
    private var first: Int { deployed.day + 1 }

    private func now(_ days: Int) -> Timestamp { Timestamp(day: first + days) }

    private func draft(_ number: Int) -> SkillDraft {
        Samples.draft(Samples.evidence(fingerprint: Samples.fingerprint(number)))
    }

    private func skill(_ number: Int) throws -> SkillFile {
        let draft = draft(number)
        let path = "skills/" + draft.file
        let bytes = try Skill.approved(Array(draft.text.utf8), path: path, deployedAt: deployed)
        return SkillFile(path: path, bytes: bytes)
    }

    /// Lines of a skill's errors on the days of a component that was read from 60 days before
    /// deployment to `days` after it.
    private func entries(
        _ number: Int, _ days: Int, before: Int, after: (Int) -> Int
    ) -> [LedgerEntry] {
        let component = Samples.evidence().component
        return (deployed.day - 60..<first + days).flatMap { day -> [LedgerEntry] in
            // every fourth day has one more, as days of chance have
            let hits = day < first ? before + (day % 4 == 0 ? 1 : 0) : after(day - first)
            return [
                .component(
                    .init(
                        component: component, day: day, release: nil,
                        counts: .init(records: 1_000, errors: 50, untouched: 0))),
                .evidence(
                    skill: draft(number).id, evidence: .init(day: day, hits: hits), days: 1),
            ]
        }
    }

    private func judge(_ files: [SkillFile], _ entries: [LedgerEntry], _ days: Int)
        -> Feedback.Report
    {
        Feedback.posterior(
            SkillSet(files).members, ledger: LedgerState(entries), now: now(days))
    }

    @Test("a look writes finding, confidence and interval; between looks only a moved confidence")
    func looks() throws {
        var file = try skill(1)
        let all = entries(1, 40, before: 5) { $0 % 7 == 0 ? 1 : 0 }
        func day(_ count: Int) -> Feedback.Report {
            judge([file], entries(1, count, before: 5) { $0 % 7 == 0 ? 1 : 0 }, count)
        }
        #expect(all.count == 2 * 101)
        let look = day(7)
        let outcome = try #require(look.outcomes.first)
        #expect(outcome.finding == .boosted && look.summary.boosted == 1)
        #expect(outcome.reason.hasPrefix("boosted: expected "))
        #expect(outcome.newConfidence > 0.9)
        file.bytes = try #require(outcome.bytes)
        let skill = try Skill.read(file.bytes, path: file.path)
        #expect(skill.metadata.confidence == outcome.newConfidence)
        let entry = try #require(skill.metadata.confidenceHistory.last)
        #expect(entry.timestamp == now(7) && entry.method == "posterior" && entry.hits7d == 1)
        #expect(entry.expected7d == 36.75, "\(entry.expected7d)")
        #expect(try #require(entry.interval).low < entry.rateRatio ?? 0)
        #expect(skill.metadata.hits7d == 1)
        #expect(day(7).outcomes.first?.bytes == nil, "running twice changes nothing")
        for count in 8...13 {
            let between = try #require(day(count).outcomes.first)
            #expect(between.finding == .boosted, "the last look's finding holds")
            #expect(between.entries.isEmpty)
            #expect((between.bytes == nil) == (between.newConfidence == between.oldConfidence))
        }
        let second = try #require(day(14).outcomes.first)
        #expect(second.entries.map(\.timestamp) == [now(14)])
    }

    @Test("finding and confidence come from the ledger, not from the document's own history")
    func fromLedger() throws {
        let facts = entries(1, 20, before: 4) { $0 % 5 == 0 ? 1 : 0 }
        var file = try skill(1)
        let fresh = try #require(judge([file], facts, 20).outcomes.first)
        let early = entries(1, 9, before: 4) { $0 % 5 == 0 ? 1 : 0 }
        file.bytes = try #require(judge([file], early, 9).outcomes.first?.bytes)
        let later = try #require(judge([file], facts, 20).outcomes.first)
        #expect(later.newConfidence == fresh.newConfidence && later.finding == fresh.finding)
        let text = String(decoding: file.bytes, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.contains("  confidence:") })
        file.bytes = Array(text.replacing(line, with: "  confidence: 0.11").utf8)
        #expect(judge([file], facts, 20).outcomes.first?.newConfidence == fresh.newConfidence)
    }

    @Test("a gap that is filled late gives what was never a gap")
    func gap() throws {
        let whole = entries(1, 14, before: 4) { _ in 1 }
        let missing = whole.filter { entry in
            switch entry {
            case .component(let line): line.day != first + 3
            case .evidence(_, let evidence, _): evidence.day != first + 3
            default: true
            }
        }
        var file = try skill(1)
        let fresh = try #require(judge([file], whole, 14).outcomes.first)
        let holey = try #require(judge([file], missing, 14).outcomes.first)
        #expect(holey.judgement?.days == 13 && fresh.judgement?.days == 14)
        file.bytes = try #require(holey.bytes)
        let filled = try #require(judge([file], missing + whole, 14).outcomes.first)
        #expect(filled.newConfidence == fresh.newConfidence && filled.reason == fresh.reason)
    }

    @Test("a ratio without bound is null in the history, and the document stays readable")
    func unbounded() throws {
        var file = try skill(1)
        let facts = entries(1, 7, before: -1) { _ in 3 }.map { entry -> LedgerEntry in
            guard case .evidence(let skill, let evidence, let days) = entry, evidence.day < first
            else { return entry }
            var quiet = evidence
            quiet.hits = 0
            return .evidence(skill: skill, evidence: quiet, days: days)
        }
        file.bytes = try #require(judge([file], facts, 7).outcomes.first?.bytes)
        let text = String(decoding: file.bytes, as: UTF8.self)
        #expect(text.contains("rate_ratio: null"), "\(text)")
        let entry = try Skill.read(file.bytes, path: file.path).metadata.confidenceHistory.last
        #expect(entry?.rateRatio == nil && entry?.interval != nil && entry?.interval?.high == nil)
    }

    @Test("what cannot be judged says why, keeps its confidence, and stands in nobody's way")
    func gaps() throws {
        let good = try skill(1)
        let facts = entries(1, 7, before: 5) { _ in 0 }
        let report = judge([good, try skill(2)], facts, 7)
        let other = try #require(report.outcomes.first { $0.id == draft(2).id })
        #expect(other.finding == .notEnoughData && other.reason == "no day of it is known")
        #expect(other.bytes == nil && other.newConfidence == 0.5)
        #expect(
            report.summary.text
                == "updated 1 (1 boosted, 0 reduced), 0 unchanged, 1 without enough data")
    }

    @Test("tries of a fix say how it may be used")
    func tries() throws {
        let facts = (0..<16).map { number in
            LedgerEntry.attempt(
                .init(
                    skill: draft(1).id, time: deployed.adding(seconds: Double(number)),
                    success: true, by: "Ann"))
        }
        let report = judge([try skill(1)], facts + facts, 7)
        #expect(report.outcomes.first?.fix?.use == .apply)
        #expect(judge([try skill(1)], [], 7).outcomes.first?.fix == nil)
    }

    @Test(
        "shuffled, repeated and merged ledgers give the same bytes of every document",
        arguments: [1, 2, 3] as [UInt64])
    func order(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let files = try (1...30).map(skill)
        let facts = (1...30).flatMap { number in
            entries(number, 28, before: number % 6) { _ in
                Int.random(in: 0...(number % 5), using: &generator)
            }
        }
        func bytes(_ ledger: LedgerState) -> [[UInt8]?] {
            Feedback.posterior(SkillSet(files).members, ledger: ledger, now: now(28)).outcomes
                .map(\.bytes)
        }
        let expected = bytes(LedgerState(facts))
        #expect(expected.allSatisfy { $0 != nil })
        for _ in 0..<2 {
            let shuffled = (facts + facts.prefix(500)).shuffled(using: &generator)
            #expect(bytes(LedgerState(shuffled)) == expected)
            let half = shuffled.count / 2
            let merged = LedgerState(shuffled[..<half]).adding(Array(shuffled[half...]))
            #expect(bytes(merged) == expected)
        }
    }
}
