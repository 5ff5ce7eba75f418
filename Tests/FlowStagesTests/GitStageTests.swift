import FlowGit
import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// The stages that write git, on a repository that the real git looks at.
@Suite struct GitStageTests {
    private func change(_ bench: StageBench, _ path: String, _ text: String) throws -> JSON {
        let repository = try Repository.open(at: bench.workspace)
        let tip = try repository.requiredTip(of: "main")
        return try Change(
            path: path, blob: repository.writeBlob(Array(text.utf8)),
            base: repository.entry(path, at: tip)?.id
        ).json
    }

    @Test("changes become one commit with flow's trailers; with none there is no commit")
    func commit() throws {
        let bench = try StageBench()
        let head = try bench.git("rev-parse", "main").text
        let nothing = try bench.run("git/commit", ["changes": [], "message": "x"])
        #expect(try nothing.value("changed") == false)
        #expect(try bench.git("rev-parse", "main").text == head)

        let changes: JSON = .array([
            try change(bench, "README", "new\n"), try change(bench, "a/b", "x\n"),
        ])
        let made = try bench.run(
            "git/commit", ["changes": changes, "message": "Subject\n\nBody @x #1"])
        #expect(try made.value("changed") == true)
        #expect(try made.value("paths") == ["README", "a/b"])
        #expect(try bench.git("rev-list", "--count", "\(head)..main").text == "1")
        #expect(try bench.git("status", "--porcelain").text == "")
        let message = try bench.git("log", "-1", "--format=%B").output
        let trailers = try bench.git.run(["interpret-trailers", "--parse"], input: message).lines
        #expect(trailers == ["Flow-Run: r1", "Flow-Node: node", "Flow-Key: k1"])
        #expect(made.events.map { $0["type"] } == ["git.committed"])
    }

    @Test("on flow/sync a run's commits follow each other, once each; another run builds on them")
    func rolling() throws {
        let bench = try StageBench()
        try bench.commit([("flow.yaml", "publish: pull-request\n")])
        let main = try bench.git("rev-parse", "main").text
        func commit(_ path: String, key: String, run: String) throws {
            _ = try bench.run(
                "git/commit", ["changes": [try change(bench, path, "x\n")], "message": "s"],
                key: key, run: run)
        }
        func files() throws -> [String] {
            try bench.git("log", "--format=", "--name-only", "main..flow/sync").lines
        }
        try commit("a", key: "k1", run: "r1")
        try commit("b", key: "k2", run: "r1")
        #expect(try files() == ["b", "a"])
        let tip = try bench.git("rev-parse", "flow/sync").text
        try commit("b", key: "k2", run: "r1")
        try commit("a", key: "k1", run: "r1")
        #expect(try bench.git("rev-parse", "flow/sync").text == tip)
        let idle = try bench.run("git/commit", ["changes": [], "message": "s"], run: "r2")
        #expect(try idle.value("changed") == false)
        #expect(try bench.git("rev-parse", "flow/sync").text == tip)
        try commit("c", key: "k3", run: "r2")
        #expect(try files() == ["a", "b", "c"])
        #expect(try bench.git("rev-parse", "flow/sync^").text == main, "one commit")
        #expect(try bench.git("rev-parse", "main").text == main)
        #expect(try bench.git("status", "--porcelain").text == "")
    }

    @Test("a commit whose end flow did not see is not made twice")
    func again() throws {
        let bench = try StageBench()
        let input: JSON = [
            "changes": [try change(bench, "README", "new\n")], "message": "Subject",
        ]
        let first = try bench.run("git/commit", input)
        let head = try bench.git("rev-parse", "main").text
        let second = try bench.run("git/commit", input)
        #expect(try bench.git("rev-parse", "main").text == head)
        #expect(try second.value("changed") == first.value("changed"))
        #expect(second.outputs.contains(head))
    }

    @Test("a change that starts from what is no longer there is refused, and nothing is written")
    func stale() throws {
        let bench = try StageBench()
        let stale = try change(bench, "README", "flow's\n")
        try bench.commit([("README", "a person's\n")])
        let head = try bench.git("rev-parse", "main").text
        let message = try bench.refusal("git/commit", ["changes": [stale], "message": "x"])
        #expect(message.contains("README"), "\(message)")
        #expect(try bench.git("rev-parse", "main").text == head)
        #expect(try bench.git("status", "--porcelain").text == "")
    }

