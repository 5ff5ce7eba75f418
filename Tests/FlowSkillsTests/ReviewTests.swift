import FlowSkills
import FlowSystem
import Testing

@Suite("Review")
struct ReviewTests {
    private let draft = Samples.draft()
    private var bytes: [UInt8] { Array(draft.text.utf8) }
    private var proposedPath: String { draft.proposedPath }
    private var skillPath: String { "skills/" + draft.file }
    private let now = Samples.time("2025-11-08T02:00:00Z")

    private func arrived(_ path: String, _ bytes: [UInt8], time: String? = "2025-11-07T20:00:00Z")
        -> Review.Facts.Arrived
    {
        .init(path: path, bytes: bytes, time: time.map(Samples.time), by: "Ann")
    }

    private var opened: LedgerEntry { opening(round: 1) }

    private func opening(round: Int) -> LedgerEntry {
        .proposed(
            .init(
                skill: draft.id, fingerprint: Samples.fingerprint, path: draft.proposedPath,
                time: Samples.now, hits30d: 25, round: round))
    }

    private func admission(_ hits: Int, _ ledger: LedgerState) -> Review.Admission {
        Review.admission(
            of: draft.id, hits30d: hits, fingerprint: Samples.fingerprint, ledger: ledger)
    }

    private func verdict(
        _ facts: Review.Facts, _ entries: [LedgerEntry] = []
    ) throws -> Review.Outcome {
        try Review.verdict(on: facts, ledger: LedgerState(entries), now: now)
    }

    @Test("a file that arrived in skills/proposed is approved and moved")
    func merged() throws {
        let facts = Review.Facts(
            id: draft.id, inProposed: arrived(proposedPath, bytes), branchExists: true)
        let outcome = try verdict(facts, [opened])
        #expect(outcome.verdict == .approved)
        #expect(outcome.operations.map(\.path) == [skillPath, proposedPath])
        guard case .write(_, let moved) = outcome.operations[0] else {
            Issue.record("the file is not written")
            return
        }
        let skill = try Skill.read(moved, path: skillPath)
        #expect(skill.status == .approved)
        #expect(skill.metadata.deployedAt == now)
        let state = LedgerState([opened] + outcome.entries)
        #expect(state.verdict(of: draft.id)?.by == "Ann")
        let again = try Review.verdict(
            on: .init(id: draft.id, inSkills: arrived(skillPath, moved), branchExists: true),
            ledger: state, now: now.adding(seconds: 86_400))
        #expect(again.verdict == .approved)
        #expect(again.operations.isEmpty && again.entries.isEmpty)
    }

    @Test("a commit from the future deploys at its own time")
    func future() throws {
        let file = arrived(proposedPath, bytes, time: "2025-11-09T00:00:00Z")
        let outcome = try verdict(.init(id: draft.id, inProposed: file, branchExists: false))
        guard case .write(_, let moved) = outcome.operations.first else { return }
        #expect(try Skill.read(moved, path: skillPath).metadata.deployedAt == file.time)
    }

