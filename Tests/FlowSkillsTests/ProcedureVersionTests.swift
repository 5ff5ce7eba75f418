import FlowJSON
import FlowSystem
import Testing

@testable import FlowSkills

@Suite("Versions of a procedure")
struct ProcedureVersionTests {
    private func step(_ name: String, isOptional: Bool = false, depth: Int = 1) -> Procedure.Step {
        Procedure.Step(
            id: name, type: "tool.called", name: name, agents: [], isOptional: isOptional, share: 1,
            arguments: [.init(path: "depth", source: .literal(.integer(depth)))], duration: nil)
    }

    private func parameter(_ name: String, isRequired: Bool = true, type: String = "string")
        -> Procedure.Parameter
    {
        Procedure.Parameter(
            name: name, type: type, isRequired: isRequired, fallback: nil, examples: [],
            range: nil, distinct: 2)
    }

    private func procedure(
        _ steps: [Procedure.Step], _ parameters: [Procedure.Parameter] = [],
        version: String = "1.0.0", support: Int = 8
    ) -> Procedure {
        Procedure(
            name: "a-to-b", description: "", version: version, status: "experimental",
            category: "tools", tags: [], steps: steps, parameters: parameters, preconditions: [],
            evidence: Procedure.Evidence(
                support: support, executions: support, begun: support, success: nil,
                lift: .unknown, seconds: nil, cost: nil, first: nil, last: nil, runs: [],
                transitions: []))
    }

    private var old: Procedure {
        procedure([step("a"), step("b"), step("c", isOptional: true)], [parameter("x")])
    }

    @Test("what a caller must do otherwise is major, what there is more minor, values a patch")
    func weights() {
        // A version that differs is told from the one that was, so that each is judged for itself.
        func next(_ new: Procedure) -> String {
            let change = ProcedureChange(from: old, to: new)
            #expect((change.weight == .none) == (new.versionFingerprint == old.versionFingerprint))
            return change.next(after: .init(major: 1, minor: 2, patch: 3)).text
        }
        let (a, b, c) = (step("a"), step("b"), step("c", isOptional: true))
        let x = parameter("x")
        #expect(next(old) == "1.2.3")
        #expect(next(procedure([a, b, c], [x], support: 80)) == "1.2.3")
        #expect(next(procedure([a, step("b", depth: 2), c], [x])) == "1.2.4")
        #expect(next(procedure([a, b], [x])) == "1.3.0")
        #expect(next(procedure([a, b, c, step("d", isOptional: true)], [x])) == "1.3.0")
        #expect(next(procedure([a, b, c], [x, parameter("y", isRequired: false)])) == "1.3.0")
        #expect(next(procedure([a, b, c], [parameter("x", type: "integer")])) == "1.3.0")
        #expect(next(procedure([a, b, step("c")], [x])) == "2.0.0")
        #expect(next(procedure([b, a, c], [x])) == "2.0.0")
        #expect(next(procedure([a, b, step("d")], [x])) == "2.0.0")
        #expect(next(procedure([a, b, c], [x, parameter("y")])) == "2.0.0")
        #expect(next(procedure([a, b, c], [])) == "2.0.0")
    }

