import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Proposals that are reviewed on a remote: what happens there is what counts.
@Suite struct DeskRemoteTests {
    /// A repository in which flow runs, the bare one that it pushes to, and a reviewer's clone.
    private struct Team {
        private let folder: TemporaryFolder
        let demo: Demo
        let hub: TestProgram
        let reviewer: Demo
        let ids: [String]

        private static let start = Result {
            let demo = try Demo(messages: ["order of customer refused", "disk is full"])
            try demo.integrate().checked()
            return demo
        }

        init() throws {
            folder = try TemporaryFolder()
            demo = try Demo(copying: Self.start.get())
            let place = folder.at("hub.git")
            try TestProgram("git", in: folder.path)("init", "-q", "--bare", "-b", "main", place)
                .checked()
            hub = TestProgram("git", in: place)
            try demo.git("remote", "add", "origin", place).checked()
            try demo.integrate().checked()
            reviewer = try Demo(cloning: place)
            ids = try demo.proposals()
            try #require(ids.count == 2)
        }

        var place: String { hub.folder }

        func onHub() throws -> [String] {
            try hub("for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/proposal").lines
        }

        /// A commit of the reviewer's on a proposal's branch, pushed.
        @discardableResult
        func review(_ id: String, _ name: String, _ text: String) throws -> String {
            try reviewer.git("fetch", "-q").checked()
            try reviewer.git("checkout", "-q", "proposal/\(id)").checked()
            try reviewer.write(name, text)
            try reviewer.commitAll("review")
            try reviewer.git("push", "-q", "origin", "proposal/\(id)").checked()
            return try reviewer.head("HEAD")
        }

        func verdicts(_ demo: Demo? = nil) throws -> [String: String] {
            let list = try (demo ?? self.demo).flow("proposals", "list", "--json").checked()
                .jsonLines
            return Dictionary(
                uniqueKeysWithValues: list.map {
                    ($0["id"]?.stringValue ?? "", $0["verdict"]?.stringValue ?? "")
                })
        }
    }

    @Test("a proposal that was deleted on the remote is withdrawn, here too, and stays away")
    func deletedThere() throws {
        let team = try Team()
        #expect(try team.onHub() == team.ids)
        try team.hub("branch", "-D", "proposal/\(team.ids[0])").checked()
        for _ in 0..<3 { try team.demo.integrate().checked() }
        #expect(try team.onHub() == [team.ids[1]])
        #expect(try team.demo.proposals() == [team.ids[1]])
        #expect(try team.verdicts() == [team.ids[0]: "withdrawn", team.ids[1]: "pending"])
        #expect(try team.hub("rev-parse", "main").text == team.demo.head())
        try team.demo.expectSound()

        try team.demo.flow("proposals", "reopen", team.ids[0]).checked()
        try team.demo.integrate().checked()
        #expect(try team.onHub() == team.ids)
    }

    @Test("a proposal that was merged and deleted on the remote is approved, and not pushed back")
    func mergedThere() throws {
        let team = try Team()
        let branch = "proposal/\(team.ids[0])"
        try team.reviewer.git("merge", "-q", "--squash", "origin/\(branch)").checked()
        try team.reviewer.git("commit", "-qm", "squashed").checked()
        try team.reviewer.git("push", "-q", "origin", "main", ":\(branch)").checked()
        for _ in 0..<2 { try team.demo.integrate().checked() }
        #expect(try team.onHub() == [team.ids[1]])
        #expect(try team.demo.proposals() == [team.ids[1]])
        #expect(try team.demo.skills()[team.ids[0]]?["status"] == "approved")
        try team.demo.expectSound()
    }

    @Test("a branch that was deleted on the remote stays here while it has commits of its own")
    func ownCommits() throws {
        let team = try Team()
        let branch = "proposal/\(team.ids[0])"
        try team.hub("branch", "-D", branch).checked()
        try team.demo.git("checkout", "-q", branch).checked()
        try team.demo.write("mine.txt", "mine\n")
        try team.demo.commitAll("mine")
        try team.demo.git("checkout", "-q", "main").checked()
        let tip = try team.demo.head(branch)
        for _ in 0..<2 { try team.demo.integrate().checked() }
        #expect(try team.onHub() == [team.ids[1]])
        #expect(try team.demo.head(branch) == tip)
        #expect(try team.verdicts()[team.ids[0]] == "withdrawn")
    }

    @Test("what a reviewer pushes to a proposal comes here, and is what approving merges")
    func editedThere() throws {
        let team = try Team()
        let tip = try team.review(team.ids[0], "autopatches/fix.py", "fixed\n")
        try team.demo.integrate().checked()
        #expect(try team.demo.head("proposal/\(team.ids[0])") == tip)

        // Not fetched by flow, so the branch here is older than the remote-tracking one.
        let newer = try team.review(team.ids[0], "autopatches/fix.py", "fixed better\n")
        try team.demo.git("fetch", "-q").checked()
        try team.demo.flow("proposals", "approve", team.ids[0]).checked()
        #expect(try team.demo.head("main^2") == newer)
        #expect(try team.demo.text("autopatches/fix.py") == "fixed better\n")
        try team.demo.integrate().checked()
        #expect(try team.hub("show", "main:autopatches/fix.py").text == "fixed better")
        #expect(try team.demo.skills()[team.ids[0]]?["status"] == "approved")
        try team.demo.expectSound()
    }

