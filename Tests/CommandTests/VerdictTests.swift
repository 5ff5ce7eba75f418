import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The ways in which a reviewer can say yes or no with git, and what the next turn makes of them.
@Suite struct VerdictTests {
    private static let start = Result {
        let demo = try Demo(messages: [
            "order of customer refused", "disk is full", "bad KeyError: 'x'",
        ])
        try demo.integrate().checked()
        return demo
    }

    private func demo() throws -> (Demo, id: String, branch: String, path: String) {
        let demo = try Demo(copying: Self.start.get())
        let id = try #require(demo.proposals().first)
        return (demo, id, "proposal/\(id)", try demo.document(ofProposal: id))
    }

    private func expectApproved(
        _ demo: Demo, _ id: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try demo.integrate()
        #expect(run.exit == 0, "\(run)", sourceLocation: location)
        let skill = try demo.skills()[id]
        #expect(skill?["status"] == "approved", sourceLocation: location)
        #expect(
            skill?["metadata"]?["deployed_at"]?.stringValue != nil, sourceLocation: location)
        #expect(
            try demo.paths("skills/proposed").filter { $0.contains(id) } == [],
            sourceLocation: location)
        #expect(
            try demo.dataset().compactMap { $0["id"]?.stringValue } == [id],
            sourceLocation: location)
        try demo.expectSound(location)
        let head = try demo.head()
        try demo.integrate().checked()
        #expect(try demo.head() == head, sourceLocation: location)
        #expect(try !demo.events().ofType("git.proposed").contains { _ in true })
    }

    @Test("a squashed merge approves")
    func squash() throws {
        let (demo, id, branch, _) = try demo()
        try demo.git("merge", "-q", "--squash", branch).checked()
        try demo.git("commit", "-qm", "squashed").checked()
        try demo.git("branch", "-D", branch).checked()
        try expectApproved(demo, id)
    }

    @Test("a cherry-pick approves")
    func pick() throws {
        let (demo, id, branch, _) = try demo()
        try demo.git("cherry-pick", branch).checked()
        try expectApproved(demo, id)
    }

    @Test("a merge of what the reviewer has edited approves, and every edited byte stays")
    func edited() throws {
        let (demo, id, branch, path) = try demo()
        try demo.git("checkout", "-q", branch).checked()
        let text = try demo.text(path)
        try demo.write(
            path,
            "# looked at by Ada\n"
                + text.replacing("priority: ", with: "priority:   ").replacing(
                    "owners: []", with: "owners: [  platform ]  # us"))
        try demo.commitAll("edit")
        try demo.git("checkout", "-q", "main").checked()
        try demo.git("merge", "-q", "--no-ff", "-m", "take it", branch).checked()
        try expectApproved(demo, id)
        let place = try #require(try demo.paths("skills/").first { $0.contains(id) })
        let kept = String(decoding: try demo.blob(place), as: UTF8.self)
        #expect(kept.hasPrefix("# looked at by Ada\n"))
        #expect(kept.contains("priority:   "))
        #expect(kept.contains("owners: [  platform ]  # us"))
    }

    @Test("a person who moves the file to skills/ approves")
    func moved() throws {
        let (demo, id, branch, path) = try demo()
        try demo.git("merge", "-q", "--no-ff", "-m", "take it", branch).checked()
        try demo.git("mv", path, "skills/" + Path.name(path)).checked()
        try demo.commitAll("move")
        try expectApproved(demo, id)
    }

    @Test("a branch that is deleted without a merge is withdrawn, and not proposed again")
    func withdrawn() throws {
        let (demo, id, branch, _) = try demo()
        try demo.git("branch", "-D", branch).checked()
        try demo.integrate().checked()
        #expect(try !demo.proposals().contains(id))
        let list = try demo.flow("proposals", "list", "--json").checked().jsonLines
        #expect(list.first { $0["id"]?.stringValue == id }?["verdict"] == "withdrawn")
        let head = try demo.head()
        try demo.integrate().checked()
        #expect(try demo.head() == head)
        #expect(try !demo.proposals().contains(id))

        try demo.flow("proposals", "reopen", id).checked()
        try demo.integrate().checked()
        #expect(try demo.proposals().contains(id))
        try demo.expectSound()
    }

    @Test("what flow has forgotten, .flow gone, changes neither verdicts nor files")
    func forgotten() throws {
        let (demo, id, _, _) = try demo()
        try demo.flow("proposals", "approve", id).checked()
        try demo.flow("proposals", "reject", #require(demo.proposals().last), "--reason", "no")
            .checked()
        try demo.integrate().checked()
        let head = try demo.head()
        let proposals = try demo.proposals()
        try Files.remove(demo.at(".flow"))
        try demo.integrate().checked()
        #expect(try demo.head() == head)
        #expect(try demo.proposals() == proposals)
        try demo.expectSound()
    }

    @Test("an id that is not there is named with those that are, and nothing changes")
    func unknown() throws {
        let (demo, id, _, _) = try demo()
        let head = try demo.head()
        for words in [
            ["approve", "GR-00000000"], ["reject", "GR-00000000", "--reason", "x"],
            ["show", "GR-00000000"],
        ] {
            let result = try demo.flow.run(["proposals"] + words)
            #expect(result.exit == 1)
            #expect(
                result.errors.contains("GR-00000000") && result.errors.contains(id), "\(result)")
        }
        #expect(try demo.flow("proposals", "reopen", id).exit == 1)
        #expect(try demo.head() == head)
    }
}