    @Test("a change is told in sentences in which names of others do nothing")
    func news() {
        let hostile = procedure(
            [step("a"), step("b"), step("@octocat closes #12\n# x"), step("c", isOptional: true)],
            [parameter("x")])
        #expect(
            ProcedureChange(from: old, to: hostile).news == [
                "Steps that are always done: new: octocat closes 12 x."
            ])
        let other = procedure([step("a"), step("d")], [parameter("y"), parameter("x")])
        #expect(
            ProcedureChange(from: old, to: other).news == [
                "Steps that are always done: new: d; gone: b.",
                "Parameters that a caller must give: new: y.", "Optional steps: gone: c.",
                "Types: new: y (string).",
            ])
    }

    private func skill(_ procedure: Procedure, id: String) -> Skill {
        Skill(procedure, id: id, owners: [], generatedAt: Samples.now)
    }

    @Test("the fingerprint is of the steps that are always done, in order")
    func fingerprint() {
        let (a, b, c) = (step("a"), step("b"), step("c", isOptional: true))
        #expect(SkillName.isFingerprint(old.fingerprint))
        #expect(procedure([a, c, b]).fingerprint == old.fingerprint)
        #expect(procedure([b, a]).fingerprint != old.fingerprint)
        #expect(procedure([a]).fingerprint != old.fingerprint)
    }

    @Test("a found procedure is the known one that is most like it, and each known one is one's")
    func places() {
        let letters = "abcdefghij".map { String($0) }
        func chain(_ names: [String]) -> Procedure { procedure(names.map { step($0) }) }
        let known = KnownProcedures([
            skill(chain(letters), id: "PR-00000001"),
            skill(chain(["x", "y", "z"]), id: "PR-00000002"),
        ])
        let one = chain(Array(letters.dropLast()))
        let two = chain(Array(letters.dropLast(2)))
        let far = chain(Array(letters.dropLast(3)))
        func places(_ found: [Procedure]) -> [Int?] {
            known.places(of: found, minSimilarity: 0.8)
        }
        #expect(places([one]) == [0])
        #expect(places([two, one]) == [nil, 0])
        #expect(places([two, chain(["y", "z", "x"]), chain(["x", "y", "z"])]) == [0, nil, 1])
        #expect(places([far]) == [nil])
        #expect(KnownProcedures([]).places(of: [one], minSimilarity: 0) == [nil])
    }

    @Test("another version changes its own members and no other byte of the document")
    func revised() throws {
        var first = try Procedure(reading: Samples.release)
        first.version = "1.0.0"
        let id = SkillName.id(.procedure, fingerprint: first.fingerprint)
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let text = skill(first, id: id).procedureDocument
            .replacing("name: checkout-to-publish\n", with: "name: Release  # ours\n")
            .replacing("tags: [checkout, publish]", with: "tags: [ours]")
            .replacing("owners: []", with: "owners: [ada]   # asked")
        var second = try Procedure(
            reading: .object(
                JSONObject((Samples.release.objectValue ?? [:]).members.filter { $0.0 != "tags" })))
        second.version = "1.0.1"
        let bytes = try Skill.revised(Array(text.utf8), path: path, to: second)
        let skill = try Skill.read(bytes, path: path)
        let revised = String(decoding: bytes, as: UTF8.self)
        #expect(skill.name == "Release" && skill.procedure?.version == "1.0.1")
        #expect(revised.contains("name: Release  # ours\n"))
        #expect(revised.contains("owners: [ada]   # asked\n"))
        // neither the tags nor the description are flow's own
        #expect(skill.procedure?.tags == ["ours"])
        #expect(skill.procedure?.description == "checkout, then publish.")
        #expect(
            revised.split(separator: "\n").count(where: { !text.contains($0) }) <= 1, "\(revised)")
    }

    @Test(
        "an id says what its proposal asks for",
        arguments: [
            ("PR-0A1B2C3D", ProposalSubject.addition("PR-0A1B2C3D")),
            ("deprecate-PR-0A1B2C3D", .deprecation(of: "PR-0A1B2C3D")),
            (
                "update-PR-0A1B2C3D-2.10.0",
                .update(of: "PR-0A1B2C3D", to: SkillVersion(major: 2, minor: 10, patch: 0))
            ),
            ("update-PR-0A1B2C3D", .addition("update-PR-0A1B2C3D")),
            ("update-PR-0A1B2C3-1.0.0", .addition("update-PR-0A1B2C3-1.0.0")),
        ])
    func subjects(_ id: String, _ subject: ProposalSubject) {
        #expect(ProposalSubject(id) == subject && subject.id == id)
    }

    @Test("what was rejected is not proposed again, however many runs follow it; other steps are")
    func admission() throws {
        for id in ["PR-0A1B2C3D", "update-PR-0A1B2C3D-2.0.0"] {
            let opened = LedgerEntry.proposed(
                .init(
                    skill: id, fingerprint: old.fingerprint, path: "skills/x.yaml",
                    time: Samples.now, hits30d: 8, round: 1))
            let rejected = Review.rejection(
                of: id, reason: "not now", by: "Ada", at: Samples.now,
                ledger: LedgerState([opened]))
            let ledger = LedgerState([opened, rejected])
            let same = Review.admission(
                of: id, hits30d: 800, fingerprint: old.fingerprint, ledger: ledger)
            #expect(!same.isOpen && same.reason == "it was rejected on 2025-11-07: not now")
            let other = Review.admission(
                of: id, hits30d: 1, fingerprint: Samples.fingerprint, ledger: ledger)
            // The id of a new one is that of its steps.
            #expect(other.isOpen == id.hasPrefix("update-"))
            #expect(other.round == (other.isOpen ? 2 : 1))
            let lines = Ledger.joined([], Array((opened.json.text() + "\n").utf8))
            var reader = LedgerReader()
            reader.read(SkillFile(path: "skills/ledger/2025-11.jsonl", bytes: lines))
            let read = reader.ledger([])
            #expect(read.problems.isEmpty && read.state.proposals[id]?.count == 1)
        }
    }
}

