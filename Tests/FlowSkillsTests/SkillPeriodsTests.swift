import FlowSkills
import FlowSystem
import Testing

@Suite("The days that a skill is judged by")
struct SkillPeriodsTests {
    private let deployed = Samples.time("2025-11-08T09:00:00Z")
    private let id = Samples.draft().id
    private let component = Samples.evidence().component
    private var day: Int { deployed.day }

    private func skill(release: String? = nil) throws -> Skill {
        let draft = Samples.draft()
        let path = "skills/" + draft.file
        let bytes = try Skill.approved(Array(draft.text.utf8), path: path, deployedAt: deployed)
        var skill = try Skill.read(bytes, path: path)
        skill.metadata.release = release
        return skill
    }

    private func hits(_ day: Int, _ hits: Int, _ release: String? = nil) -> LedgerEntry {
        .evidence(
            skill: id, evidence: .init(day: day, hits: hits, share: .init(release: release)),
            days: 1)
    }

    private func read(
        _ day: Int, _ records: Int = 100, errors: Int = 10, untouched: Int = 4,
        in release: String? = nil
    ) -> LedgerEntry {
        .component(
            .init(
                component: component, day: day, release: release,
                counts: .init(records: records, errors: errors, untouched: untouched)))
    }

    private func proposed(_ time: Timestamp) -> LedgerEntry {
        .proposed(
            .init(
                skill: id, fingerprint: Samples.fingerprint, path: "x", time: time, hits30d: 9,
                round: 1))
    }

    private func periods(
        _ entries: [LedgerEntry], _ skill: Skill? = nil, days: Int = 10
    ) throws(SkillPeriods.Gap) -> SkillPeriods {
        guard let skill = skill ?? (try? self.skill()) else { throw .notDeployed }
        return try SkillPeriods(
            of: skill, LedgerState(entries), now: Timestamp(day: day + 1 + days))
    }

    @Test("a day is known, and zero, where the component was read since the skill was counted")
    func known() throws {
        let entries =
            [hits(day - 40, 0), hits(day - 2, 3), hits(day + 1, 2)]
            + (day - 60...day + 5).filter { $0 != day + 3 }.map { read($0) }
        let found = try periods(entries, days: 10)
        #expect(found.after.map(\.day) == [1, 2, 4, 5].map { day + $0 })
        #expect(found.after.map(\.hits) == [2, 0, 0, 0])
        #expect(found.after.allSatisfy { $0.exposure == 90 && $0.untouched == 4 })
        #expect(found.firstDay == day + 1 && found.closedDays == 10)
        let early = try periods([hits(day - 30, 1)] + (day - 60...day + 5).map { read($0) })
        #expect(early.before.first?.day == day - 30)
    }

    @Test("the baseline leaves out the days for which the error was chosen, and ends at deployment")
    func baseline() throws {
        let entries = [hits(day - 90, 1)] + (day - 90...day + 5).map { read($0) }
        let chosen = try periods(entries + [proposed(Timestamp(day: day - 10))])
        let days = Set(chosen.before.map(\.day))
        #expect(days.count == 28 && days.max() == day - 1)
        #expect(days.isDisjoint(with: day - 16...day - 10) && days.contains(day - 9))
        // Samples are generated on a day of their own, long before which nothing is cut out.
        let late = try periods(
            [hits(day - 90, 1)] + (day - 90...day - 60).map { read($0) }
                + (day - 20...day).map { read($0) } + [proposed(Timestamp(day: day - 200))])
        #expect(late.before.count == 28 && late.before.first?.day == day - 67)
    }

    @Test("too few known days of a baseline, no count and no deployment are told apart")
    func gaps() throws {
        #expect(throws: SkillPeriods.Gap.neverCounted) { try periods([read(day)]) }
        #expect(throws: SkillPeriods.Gap.shortBaseline(20)) {
            try periods(
                [hits(day - 20, 1), proposed(Timestamp(day: day - 200))]
                    + (day - 20...day + 5).map { read($0) })
        }
        var waiting = try skill()
        waiting.metadata.deployedAt = nil
        #expect(throws: SkillPeriods.Gap.notDeployed) { try periods([], waiting) }
    }

    @Test("where releases are known, only those first seen since deployment count after it")
    func releases() throws {
        let old = (day - 60...day + 9).flatMap { [read($0, in: "1.4"), hits($0, 3, "1.4")] }
        #expect(throws: SkillPeriods.Gap.notReleased) { try periods(old) }
        let new = (day + 2...day + 9).flatMap { [read($0, 50, in: "1.5"), hits($0, 1, "1.5")] }
        let found = try periods(old + new)
        #expect(found.firstDay == day + 3 && found.closedDays == 8)
        #expect(found.after.map(\.hits) == [Int](repeating: 1, count: 7))
        #expect(found.after.allSatisfy { $0.exposure == 40 })
        #expect(found.before.allSatisfy { $0.hits == 3 && $0.exposure == 90 })
        let named = try periods(old + new, skill(release: "1.4"))
        #expect(named.firstDay == day + 1 && named.after.first?.hits == 3)
        #expect(named.after.last?.hits == 4)
        #expect(throws: SkillPeriods.Gap.notReleased) {
            try periods(old + new, skill(release: "2.0"))
        }
    }
}