    @Test("a reviewer's edits on the way stay, even mistakes")
    func edited() throws {
        let text = draft.text + "# looks right to me\nmood: good\n"
        let facts = Review.Facts(
            id: draft.id, inProposed: arrived(proposedPath, Array(text.utf8)), branchExists: false)
        let outcome = try verdict(facts)
        #expect(outcome.verdict == .approved)
        guard case .write(_, let moved) = outcome.operations.first else { return }
        #expect(
            String(decoding: moved, as: UTF8.self).hasSuffix("# looks right to me\nmood: good\n"))
    }

    @Test("a file that a person moved to skills is approved where it is")
    func moved() throws {
        let facts = Review.Facts(
            id: draft.id, inSkills: arrived(skillPath, bytes), branchExists: true)
        let outcome = try verdict(facts, [opened])
        #expect(outcome.verdict == .approved)
        #expect(outcome.operations.map(\.path) == [skillPath])
    }

    @Test(
        "a person's own status in skills is left alone", arguments: ["deprecated", "experimental"])
    func ownStatus(_ status: String) throws {
        let text = draft.text.replacingFirst("status: proposed", "status: \(status)")
        let facts = Review.Facts(
            id: draft.id, inSkills: arrived(skillPath, Array(text.utf8)), branchExists: false)
        #expect(try verdict(facts, [opened]).operations.isEmpty)
    }

    @Test("a merge outweighs an earlier rejection")
    func mergeAfterRejection() throws {
        let rejected = Review.rejection(
            of: draft.id, reason: "no", by: "Bo", at: Samples.now, ledger: LedgerState([opened]))
        let facts = Review.Facts(
            id: draft.id, inProposed: arrived(proposedPath, bytes), branchExists: true)
        let outcome = try verdict(facts, [opened, rejected])
        #expect(outcome.verdict == .approved)
        let state = LedgerState([opened, rejected] + outcome.entries)
        #expect(state.verdict(of: draft.id)?.verdict == .approved)
    }

    @Test("a rejection is remembered, with branch or without, and not proposed again")
    func rejected() throws {
        let ledger = [
            opened,
            Review.rejection(
                of: draft.id, reason: "too broad", by: "Bo", at: Samples.now,
                ledger: LedgerState([opened])),
        ]
        for branch in [true, false] {
            let outcome = try verdict(.init(id: draft.id, branchExists: branch), ledger)
            #expect(outcome.verdict == .rejected)
            #expect(outcome.reason == "it was rejected on 2025-11-07 by Bo: too broad")
            #expect(outcome.operations.isEmpty && outcome.entries.isEmpty)
        }
        let admission = self.admission(1000, LedgerState(ledger))
        #expect(!admission.isOpen)
    }

    @Test("a branch that is there is pending")
    func pending() throws {
        let outcome = try verdict(.init(id: draft.id, branchExists: true), [opened])
        #expect(outcome.verdict == .pending)
        #expect(outcome.operations.isEmpty && outcome.entries.isEmpty)
    }

    @Test("a branch that went away unmerged is withdrawn, once, until its evidence doubles")
    func withdrawn() throws {
        let facts = Review.Facts(id: draft.id, branchExists: false)
        let outcome = try verdict(facts, [opened])
        #expect(outcome.verdict == .withdrawn)
        let ledger = [opened] + outcome.entries
        let again = try verdict(facts, ledger)
        #expect(again.verdict == .withdrawn && again.entries.isEmpty)

        let state = LedgerState(ledger)
        #expect(!admission(49, LedgerState([opened])).isOpen)
        #expect(!admission(49, state).isOpen)
        let admission = self.admission(50, state)
        #expect(admission.isOpen && admission.round == 2)
        let reopened = ledger + [opening(round: 2)]
        #expect(try verdict(.init(id: draft.id, branchExists: true), reopened).verdict == .pending)
        let gone = try verdict(facts, reopened)
        #expect(gone.verdict == .withdrawn && gone.entries.count == 1)
    }

    @Test("reopening lets a rejected skill be proposed again, once")
    func reopened() throws {
        var ledger = [opened]
        let state = { LedgerState(ledger) }
        let reopen = { Review.reopening(of: draft.id, by: "Cy", at: Samples.now, ledger: state()) }
        #expect(reopen() == nil)
        ledger.append(
            Review.rejection(of: draft.id, reason: "", by: "Bo", at: Samples.now, ledger: state()))
        ledger.append(try #require(reopen()))
        #expect(reopen() == nil)
        let facts = Review.Facts(id: draft.id, branchExists: false)
        let waiting = try verdict(facts, ledger)
        #expect(waiting.verdict == .pending && waiting.entries.isEmpty)
        let admission = self.admission(1, state())
        #expect(admission.isOpen && admission.round == 3)
        ledger.append(opening(round: admission.round))
        #expect(try verdict(facts, ledger).verdict == .withdrawn)
        #expect(!self.admission(1, state()).isOpen)
    }

    @Test("a copy in both folders leaves one skill")
    func both() throws {
        let facts = Review.Facts(
            id: draft.id, inProposed: arrived(proposedPath, bytes),
            inSkills: arrived(skillPath, bytes), branchExists: false)
        #expect(try verdict(facts).operations.map(\.path) == [skillPath, proposedPath])
    }

    @Test("an approved skill whose file was removed stays approved and is not proposed again")
    func removed() throws {
        let line = LedgerEntry.verdict(
            .init(
                skill: draft.id, verdict: .approved, reason: "", by: "Ann", time: Samples.now,
                round: 1))
        let outcome = try verdict(.init(id: draft.id, branchExists: false), [opened, line])
        #expect(outcome.verdict == .approved && outcome.operations.isEmpty)
        #expect(!admission(99, LedgerState([line])).isOpen)
    }

    @Test("what was never proposed is neither withdrawn nor noted")
    func unknown() throws {
        let outcome = try verdict(.init(id: draft.id, branchExists: false))
        #expect(outcome.verdict == .pending && outcome.entries.isEmpty)
        #expect(admission(1, LedgerState()).round == 1)
    }

    @Test("a file that is no YAML cannot be moved, and the error says where it is wrong")
    func broken() {
        let facts = Review.Facts(
            id: draft.id, inProposed: arrived(proposedPath, Array("a: [".utf8)), branchExists: false
        )
        let error = #expect(throws: SkillsError.self) { try verdict(facts) }
        #expect(error?.mistakes.first?.path == proposedPath)
    }
}
