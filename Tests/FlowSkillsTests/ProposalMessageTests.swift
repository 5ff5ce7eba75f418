import FlowSkills
import FlowSystem
import Testing

@Suite("A proposal's message")
struct ProposalMessageTests {
    @Test("explains the evidence and what approving does")
    func text() throws {
        let message = try message(Samples.draft())
        #expect(message.subject == "Propose guardrail \(Samples.draft().id): KeyError in sale")
        #expect(
            message.body == """
                Seen 10 times in the 7 and 25 times in the 30 closed days (UTC) before 2025-11-07.
                First seen 2025-11-01T08:12:44Z, last seen 2025-11-07T11:58:02Z.
                The counts show no trend: 7 steady days would bring 5.8.
                One example message is kept, with secrets masked; message_regex matches it.

                Where (component), and what its messages have in common (template):

                    odoo.addons.sale

                    KeyError: '<str>' in <path>

                As the programs wrote it, with secrets masked:

                    KeyError: 'partner_id' in sale/models/order.py

                Merging approves it: the next run moves it to skills/ with status approved, and \
                from then on counts whether the error comes less often.

                """)
    }

    @Test(
        "lets hostile text form no trailer, heading, mention, reference, link or control",
        arguments: Samples.hostile)
    func hostile(_ text: String) throws {
        let evidence = Samples.evidence(
            component: text, type: text, template: text, examples: [text, text])
        let message = try message(Samples.draft(evidence))
        #expect(!message.subject.contains("\n") && message.subject.unicodeScalars.count <= 120)
        for line in message.body.split(separator: "\n", omittingEmptySubsequences: false) {
            let isOwn = !line.hasPrefix("    ")
            if isOwn {
                #expect(
                    !line.contains("octocat") && !line.hasPrefix("#") && !line.contains("Mallory"))
            }
        }
        for part in [message.subject, message.body] {
            #expect(!part.contains("@octocat") && !part.contains("#12") && !part.contains("://"))
            #expect(!part.lowercased().contains("gh-12") && !part.contains("[skip ci]"))
            #expect(!part.contains("@example"))
            #expect(part.unicodeScalars.allSatisfy { $0 == "\n" || isHarmless($0) })
        }
        #expect(message.body.hasSuffix("whether the error comes less often.\n"))
    }

    private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029: false
        default: true
        }
    }

    private func message(_ draft: SkillDraft) throws -> ProposalMessage {
        let (skill, _) = Skill.check(Array(draft.text.utf8), path: draft.proposedPath)
        return ProposalMessage(try #require(skill), trend: draft.evidence.trend)
    }

    @Test("says nothing of a trend that nobody has counted")
    func unknown() throws {
        let draft = Samples.draft()
        let skill = try Skill.read(Array(draft.text.utf8), path: draft.proposedPath)
        let body = ProposalMessage(skill, trend: nil).body
        #expect(body.hasPrefix("Seen 10 times") && !body.contains("steady"))
    }

    @Test("cuts long text and says how much is left out")
    func long() {
        let many = Array(repeating: "x", count: 30).joined(separator: "\n")
        #expect(ForeignText.indented(many).hasSuffix("\n    [10 more lines]"))
        let wide = String(repeating: "y", count: 300)
        #expect(ForeignText.indented(wide).hasSuffix("y [100 more characters]"))
    }
}