@Suite("What a proposed procedure says")
struct ProcedureMessageTests {
    @Test("steps, parameters, success and what approving does")
    func text() throws {
        let procedure = try Procedure(reading: Samples.release)
        let skill = Skill(procedure, id: "PR-0A1B2C3D", owners: [], generatedAt: Samples.now)
        let message = ProposalMessage(skill, trend: nil)
        #expect(message.subject == "Propose procedure PR-0A1B2C3D: checkout-to-publish")
        #expect(
            message.body == """
                A procedure of 2 steps. 30 runs followed it, 31 times in all; 32 runs began it.
                Of 32 runs that began it and whose end is known 30 followed it and succeeded: 94 % (95 % interval: 79 % to 99 %).
                It raises success: 30 of 30 runs that follow it succeeded, 0 of the 2 others (p = 0.002).

                Its steps, in order:

                    1. checkout (branch: <branch>, depth: 1)
                    2. publish (sha: what checkout gave as sha)

                What it asks for:

                    branch, string: "release-1", "release-2", "release-3", "release-4-with-a-longer-name" (30 values seen)

                Merging accepts it: the next run moves it to skills/ with status experimental. flow skills apply then writes a workflow of its steps and runs it, and what comes of each try is counted: three that succeed approve it. Once rejected it is not proposed again until somebody reopens it (flow proposals reopen) or its steps are others.

                """)
        #expect(skill.notes.hasPrefix("A procedure of 2 steps. 30 runs followed it"))
        let other = ProposalMessage(versionOf: skill, procedure, news: ["Optional steps: new: x."])
        #expect(
            other.subject == "Propose version 1.0.0 of procedure PR-0A1B2C3D: checkout-to-publish")
        #expect(other.body.hasPrefix("Optional steps: new: x.\n\nA procedure of 2 steps."))
    }

    @Test("text of others stands indented and does nothing", arguments: Samples.hostile)
    func hostile(_ text: String) {
        let step = Procedure.Step(
            id: "s", type: "t" + text, name: text, agents: [text], isOptional: false, share: 1,
            arguments: [.init(path: text, source: .literal(.string(text)))], duration: nil)
        let procedure = Procedure(
            name: "x", description: text, version: "1.0.0", status: "experimental", category: text,
            tags: [text], steps: [step],
            parameters: [
                .init(
                    name: "p", type: "string", isRequired: false, fallback: .string(text),
                    examples: [.string(text)], range: nil, distinct: 1)
            ], preconditions: [.init(type: text, name: text, share: 1)],
            evidence: .init(
                support: 1, executions: 1, begun: 1, success: nil, lift: .unknown, seconds: nil,
                cost: nil, first: nil, last: nil, runs: [text], transitions: []))
        let skill = Skill(procedure, id: "PR-0A1B2C3D", owners: [], generatedAt: Samples.now)
        let plain = Skill(
            Procedure(
                name: "x", description: "", version: "1.0.0", status: "experimental", category: "",
                tags: [], steps: [], parameters: procedure.parameters,
                preconditions: procedure.preconditions, evidence: procedure.evidence),
            id: "PR-0A1B2C3D", owners: [], generatedAt: Samples.now)
        // whatever the texts are, lines that are flow's own are the same
        func own(_ skill: Skill) -> [Substring] {
            ProposalMessage(skill, trend: nil).text.split(separator: "\n")
                .filter { !$0.hasPrefix("    ") }
        }
        #expect(own(skill).dropFirst(2) == own(plain).dropFirst(2))
        let shown = ProposalMessage(skill, trend: nil).text
        #expect(!shown.contains("@octocat") && !shown.contains("#12") && !shown.contains("://"))
        #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    }
}