    @Test(
        "a change outside the repository or of git's own files is refused",
        arguments: ["../x", "/etc/x", ".git/config", "a/../../x", "a//b", ".GIT/config", ""])
    func paths(_ path: String) throws {
        let bench = try StageBench()
        let blob = try bench.git("hash-object", "-w", "README").text
        let change: JSON = ["path": .string(path), "blob": .string(blob), "base": nil]
        let message = try bench.refusal("git/commit", ["changes": [change], "message": "x"])
        #expect(!message.isEmpty)
        #expect(try bench.git("status", "--porcelain").text == "")
    }

    @Test("without a remote fetch and push succeed and say why they did nothing")
    func noRemote() throws {
        let bench = try StageBench()
        let fetched = try bench.run("git/fetch")
        #expect(try fetched.value("fetched") == false)
        #expect(fetched.outputs.contains("there is no remote"))
        let pushed = try bench.run("git/push")
        #expect(try pushed.value("pushed") == false)
        #expect(pushed.outputs.contains("there is no remote"))
    }

    @Test("a remote that does not exist is a failure by name")
    func wrongRemote() throws {
        let bench = try StageBench()
        #expect(try bench.refusal("git/fetch", ["remote": "hub"]).contains("'hub'"))
        #expect(try bench.refusal("git/push", ["remote": "hub"]).contains("'hub'"))
    }

    @Test("branches that went different ways are left alone, with what to do")
    func diverged() throws {
        let bench = try StageBench()
        let hub = bench.at("hub.git")
        try bench.git("clone", "-q", "--bare", bench.workspace, hub).checked()
        try bench.git("remote", "add", "origin", hub).checked()
        let other = bench.at("other")
        try bench.git("clone", "-q", hub, other).checked()
        let there = TestProgram("git", in: other)
        try Files.write("theirs\n", to: Path.join(other, "theirs"))
        try there("add", "-A").checked()
        try there(
            "-c", "user.name=Bob", "-c", "user.email=bob@example.org", "commit", "-qm", "theirs"
        ).checked()
        try there("push", "-q", "origin", "main").checked()
        try bench.commit([("mine", "mine\n")])
        let head = try bench.git("rev-parse", "main").text
        let message = try bench.refusal("git/fetch")
        #expect(message.contains("different ways") && message.contains("git pull"), "\(message)")
        #expect(try bench.git("rev-parse", "main").text == head)
        let push = try bench.refusal("git/push")
        #expect(push.contains("main"), "\(push)")
        try bench.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main").checked()
        #expect(try bench.run("git/fetch").value("fetched") == true)
        #expect(try bench.run("git/push").value("pushed") == true)
        let hubHead = try TestProgram("git", in: hub)("rev-parse", "main").text
        #expect(try hubHead == bench.git("rev-parse", "main").text)
    }

    @Test("what is no skill is not proposed, and no branch is made")
    func notASkill() throws {
        let bench = try StageBench()
        for skill in [
            ["file": "x.yaml", "text": "- 1\n"] as JSON, ["file": "x.yaml"],
            ["file": "../../x.yaml", "text": "id: GR-00000000\n"],
        ] {
            #expect(try !bench.refusal("git/propose", ["skills": [skill]]).isEmpty)
        }
        #expect(try bench.git("branch", "--format=%(refname:short)").text == "main")
        #expect(try bench.git("status", "--porcelain").text == "")
    }

    @Test("a mistake in flow.yaml is named with its key")
    func settings() throws {
        let bench = try StageBench()
        for (text, part) in [
            ("default-brnach: main\n", "default-brnach"), ("remote: [a]\n", "'remote'"),
            ("identity: {name: x}\n", "'identity'"), ("a: [\n", "flow.yaml"),
            ("default-branch: nowhere\n", "nowhere"),
        ] {
            try Files.write(text, to: Path.join(bench.workspace, "flow.yaml"))
            let message = try bench.refusal("skills/review")
            #expect(message.contains(part), "\(message)")
        }
    }
}
