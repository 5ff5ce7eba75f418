import FlowSkills
import FlowSystem
import Testing

@Suite("Reading a skill")
struct SkillReadingTests {
    @Test("reports every mistake at its line and column")
    func mistakes() throws {
        let text = """
            id: gr-1
            name: x
            kind: guardrial
            status: merged
            match:
              component: a
              fingerprnt: 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02
              fingerprint: 8f14e45f-ceea-467f-b0c4-9a1d3c5e7f02
              template: t
              message_regex: "(a"
            metadata:
              hits_7d: -1
              confidence: 1.5
              deployed_at: yesterday
            examples: [1, [2]]
            colour: red
            """
        let (skill, mistakes) = Skill.check(Array(text.utf8), path: "skills/x.yaml")
        #expect(skill == nil)
        let found = mistakes.map { "\($0.line):\($0.column)" }
        #expect(
            found == [
                "1:5", "3:7", "4:9", "7:3", "8:16", "10:18", "12:12", "13:15", "14:16",
                "15:15", "16:1",
            ])
        let words = mistakes.map(\.message).joined(separator: "\n")
        #expect(words.contains("did you mean 'fingerprint'?"))
        #expect(words.contains("\"guardrial\"; it must be one of guardrail, fixer, procedure"))
        #expect(words.contains("no fingerprint: a UUID of version 8"))
    }

    @Test("names what is missing")
    func missing() {
        let (_, mistakes) = Skill.check(Array("name: x\n".utf8), path: "skills/x.yaml")
        #expect(
            mistakes.map(\.message) == [
                "id is missing", "kind is missing", "status is missing", "match is missing",
                "metadata is missing",
            ])
    }

    @Test("fails with all mistakes in the error's text")
    func text() {
        let error = #expect(throws: SkillsError.self) {
            try Skill.read(Array("id: [\n".utf8), path: "skills/x.yaml")
        }
        #expect(error?.code == .invalid)
        #expect(error?.description.hasPrefix("skills/x.yaml:") == true)
    }

    @Test(
        "wants the file to be named for the id",
        arguments: [
            ("GR-9F3C2A1B_keyerror.yaml", true), ("GR-9F3C2A1B_a_b-1.yaml", true),
            ("GR-9F3C2A1B.yaml", false), ("GR-9F3C2A1B_.yaml", false),
            ("GR-9F3C2A1B_Upper.yaml", false), ("GR-00000000_x.yaml", false),
            ("GR-9F3C2A1B_x.yml", false),
            ("GR-9F3C2A1B_\(String(repeating: "a", count: 41)).yaml", false),
        ])
    func fileName(_ file: String, _ isGood: Bool) {
        let text = Samples.draft().text
        let rest = text.split(separator: "\n", maxSplits: 1)[1]
        let bytes = Array(("id: GR-9F3C2A1B\n" + rest).utf8)
        #expect(Skill.check(bytes, path: "skills/" + file).1.isEmpty == isGood)
    }

    @Test("wants every example to match the regular expression")
    func examples() {
        let draft = Samples.draft(Samples.evidence(examples: ["KeyError: 'a' in b", "other"]))
        let (_, mistakes) = Skill.check(Array(draft.text.utf8), path: draft.proposedPath)
        #expect(mistakes.map(\.message) == ["match.message_regex does not match examples[1]"])
    }

    @Test("wants an action that fits the kind, and steps of a procedure")
    func action() {
        let draft = Samples.draft()
        let changed = draft.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0 == "kind: guardrail" ? "kind: fixer" : $0 }.joined(separator: "\n")
        let (_, mistakes) = Skill.check(Array(changed.utf8), path: draft.proposedPath)
        let words = mistakes.map(\.message).joined(separator: "\n")
        #expect(words.contains("the action of a fixer has type autopatch, not \"block\""))
        #expect(words.contains("script is missing"))
    }
}