    @Test("what a reviewer replaces on the remote is replaced here")
    func replacedThere() throws {
        let team = try Team()
        let branch = "proposal/\(team.ids[0])"
        try team.reviewer.git("checkout", "-q", branch).checked()
        try team.reviewer.write("more.txt", "more\n")
        try team.reviewer.git("add", "-A").checked()
        try team.reviewer.git("commit", "-q", "--amend", "--no-edit").checked()
        try team.reviewer.git("push", "-q", "--force", "origin", branch).checked()
        let tip = try team.reviewer.head("HEAD")
        try team.demo.integrate().checked()
        #expect(try team.demo.head(branch) == tip)
        try team.demo.flow("proposals", "approve", team.ids[0]).checked()
        #expect(try team.demo.text("more.txt") == "more\n")
        try team.demo.expectSound()
    }

    @Test(
        "rejecting keeps the commits of a reviewer that are nowhere else, and pushes none of them")
    func rejected() throws {
        let team = try Team()
        let branch = "proposal/\(team.ids[0])"
        try team.demo.git("checkout", "-q", branch).checked()
        try team.demo.write("mine.txt", "mine\n")
        try team.demo.commitAll("mine")
        try team.demo.git("checkout", "-q", "main").checked()
        let tip = try team.demo.head(branch)
        for id in team.ids {
            try team.demo.flow("proposals", "reject", id, "--reason", "no").checked()
        }
        #expect(try team.demo.proposals() == [team.ids[0]])
        #expect(try team.demo.head(branch) == tip)
        for name in team.ids { try team.hub("branch", "-D", "proposal/\(name)").checked() }
        for _ in 0..<2 { try team.demo.integrate().checked() }
        #expect(try team.onHub() == [])
        #expect(try Set(team.verdicts().values) == ["rejected"])
    }

    @Test("two ways of one proposal are left to people, named, and hold up nothing else")
    func differentWays() throws {
        let team = try Team()
        let branch = "proposal/\(team.ids[0])"
        let there = try team.review(team.ids[0], "theirs.txt", "theirs\n")
        try team.demo.git("checkout", "-q", branch).checked()
        try team.demo.write("ours.txt", "ours\n")
        try team.demo.commitAll("ours")
        try team.demo.git("checkout", "-q", "main").checked()
        let here = try team.demo.head(branch)
        let run = try team.demo.integrate()
        #expect(run.exit == 0, "\(run)")
        let result = try team.demo.flow("proposals", "approve", team.ids[0])
        #expect(result.exit == 1)
        #expect(
            result.errors.contains("\(branch) and origin/\(branch) have gone different ways"),
            "\(result)")
        #expect(try team.demo.head(branch) == here)
        #expect(try team.hub("rev-parse", branch).text == there)

