import FlowGit
import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// What waits on `flow/sync` for a default branch that is protected.
@Suite struct SyncBranchTests {
    private struct Desk {
        let bench: StageBench

        init() throws {
            bench = try StageBench()
            try bench.commit([("flow.yaml", "publish: pull-request\n")])
        }

        init(cloning remote: String) throws { bench = try StageBench(cloning: remote) }

        var git: TestProgram { bench.git }

        /// Publishes files, each made from what a commit has.
        @discardableResult
        func publish(
            _ files: [(path: String, text: String?)], from commit: String = "main", run: String,
            subject: String = "Sync", now: String = StageBench.now
        ) throws -> StageBench.Handed {
            let repository = try Repository.open(at: bench.workspace)
            let base = try #require(ObjectID(git("rev-parse", commit).text))
            let changes = try files.map { file in
                try Change(
                    path: file.path,
                    blob: file.text.map { try repository.writeBlob(Array($0.utf8)) },
                    base: repository.entry(file.path, at: base)?.id
                ).json
            }
            return try bench.run(
                "git/commit",
                ["changes": .array(changes), "message": .string("\(subject)\n\nrun \(run)")],
                key: run, run: run, variables: ["FLOW_NOW": now])
        }

        /// Makes a remote of the repository and gives its path.
        func share() throws -> String {
            let remote = bench.at("remote.git")
            try git("init", "-q", "--bare", "-b", "main", remote).checked()
            try git("remote", "add", "origin", remote).checked()
            try git("push", "-q", "origin", "main").checked()
            try git("remote", "set-head", "origin", "main").checked()
            return remote
        }

        func fetch() throws { _ = try bench.run("git/fetch") }

        /// The branches that were pushed.
        func push(run: String = "r1") throws -> JSON? {
            try bench.run("git/push", run: run).value("branches")
        }

        /// What the branch changes, here.
        func changed() throws -> [String] {
            try git("diff", "--name-only", "main", "flow/sync").lines
        }

        /// The branch on the remote; empty where there is none.
        func there() throws -> String { try git("ls-remote", "origin", "flow/sync").text }

        func text(_ path: String) throws -> String {
            try git("show", "flow/sync:\(path)").checked().output
        }

