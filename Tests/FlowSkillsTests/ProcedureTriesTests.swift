import FlowSystem
import Testing

@testable import FlowSkills

@Suite("Judging procedures by their tries")
struct ProcedureTriesTests {
    private static let text = """
        id: PR-EEEE0005
        name: checkout-to-publish
        kind: procedure
        status: experimental
        match: {fingerprint: 00000000-0000-8000-8000-0000000000ee}
        action: {type: apply}
        version: 1.2.0
        description: "checkout, then publish."
        category: tools
        tags: []
        steps:
          - {id: checkout, type: tool.called, name: git.checkout, optional: false, share: 1}
        parameters: []
        preconditions: []
        evidence: {support: 9, executions: 9, begun: 9}
        metadata: {confidence: 0.5}  # kept as a person wrote it
        """ + "\n"

    private func judge(_ tries: [Bool], by ratio: Bool = false, status: String = "experimental")
        throws -> Feedback.Outcome
    {
        let bytes = Array(Self.text.replacing("experimental", with: status).utf8)
        let file = SkillFile(path: "skills/PR-EEEE0005_checkout-to-publish.yaml", bytes: bytes)
        let member = SkillSet.Member(
            skill: try Skill.read(bytes, path: file.path), file: file, mistakes: [])
        let ledger = LedgerState(
            tries.enumerated().map { place, success in
                LedgerEntry.attempt(
                    LedgerEntry.AttemptLine(
                        skill: "PR-EEEE0005", time: Timestamp(day: 20_000 + place),
                        success: success, by: "ada"))
            })
        let now = Timestamp(day: 20_100)
        let report =
            ratio
            ? Feedback.ratio([member], ledger: ledger, now: now)
            : Feedback.posterior([member], ledger: ledger, now: now)
        return try #require(report.outcomes.first)
    }

    private func text(_ outcome: Feedback.Outcome) -> String? {
        outcome.bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("without a try nothing is known, and the document stays", arguments: [false, true])
    func none(_ ratio: Bool) throws {
        let outcome = try judge([], by: ratio)
        #expect(outcome.finding == .notEnoughData && outcome.bytes == nil)
        #expect(
            outcome.reason == "nobody has tried it: flow skills apply checkout-to-publish does")
    }

    @Test("confidence is the mean of what the tries say, and only its digits change")
    func confidence() throws {
        let outcome = try judge([true])
        #expect(outcome.newConfidence == 0.67 && outcome.finding == .notEnoughData)
        #expect(text(outcome) == Self.text.replacing("0.5}", with: "0.67}"))
        #expect(try judge([false]).newConfidence == 0.33)
    }

    @Test("three tries that succeed approve it; two do not, nor three after a failure")
    func approval() throws {
        #expect(text(try judge([true, true]))?.contains("status: experimental") == true)
        let proved = try judge([true, true, true])
        #expect(proved.finding == .boosted)
        #expect(text(proved)?.contains("status: approved") == true)
        #expect(text(try judge([false, true, true, true]))?.contains("experimental") == true)
        // What is approved stays so; its flag, confirmed, proposes its deprecation.
        let failing = try judge(Array(repeating: false, count: 8), status: "approved")
        #expect(failing.finding == .reduced && failing.flag?.confirmed != nil)
        #expect(try judge(Array(repeating: false, count: 4)).flag?.confirmed == nil)
        #expect(text(failing)?.contains("status: approved") == true)
    }
}
