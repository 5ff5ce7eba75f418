import FlowJSON
import FlowSkills
import FlowSystem
import Testing

@Suite("A drafted skill")
struct SkillDraftTests {
    @Test("is the document of docs/formats.md, key by key")
    func shape() {
        let id = SkillName.id(.guardrail, fingerprint: Samples.fingerprint)
        let text = Samples.draft().text
        let expected = """
            id: \(id)
            name: KeyError in sale
            kind: guardrail
            status: proposed
            priority: medium
            match:
              component: odoo.addons.sale
              fingerprint: 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02
              template: "KeyError: '<str>' in <path>"
              message_regex: "^KeyError: '[^']*' in \\\\S+$"
            action: {type: block, message: "Prevented: KeyError in sale", suggest_fix: true}
            evaluation:
              tests: [{name: repeats less than baseline after 7 d, metric: hits_7d_delta, target: "<= -50%"}]
            metadata:
              hits_7d: 10
              hits_30d: 25
              impact_score: 14.5
              first_seen: 2025-11-01T08:12:44Z
              last_seen: 2025-11-07T11:58:02Z
              confidence: 0.5
              confidence_history: []
              deployed_at: null
              generated_at: 2025-11-07T12:00:00Z
              auto_generated: true
            examples: ["KeyError: 'partner_id' in sale/models/order.py"]
            owners: [platform]
            notes: |
              Seen 10 times in the 7 and 25 times in the 30 closed days (UTC) before 2025-11-07.
            """
        #expect(text.hasPrefix(expected))
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
    }

    @Test("passes its own validation under the name it is given")
    func valid() throws {
        let draft = Samples.draft()
        #expect(draft.proposedPath.hasSuffix("_keyerror-in-sale.yaml"))
        let skill = try Skill.read(Array(draft.text.utf8), path: draft.proposedPath)
        #expect(skill.id == draft.id)
        #expect(skill.status == .proposed)
        #expect(skill.metadata.impactScore == 14.5)
        #expect(skill.metadata.deployedAt == nil)
        #expect(skill.metadata.lastSeen == Samples.time("2025-11-07T11:58:02Z"))
        #expect(skill.notes == draft.notes)
        #expect(skill.owners == ["platform"])
    }

    @Test("gives every hostile text back byte for byte", arguments: Samples.hostile)
    func hostile(_ text: String) throws {
        let evidence = Samples.evidence(
            component: text, type: text, template: text, regex: ".*",
            examples: [text, text + "x", "y"])
        let draft = Samples.draft(evidence)
        let (skill, mistakes) = Skill.check(Array(draft.text.utf8), path: draft.proposedPath)
        #expect(mistakes.filter { !$0.message.contains("does not match") }.isEmpty)
        let bytes = Array(text.utf8)
        #expect(Array(try #require(skill).match.component.utf8) == bytes)
        #expect(skill.map { Array($0.match.template.utf8) } == bytes)
        #expect(skill?.examples.map { Array($0.utf8) } == [bytes, bytes + [0x78], [0x79]])
        #expect(skill?.name == draft.name)
    }

    @Test(
        "is a guardrail where type or message speaks of one, else a fixer",
        arguments: [
            ("KeyError", "x", Skill.Kind.guardrail), ("ValueError", "x", .guardrail),
            ("Error", "missing field", .guardrail), ("", "Invalid token", .guardrail),
            ("", "403 Forbidden", .guardrail), ("PermissionError", "", .guardrail),
            ("ValidationError", "", .guardrail), ("", "two keys differ", .guardrail),
            ("OSError", "disk full", .fixer), ("", "monkey business", .fixer),
            ("", "broken <key> in <value>", .fixer), ("IndexError", "", .fixer),
        ])
    func kind(_ type: String, _ template: String, _ kind: Skill.Kind) {
        let evidence = Samples.evidence(type: type, template: template)
        #expect(evidence.kindChoice.kind == kind)
    }

    @Test("names a script and starts dry where it is a fixer")
    func fixer() throws {
        let draft = Samples.draft(
            Samples.evidence(type: "OSError", template: "disk full", regex: ".", examples: ["d"]))
        let skill = try Skill.read(Array(draft.text.utf8), path: draft.proposedPath)
        #expect(draft.id.hasPrefix("FX-"))
        #expect(skill.action["script"]?.stringValue == "autopatches/\(draft.id.lowercased()).py")
        #expect(skill.action["dry_run"]?.boolValue == true)
    }

    @Test("keeps at most five examples")
    func fiveExamples() {
        let draft = Samples.draft(Samples.evidence(examples: (0..<9).map { "e\($0)" }))
        #expect(draft.examples.count == 5)
    }

    @Test("takes its words from the message where the type says nothing")
    func emptyType() {
        let evidence = Samples.evidence(
            component: "/usr/bin/git", type: "fatal",
            template: "fatal: not a git repository: <path>")
        #expect(evidence.name == "fatal not a git repository in git")
    }
}

@Suite("Names of skills")
struct SkillNameTests {
    @Test(
        "slugs are short, lower-case and cut between words",
        arguments: [
            ("KeyError in sale.order", "keyerror-in-sale-order"), ("Übung ß", "bung"),
            ("!!!", "skill"), ("", "skill"),
            (
                "one two three four five six seven eight nine ten",
                "one-two-three-four-five-six-seven-eight"
            ),
            (String(repeating: "a", count: 60), String(repeating: "a", count: 40)),
        ])
    func slug(_ name: String, _ slug: String) {
        #expect(SkillName.slug(name) == slug)
        #expect(SkillName.slug(name).utf8.count <= 40)
    }

    @Test("ids have 8 digits, and 12 for each new fingerprint whose 8 would name two")
    func collisions() throws {
        let one = Samples.fingerprint(1)
        let short = SkillName.id(.guardrail, fingerprint: one)
        let free = SkillName.ids([(.guardrail, one)], taken: [:])
        #expect(free == [short])
        let used = SkillName.ids([(.guardrail, one)], taken: [short: Samples.fingerprint(2)])
        #expect(used == [SkillName.id(.guardrail, fingerprint: one, digits: 12)])
        let kept = SkillName.ids([(.fixer, one)], taken: [short: one])
        #expect(kept == [short])
    }

    @Test("titles carry no mention, reference, link or markup")
    func title() {
        let title = SkillName.title("Fixes #12 GH-7 @octocat `x` <b> [l](http://a)\u{1B}[0m")
        #expect(title == "Fixes 12 GH 7 octocat x b l (http a) 0m")
        #expect(SkillName.title(String(repeating: "x", count: 200)).count == 80)
    }

    @Test(
        "ids and fingerprints are told from other text",
        arguments: [
            ("GR-9F3C2A1B", true), ("FX-9F3C2A1B0011", true), ("PR-00000000", true),
            ("GR-9f3c2a1b", false), ("XX-9F3C2A1B", false), ("GR-9F3C2A1", false), ("GR", false),
            ("GR-9F3C2A1G", false),
        ])
    func ids(_ text: String, _ isID: Bool) { #expect(SkillName.isID(text) == isID) }
}
