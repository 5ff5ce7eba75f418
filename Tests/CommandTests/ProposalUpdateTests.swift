import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Open proposals when their evidence changes, and proposals of a whole run on one branch.
@Suite struct ProposalUpdateTests {
    private static let messages = [
        "order of customer refused", "disk is full", "bad KeyError: 'x'",
    ]

    private static let start = Result {
        let demo = try Demo(messages: messages)
        try demo.integrate().checked()
        return demo
    }

    /// A repository with open proposals, and the one of `app0`.
    private func demo() throws -> (Demo, branch: String, path: String) {
        let demo = try Demo(copying: Self.start.get())
        let branch = try #require(
            demo.proposals().first { id in
                let path = try demo.document(ofProposal: id)
                let skill = try demo.document(path, at: "proposal/\(id)")
                return skill["match"]?["component"] == "app0"
            }.map { "proposal/\($0)" })
        return (demo, branch, try demo.document(ofProposal: String(branch.dropFirst(9))))
    }

    /// More errors like the first message, on closed days.
    private func happen(_ count: Int, in demo: Demo) throws {
        let records = (0..<count).map { number -> JSON in
            [
                "time": .string("2025-11-07T05:\(10 + number):00Z"), "level": "error",
                "component": "app0", "message": .string(Self.messages[0]),
            ]
        }
        try Files.write(JSONLines.write(records), to: demo.at("datasets/samples/more.jsonl"))
        try demo.commitAll("more errors")
    }

    private func hits(_ demo: Demo, _ path: String, _ branch: String) throws -> Int? {
        try demo.document(path, at: branch)["metadata"]?["hits_7d"]?.intValue
    }

    @Test("an open proposal whose counts grew by half gets one more commit that says so")
    func grown() throws {
        let (demo, branch, path) = try demo()
        let before = try demo.head(branch)
        try demo.integrate().checked()
        #expect(try demo.head(branch) == before, "nothing happened, so nothing is to be said")
        try happen(3, in: demo)
        try demo.integrate().checked()
        #expect(try demo.git("rev-parse", "\(branch)^").text == before)
        #expect(try hits(demo, path, branch) == 7)
        let message = try demo.git("log", "-1", "--format=%B", branch).output
        #expect(message.hasPrefix("Update "), "\(message)")
        #expect(message.contains("Hits in 7 days: 7, where it said 4."), "\(message)")
        #expect(try demo.events().output("updated", of: "propose")?.arrayValue?.count == 1)
        let shown = try demo.flow("proposals", "show", String(branch.dropFirst(9))).checked()
        #expect(shown.output.contains("Hits in 7 days: 7"))
        try demo.integrate().checked()
        #expect(try demo.git("rev-parse", "\(branch)^").text == before, "once is enough")
        try demo.expectSound()
    }

    @Test("an open proposal that is only on the remote is updated too, and pushed")
    func remote() throws {
        let (demo, branch, path) = try demo()
        let owner = try TemporaryFolder()
        let hub = owner.at("hub.git")
        try demo.git("clone", "-q", "--bare", demo.path, hub).checked()
        let clone = try Demo(cloning: hub)
        #expect(try clone.proposals() == [])
        try happen(3, in: clone)
        try clone.integrate().checked()
        #expect(try hits(clone, path, branch) == 7)
        let there = try TestProgram("git", in: hub)("rev-parse", branch).text
        #expect(try there == clone.head(branch))
        #expect(try clone.git("rev-parse", "\(branch)^").text == demo.head(branch))
    }

    @Test(
        "what a reviewer has touched stays as it is: a commit, an amended one, another file",
        arguments: ["edit", "amend", "file"])
    func touched(_ how: String) throws {
        let (demo, branch, path) = try demo()
        try demo.git("switch", "-q", branch).checked()
        if how == "file" {
            try demo.write("autopatches/x.py", "print()\n")
        } else {
            try demo.write(path, demo.text(path) + "# Ada was here\n")
        }
        try demo.git("add", "-A").checked()
        let words = how == "edit" ? ["-m", "Ada"] : ["--amend", "--no-edit"]
        try demo.git.run(["commit", "-q"] + words).checked()
        try demo.git("switch", "-q", "main").checked()
        let before = try demo.head(branch)
        try happen(9, in: demo)
        try demo.integrate().checked()
        #expect(try demo.head(branch) == before)
        let shown = try demo.flow("proposals", "show", String(branch.dropFirst(9))).checked()
        #expect(shown.output.contains("Seen 4 times in the 7"))
        if how == "edit" { #expect(shown.output.contains(" by Ada: Ada")) }
        try demo.expectSound()
    }

    @Test("a proposal that somebody looks at with changes of their own is left to the next run")
    func checkedOut() throws {
        let (demo, branch, path) = try demo()
        let elsewhere = try TemporaryFolder()
        try demo.git("worktree", "add", "-q", elsewhere.at("w"), branch).checked()
        let document = elsewhere.at("w/\(path)")
        try Files.write(Files.text(document) + "# hm\n", to: document)
        let before = try demo.head(branch)
        try happen(3, in: demo)
        try demo.integrate().checked()
        #expect(try demo.head(branch) == before)
        let left = try demo.events().output("left", of: "propose")?.arrayValue ?? []
        #expect(
            left.contains { $0["reason"]?.stringValue?.contains("could not be updated") == true })
        try demo.git("worktree", "remove", "--force", elsewhere.at("w")).checked()
        try demo.integrate().checked()
        #expect(try hits(demo, path, branch) == 7)
    }

    @Test("per run, all new skills are one branch; each can be approved, rejected or merged")
    func perRun() throws {
        let demo = try Demo(messages: Self.messages)
        try demo.integrate("-p", "propose_per=run").checked()
        let branch = try #require(demo.proposals().first.map { "proposal/\($0)" })
        #expect(try demo.proposals().count == 1 && branch.hasPrefix("proposal/run-"))
        func documents() throws -> Int {
            try demo.paths("skills/proposed", at: branch).count { $0.hasSuffix(".yaml") }
        }
        #expect(try documents() == 3)
        let message = try demo.git("log", "-1", "--format=%B", branch).output
        #expect(message.hasPrefix("Propose 3 skills\n"))
        let listed = try demo.flow("proposals", "list", "--json").checked().jsonLines
        #expect(listed.map { $0["branch"] } == [.string(branch), .string(branch), .string(branch)])
        let ids = try listed.map { try #require($0["id"]?.stringValue) }

        try demo.integrate("-p", "propose_per=run").checked()
        #expect(try demo.proposals().count == 1, "nothing is new")

        try demo.flow("proposals", "approve", ids[0]).checked()
        try demo.flow("proposals", "reject", ids[1], "--reason", "no").checked()
        #expect(try documents() == 1)
        try demo.git("merge", "-q", "--no-ff", "-m", "the rest", branch).checked()
        try demo.git("branch", "-D", branch).checked()
        try demo.integrate("-p", "propose_per=run").checked()
        #expect(try Set(demo.skills().keys) == [ids[0], ids[2]])
        #expect(try demo.proposals() == [])
        let verdicts = try demo.flow("proposals", "list", "--json").checked().jsonLines
        #expect(
            verdicts.first { $0["id"]?.stringValue == ids[1] }?["verdict"] == "rejected")
        try demo.expectSound()
    }

    @Test("a proposal that a merge would not take is listed with the reason")
    func conflict() throws {
        let (demo, branch, path) = try demo()
        try demo.write(path, "mine: 1\n")
        try demo.commitAll("in the way")
        let id = String(branch.dropFirst(9))
        let listed = try demo.flow("proposals", "list", "--json").checked().jsonLines
        let line = try #require(listed.first { $0["id"]?.stringValue == id })
        #expect(line["conflict"]?.stringValue?.contains("merge it by hand") == true, "\(line)")
    }
}