        func expectOneCommit(_ location: SourceLocation = #_sourceLocation) throws {
            #expect(
                try git("rev-parse", "flow/sync^").text == git("rev-parse", "main").text,
                sourceLocation: location)
        }
    }

    @Test(
        "a run keeps what others put there, on top of the default branch, and its message says so")
    func carried() throws {
        let desk = try Desk()
        try desk.publish([("models/registry.jsonl", "{}\n")], run: "r1", subject: "Record a model")
        try desk.bench.commit([("theirs", "x\n")])
        try desk.publish([("docs/codes.yaml", "a: 1\n")], run: "r2")
        try desk.publish([("docs/codes.yaml", "a: 2\n")], from: "flow/sync", run: "r3")
        try desk.expectOneCommit()
        #expect(try desk.text("models/registry.jsonl") == "{}\n")
        #expect(try desk.text("docs/codes.yaml") == "a: 2\n")
        let message = try desk.git("log", "-1", "--format=%B", "flow/sync").output
        #expect(
            message.hasPrefix(
                """
                Sync

                run r3

                From earlier runs:

                Sync

                run r2

                Record a model

                run r1

                Flow-Run: r3
                """), "\(message)")
        try desk.bench.commit([("theirs", "y\n")])
        let handed = try desk.publish([], run: "r4")
        #expect(try handed.value("paths") == ["docs/codes.yaml", "models/registry.jsonl"])
        #expect(handed.events.first?["data"]?["paths"] == (try handed.value("paths")))
        #expect(handed.said.contains { $0.hasSuffix("on flow/sync: 2 files") }, "\(handed.said)")
        let again = try desk.git("log", "-1", "--format=%B", "flow/sync").output
        for text in ["From earlier runs:", "run r3", "run r2", "run r1"] {
            #expect(again.split(separator: text).count == 2, "once: \(text) in \(again)")
        }
    }

    /// Two clones: the first has pushed `x` and `gone`, the second has built on it, took `gone` out
    /// again and has pushed that, which the first has fetched.
    private static func replaced() throws -> (first: Desk, second: Desk) {
        let first = try Desk()
        let second = try Desk(cloning: first.share())
        try first.publish([("x", "1\n"), ("gone", "1\n")], run: "r1", subject: "First")
        #expect(try first.push() == ["flow/sync"])
        try second.fetch()
        try second.publish([("y", "1\n"), ("gone", nil)], from: "origin/flow/sync", run: "r2")
        #expect(try second.push() == ["flow/sync"])
        try first.fetch()
        return (first, second)
    }

    @Test("what was built on by another clone and deleted there unmerged is not pushed as it was")
    func replacedAndDeleted() throws {
        let (first, _) = try Self.replaced()
        try first.git("push", "-q", "origin", ":flow/sync").checked()
        try first.fetch()
        #expect(try first.publish([], run: "r3").value("changed") == false)
        #expect(try first.push() == [])
        #expect(try first.there() == "")
    }

    @Test("what was built on by another clone and squashed into the default branch is done")
    func replacedAndMerged() throws {
        let (first, second) = try Self.replaced()
        try second.git("merge", "-q", "--squash", "flow/sync").checked()
        try second.git("commit", "-qm", "squashed").checked()
        try second.git("push", "-q", "origin", "main", ":flow/sync").checked()
        try first.fetch()
        #expect(try first.publish([], run: "r3").value("changed") == false)
        #expect(try first.push() == [])
        #expect(try first.there() == "")
    }

    @Test("of what was built on by another clone only the newer waits, and nothing comes back")
    func replacedAndWaiting() throws {
        let (first, _) = try Self.replaced()
        let handed = try first.publish([("z", "1\n")], run: "r3")
        #expect(!handed.said.contains { $0.contains("waited on") }, "\(handed.said)")
        #expect(try first.changed() == ["x", "y", "z"])
        let message = try first.git("log", "-1", "--format=%B", "flow/sync").output
        #expect(message.split(separator: "run r1").count == 2, "\(message)")
        #expect(try first.push() == ["flow/sync"])
    }

    @Test(
        "who pushes second brings what the first has pushed, whatever their clocks say",
        arguments: ["2025-11-07T02:00:00Z", StageBench.now, "2025-11-09T02:00:00Z"],
        [true, false])
    func overtaken(_ now: String, _ hasFetched: Bool) throws {
        let first = try Desk()
        let second = try Desk(cloning: first.share())
        try second.publish([("y", "1\n")], run: "r2", now: now)
        try first.publish([("x", "1\n")], run: "r1")
        #expect(try first.push() == ["flow/sync"])
        if hasFetched { try second.fetch() }
        #expect(try second.push(run: "r2") == ["flow/sync"])
        #expect(try second.changed() == ["x", "y"])
        try second.expectOneCommit()
        #expect(try second.there().prefix(40) == second.git("rev-parse", "flow/sync").text)
        #expect(try second.push(run: "r2") == [])
        try first.fetch()
        #expect(try first.publish([], run: "r3").value("changed") == false)
        #expect(try first.push() == [], "nothing is new in it")
    }

    @Test("a run that adds nothing brings what waits on top of the default branch, message and all")
    func rebased() throws {
        let desk = try Desk()
        try desk.publish([("a", "1\n")], run: "r1", subject: "First")
        try desk.bench.commit([("theirs", "x\n")])
        let handed = try desk.publish([], run: "r2")
        #expect(try handed.value("changed") == true)
        try desk.expectOneCommit()
        #expect(try desk.git("log", "-1", "--format=%s%n%b", "flow/sync").lines.first == "First")
        #expect(try desk.git("log", "-1", "--format=%b", "flow/sync").output.contains("run r1"))
        let tip = try desk.git("rev-parse", "flow/sync").text
        #expect(try desk.publish([], run: "r3").value("changed") == false)
        #expect(try desk.git("rev-parse", "flow/sync").text == tip)
    }

    @Test("where the default branch has changed a file too, that is taken, and the log says so")
    func changed() throws {
        let desk = try Desk()
        try desk.bench.commit([("docs/codes.yaml", "a: 1\n"), ("gone", "x\n")])
        try desk.publish([("docs/codes.yaml", "a: 2\n"), ("gone", nil), ("new", "n\n")], run: "r1")
        let waited = try desk.git("rev-parse", "flow/sync").text
        try desk.bench.commit([("docs/codes.yaml", "a: a person's\n")])
        let handed = try desk.publish([("other", "o\n")], run: "r2")
        let note = handed.said.first { $0.hasPrefix("docs/codes.yaml waited on flow/sync") }
        #expect(note?.hasSuffix("what waited is in \(waited.prefix(7))") == true, "\(handed.said)")
        try desk.expectOneCommit()
        #expect(try desk.text("docs/codes.yaml") == "a: a person's\n")
        let paths = try desk.git("diff", "--name-status", "main", "flow/sync").lines
        #expect(paths == ["D\tgone", "A\tnew", "A\tother"])
    }

    @Test("lines that both only added to a .jsonl file stay, but for two about one thing")
    func lines() throws {
        let desk = try Desk()
        let path = "skills/ledger/2025-11.jsonl"
        let data = "datasets/trm/erp_tasks.jsonl"
        try desk.bench.commit([(path, "{\"n\": 1}\n"), (data, "{\"id\": \"a\"}\n")])
        try desk.publish(
            [
                (path, "{\"n\": 1}\n{\"n\": 2}\n"),
                (data, "{\"id\": \"a\"}\n{\"id\": \"b\", \"hits\": 1}\n"),
            ], run: "r1")
        try desk.bench.commit([
            (path, "{\"n\": 1}\n{\"n\": 3}\n"),
            (data, "{\"id\": \"a\"}\n{\"id\": \"b\", \"hits\": 2}\n"),
        ])
        try desk.publish([], run: "r2")
        #expect(try desk.text(path) == "{\"n\": 1}\n{\"n\": 3}\n{\"n\": 2}\n")
        #expect(try desk.git("diff", "--name-only", "main", "flow/sync").lines == [path])
    }

    @Test("of two models in service the registry of the default branch has the right one")
    func registry() throws {
        let desk = try Desk()
        func line(_ name: String) -> String {
            let hash = String(repeating: name, count: 64)
            return """
                {"hash": "\(hash)", "dataset": "\(hash)", "preset": "p", "parent": null, \
                "created_at": "2025-11-08T02:00:00Z", "metrics": null, "decision": "the first", \
                "deployed": [{"from": "2025-11-08T02:00:00Z", "to": null}]}

                """
        }
        try desk.publish([("models/registry.jsonl", line("a")), ("x", "1\n")], run: "r1")
        try desk.bench.commit([("models/registry.jsonl", line("b"))])
        let handed = try desk.publish([], run: "r2")
        #expect(handed.said.contains { $0.hasPrefix("models/registry.jsonl waited") })
        #expect(try desk.bench.run("model/train", [:]).value("trained") == false, "it can be read")
        #expect(try desk.git("diff", "--name-only", "main", "flow/sync").lines == ["x"])
    }

    @Test("a change of what waits that somebody else has changed meanwhile is refused")
    func stale() throws {
        let desk = try Desk()
        try desk.publish([("a", "1\n")], run: "r1")
        let first = try desk.git("rev-parse", "flow/sync").text
        try desk.publish([("a", "2\n")], from: "flow/sync", run: "r2")
        let tip = try desk.git("rev-parse", "flow/sync").text
        let error = #expect(throws: StageError.self) {
            try desk.publish([("a", "3\n")], from: first, run: "r3")
        }
        #expect(error?.description == "a changed on flow/sync since flow read it; run again")
        #expect(try desk.git("rev-parse", "flow/sync").text == tip)
    }

    @Test(
        "what was merged by any way waits no longer, also where it was undone since",
        arguments: ["merge --no-ff", "merge --squash"])
    func merged(_ way: String) throws {
        let desk = try Desk()
        try desk.bench.commit([("docs/codes.yaml", "a: 1\n")])
        try desk.publish([("docs/codes.yaml", "a: 2\n")], run: "r1")
        let words = way.split(separator: " ").map(String.init)
        try desk.git.run(words + ["-q", "flow/sync"]).checked()
        if way.hasSuffix("squash") { try desk.git("commit", "-qm", "squashed").checked() }
        try desk.bench.commit([("docs/codes.yaml", "a: 1\n")])
        #expect(try desk.publish([], run: "r2").value("changed") == false)
        try desk.publish([("b", "1\n")], run: "r3")
        try desk.expectOneCommit()
        #expect(try desk.git("diff", "--name-only", "main", "flow/sync").lines == ["b"])
    }

    @Test("of what was deleted on the remote, unmerged, the ledger alone is carried on")
    func refused() throws {
        let desk = try Desk()
        _ = try desk.share()
        let ledger = "skills/ledger/2025-11.jsonl"
        let line = #"{"type": "evidence", "skill": "FX-00000001", "day": "2025-11-01", "hits": 1}"#
        try desk.publish([("a", "1\n"), (ledger, line + "\n")], run: "r1")
        _ = try desk.bench.run("git/push")
        try desk.git("push", "-q", "origin", ":flow/sync").checked()
        _ = try desk.bench.run("git/fetch")
        #expect(try desk.publish([], run: "r0").value("changed") == false)
        #expect(try desk.push() == [], "the ledger alone is no reason to push")
        try desk.publish([("b", "1\n")], run: "r2")
        #expect(try desk.git("diff", "--name-only", "main", "flow/sync").lines == ["b", ledger])
        _ = try desk.bench.run("git/push")
        #expect(
            try desk.git("ls-remote", "origin", "flow/sync").text.prefix(40)
                == desk.git("rev-parse", "flow/sync").text)
    }
}