        try team.demo.git("checkout", "-q", branch).checked()
        try team.demo.git("merge", "-q", "--no-edit", "origin/\(branch)").checked()
        try team.demo.git("checkout", "-q", "main").checked()
        try team.demo.flow("proposals", "approve", team.ids[0]).checked()
        #expect(try team.demo.text("ours.txt") + team.demo.text("theirs.txt") == "ours\ntheirs\n")
        try team.demo.integrate().checked()
        try team.demo.expectSound()
    }

    @Test("who merged first is right: a rejection that comes later says so and writes nothing")
    func rejectedTooLate() throws {
        let team = try Team()
        let id = team.ids[0]
        try team.demo.git("merge", "-q", "--no-ff", "-m", "take it", "origin/proposal/\(id)")
            .checked()
        let head = try team.demo.head()
        let late = try team.demo.flow("proposals", "reject", id, "--reason", "late")
        #expect(late.exit == 1)
        #expect(late.errors.contains("\(id) was approved already"), "\(late)")
        #expect(try team.demo.head() == head)
        #expect(try team.verdicts()[id] == "approved")
    }

    @Test("a second rejection adds nothing, and says that it was rejected already")
    func rejectedTwice() throws {
        let team = try Team()
        let words = ["proposals", "reject", team.ids[0], "--reason", "no"]
        try team.demo.flow.run(words).checked()
        let head = try team.demo.head()
        let again = try team.demo.flow.run(words).checked()
        #expect(again.output == "\(team.ids[0]) was rejected already\n")
        #expect(try team.demo.head() == head)
    }

    @Test("verdicts of two clones at once both reach the remote, and git joins the ledgers as well")
    func twoReviewers() throws {
        let team = try Team()
        try team.reviewer.git("fetch", "-q").checked()
        try team.reviewer.git("merge", "-q", "--ff-only", "origin/main").checked()
        try team.demo.flow("proposals", "reject", team.ids[0], "--reason", "no").checked()
        try team.reviewer.flow("proposals", "reject", team.ids[1], "--reason", "nor this").checked()
        try team.reviewer.git("push", "-q", "origin", "main").checked()
        try team.demo.integrate().checked()
        #expect(try Set(team.verdicts().values) == ["rejected"])
        #expect(try team.hub("rev-parse", "main").text == team.demo.head())
        try team.demo.expectSound()
    }

    /// A review without a fetch before it.
    private static let blind = "flow: 1\nname: blind\nnodes:\n  review: {uses: skills/review}\n"

    @Test("a clone of one branch sees the proposals, and withdraws none of them")
    func singleBranch() throws {
        let team = try Team()
        let place = try TemporaryFolder()
        try team.reviewer.git("clone", "-q", "--single-branch", team.place, place.at("ci"))
            .checked()
        let git = TestProgram("git", in: place.at("ci"))
        try git("config", "user.name", "CI").checked()
        try git("config", "user.email", "ci@example.org").checked()
        let flow = Demo.flow(in: place.at("ci"))
        let head = try git("rev-parse", "main").text

        try Files.write(Self.blind, to: place.at("ci/blind.yaml"))
        let blind = try flow("run", "blind.yaml", "--now", Demo.now)
        #expect(blind.exit == 0, "\(blind)")
        let events = try flow("events", "last").checked().jsonLines
        #expect(events.output("withdrawn_count", of: "review") == 0)
        #expect(events.output("pending_count", of: "review") == 2)

        for _ in 0..<2 { try flow("run", "integrate.yaml", "--now", Demo.now).checked() }
        #expect(try git("rev-parse", "main").text == head)
        #expect(try team.onHub() == team.ids)
        let list = try flow("proposals", "list", "--json").checked().jsonLines
        #expect(list.map { $0["verdict"] } == ["pending", "pending"])
        #expect(list.allSatisfy { $0["branch"]?.stringValue?.hasPrefix("origin/") == true })

        try team.hub("branch", "-D", "proposal/\(team.ids[0])").checked()
        try flow("run", "integrate.yaml", "--now", Demo.now).checked()
        let after = try flow("proposals", "list", "--json").checked().jsonLines
        #expect(after.map { $0["verdict"] } == ["pending", "withdrawn"])
        #expect(try team.onHub() == [team.ids[1]])
    }

    @Test("a pull that flow has not seen makes nobody's proposal withdrawn")
    func pulledBlindly() throws {
        let team = try Team()
        let place = try TemporaryFolder()
        try team.reviewer.git("clone", "-q", "--single-branch", team.place, place.at("ci"))
            .checked()
        let git = TestProgram("git", in: place.at("ci"))
        let flow = Demo.flow(in: place.at("ci"))
        try git("config", "user.name", "CI").checked()
        try git("config", "user.email", "ci@example.org").checked()
        try flow("run", "integrate.yaml", "--now", Demo.now).checked()
        // Another machine proposes one more, and its ledger comes here by git.
        try team.hub("branch", "-D", "proposal/\(team.ids[0])").checked()
        try team.demo.integrate().checked()
        try team.demo.flow("proposals", "reopen", team.ids[0]).checked()
        try team.demo.integrate().checked()
        try git("pull", "-q", "--ff-only").checked()
        try git("update-ref", "-d", "refs/remotes/origin/proposal/\(team.ids[0])").checked()
        try Files.write(Self.blind, to: place.at("ci/blind.yaml"))
        try flow("run", "blind.yaml", "--now", Demo.now).checked()
        let events = try flow("events", "last").checked().jsonLines
        #expect(events.output("withdrawn_count", of: "review") == 0)
    }

    @Test("an approval that did not reach the remote is not made anew: a pull brings it along")
    func lateApproval() throws {
        let team = try Team()
        try team.demo.git("remote", "set-url", "--push", "origin", team.place + ".gone").checked()
        try team.demo.flow("proposals", "approve", team.ids[0]).checked()
        let failed = try team.demo.integrate()
        #expect(failed.exit == 1, "\(failed)")
        try team.reviewer.write("theirs.txt", "theirs\n")
        try team.reviewer.commitAll("theirs")
        try team.reviewer.git("push", "-q", "origin", "main").checked()
        try team.demo.git("config", "--unset", "remote.origin.pushurl").checked()

        // An approval is a person's commit; flow makes none of those anew.
        let refused = try team.demo.integrate()
        #expect(refused.exit == 1, "\(refused)")
        #expect(refused.output.contains("have gone different ways"), "\(refused)")
        try team.demo.git("pull", "-q", "--no-edit", "--no-rebase", "origin", "main").checked()
        try team.demo.integrate().checked()
        #expect(try team.hub("rev-parse", "main").text == team.demo.head())
        try team.demo.expectSound()
    }
}
