import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// Gates that wait for branches which people merge on a remote.
@Suite struct MergeGateTests {
    /// A repository in which flow runs, the bare one that is its remote, and a reviewer's clone.
    private struct Team {
        private let folder: TemporaryFolder
        let demo: Demo
        let reviewer: Demo
        let place: String

        private static let start = Result { try Demo() }

        init() throws {
            folder = try TemporaryFolder()
            demo = try Demo(copying: Self.start.get())
            place = folder.at("hub.git")
            try TestProgram("git", in: folder.path)("init", "-q", "--bare", "-b", "main", place)
                .checked()
            try demo.git("remote", "add", "origin", place).checked()
            try demo.git("push", "-q", "origin", "main").checked()
            reviewer = try Demo(cloning: place)
        }

        /// A new file on the branch `topic` of flow's own repository, pushed.
        func work(_ name: String) throws {
            let isNew = try demo.git("rev-parse", "-q", "--verify", "topic").exit != 0
            try demo.git.run(["checkout", "-q"] + (isNew ? ["-b", "topic"] : ["topic"])).checked()
            try demo.write(name, name)
            try demo.git("add", name).checked()
            try demo.git("commit", "-qm", "work").checked()
            try demo.git("push", "-q", "origin", "topic").checked()
            try demo.git("checkout", "-q", "main").checked()
        }

        /// A run that waits for `topic`.
        @discardableResult
        func begin(_ branches: String = "[topic]") throws -> TestResult {
            try demo.write(
                "w.yaml",
                """
                flow: 1
                nodes:
                  gate: {approve: {via: [git-merge, cli], branches: \(branches)}}
                  after: {needs: gate, run: echo}

                """)
            let run = try demo.flow("run", "w.yaml")
            #expect(run.exit == 3, "\(run)")
            return run
        }

        func resume() throws -> TestResult { try demo.flow("resume", "last") }

        func why() throws -> String { try demo.flow("why", "last", "gate").text }

        /// What the reviewer does on `main` of the remote.
        func review(_ commands: String...) throws {
            let script = """
                set -e; git fetch -q; git checkout -q main; git merge -q --ff-only origin/main
                \(commands.joined(separator: "\n"))
                git push -q origin main
                """
            try TestProgram("sh", in: reviewer.path)("-c", script).checked()
        }
    }

    private static let more = "echo more > other; git add other; git commit -qm other; "

    @Test(
        "every way of merging on a remote opens the gate, without a fetch by hand",
        arguments: [
            "git merge -q --no-ff -m m origin/topic", "git merge -q --ff-only origin/topic",
            "git merge -q --squash origin/topic; git commit -qm squashed",
            more + "git cherry-pick main..origin/topic",
        ], [false, true])
    func ways(_ merge: String, deletes: Bool) throws {
        let team = try Team()
        try team.work("one")
        try team.work("two")
        try team.begin()
        #expect(try team.resume().exit == 3)
        try team.review(merge, deletes ? "git push -q origin --delete topic" : "")
        if deletes { try team.demo.git("branch", "-q", "-D", "topic").checked() }
        let resume = try team.resume()
        #expect(resume.exit == 0, "\(resume)")
        let decided = try team.demo.events().ofType("approval.decided")
        #expect(decided.map { $0["data"]?["via"] } == ["git-merge"])
    }

    @Test("a branch that has moved on since it was merged is not merged")
    func movedOn() throws {
        let team = try Team()
        try team.work("one")
        try team.begin()
        try team.review("git merge -q --squash origin/topic; git commit -qm squashed")
        try team.work("two")
        #expect(try team.resume().exit == 3)
        #expect(try team.why() == "gate: it waits for approval or the merge of topic")
        try team.review("git merge -q --no-ff -m m origin/topic")
        #expect(try team.resume().exit == 0)
    }

    @Test("a branch that has moved on where flow does not run is not merged either")
    func movedOnThere() throws {
        let team = try Team()
        try team.work("one")
        try team.begin()
        try team.review(
            "git merge -q --no-ff -m m origin/topic", "git checkout -q topic",
            "echo more >> one; git commit -qam more; git push -q origin topic",
            "git checkout -q main")
        #expect(try team.resume().exit == 3)
        // What flow has seen of it counts, also once it is deleted.
        try team.review("git push -q origin --delete topic")
        #expect(try team.resume().exit == 3)
        #expect(try team.why().contains("topic is gone on origin, and its last commit"))
        try team.review("git merge -q --squash topic; git commit -qm squashed")
        #expect(try team.resume().exit == 0)
    }

    @Test("where there is a remote, what is merged here only is not merged")
    func remoteIsTruth() throws {
        let team = try Team()
        try team.work("one")
        try team.begin()
        try team.demo.git("merge", "-q", "topic").checked()
        #expect(try team.resume().exit == 3)
        try team.demo.git("push", "-q", "origin", "main").checked()
        #expect(try team.resume().exit == 0)
    }

    @Test(
        "a branch that was never pushed counts as it is here, and the remote's default branch as fetched"
    )
    func neverPushed() throws {
        let team = try Team()
        try team.demo.git("checkout", "-q", "-b", "topic").checked()
        try team.demo.git("commit", "-q", "--allow-empty", "-m", "work").checked()
        try team.demo.git("checkout", "-q", "main").checked()
        try team.begin()
        #expect(try team.why() == "gate: it waits for approval or the merge of topic")
        try team.demo.git("merge", "-q", "topic").checked()
        // A remote of which nothing is known.
        try team.demo.git("config", "init.defaultBranch", "main").checked()
        try team.demo.git("remote", "rename", "origin", "old").checked()
        try team.demo.git("remote", "add", "origin", team.place + ".none").checked()
        #expect(try team.resume().exit == 3)
        // One without a default branch yet.
        try TestProgram("git", in: "/")("init", "-q", "--bare", team.place + ".none").checked()
        let resume = try team.resume()
        #expect(resume.exit == 0, "\(resume)")
        #expect(!resume.output.contains("waits"), "\(resume)")
    }

    @Test("a branch that is only on the remote, or not yet anywhere, is waited for")
    func later() throws {
        let team = try Team()
        try team.begin()
        #expect(try team.why().hasSuffix("(there is no branch topic, here or on origin)"))
        try team.review(
            "git checkout -q -b topic; echo x > x; git add x; git commit -qm x",
            "git push -q origin topic; git checkout -q main")
        #expect(try team.resume().exit == 3)
        #expect(try team.why() == "gate: it waits for approval or the merge of topic")
        try team.review("git merge -q --no-ff -m m topic")
        #expect(try team.resume().exit == 0)
    }

    @Test("a remote that cannot be asked leaves the gate on what is known, and why says so")
    func unreachable() throws {
        let team = try Team()
        try team.work("one")
        try team.begin()
        try team.review("git merge -q --no-ff -m m origin/topic")
        let away = team.place + ".away"
        try TestProgram("mv", in: "/")(team.place, away).checked()
        let resume = try team.resume()
        #expect(resume.exit == 3)
        #expect(resume.errors.contains("(origin is seen as of its last fetch: cannot fetch"))
        #expect(try team.why().contains("(origin is seen as of its last fetch: cannot fetch"))
        // Somebody has fetched by other means.
        try team.demo.git("fetch", "-q", away, "main:refs/remotes/origin/main").checked()
        #expect(try team.resume().exit == 0)
        let why = try team.why()
        #expect(why.contains("approved by git (origin is seen as of its last fetch"), "\(why)")
    }

    /// A run whose gates wait for `topic` of a remote of which reading does not end any more.
    private func hanging(_ branches: String...) throws -> Team {
        let team = try Team()
        try team.work("one")
        let gates = branches.map {
            "  \($0): {approve: {via: [git-merge, cli], branches: [topic]}}"
        }
        try team.demo.write("w.yaml", "flow: 1\nnodes:\n\(gates.joined(separator: "\n"))\n")
        #expect(try team.demo.flow("run", "w.yaml").exit == 3)
        try TestProgram("sh", in: team.place)("-c", "rm config && mkfifo config").checked()
        return team
    }

    @Test(
        "a flow that waits for a remote ends when it is told to, leaves nothing, and cancel asks no git"
    )
    func stopped() throws {
        let team = try hanging("gate")
        let stopped = try team.demo.flow.run(["resume", "last"], signal: SIGTERM) {
            $0.hasSuffix("goes on")
        }
        #expect(stopped.errors.contains("(flow was stopped before git had answered)"), "\(stopped)")
        #expect(
            Processes.eventually { Processes.working(in: team.demo.path, without: []).isEmpty })
        try team.demo.flow("cancel", "last").checked()
        let looks = try team.demo.flow("events", "last").jsonLines.ofType("approval.checked")
        #expect(
            looks.map { $0["data"]?["problem"] } == ["flow was stopped before git had answered"])
    }

    @Test(
        "a remote that hangs is given up once, for all gates of a run",
        .enabled(if: Environment["FLOW_SOAK"] != nil, "it takes 30 seconds, of doing nothing"))
    func late() throws {
        let team = try hanging("one", "two")
        let begin = SystemClock().monotonic()
        let resume = try team.demo.flow("resume", "last")
        print("given up after \((SystemClock().monotonic() - begin) / 1_000_000) ms")
        #expect(resume.exit == 3)
        for gate in ["one", "two"] {
            #expect(
                resume.errors.contains(
                    "\(gate) waits for approval or the merge of topic (git took longer than 30 "
                        + "seconds)"), "\(resume)")
        }
        // A decision needs no git.
        try team.demo.flow("approve", "last", "one", "--no-resume").checked()
    }

    @Test("a name that is none for a branch keeps the gate closed and ends no run")
    func badName() throws {
        let team = try Team()
        let run = try team.begin("[\"a..b\"]")
        #expect(run.errors.contains("'a..b' is no name for a branch"), "\(run)")
        #expect(try team.resume().exit == 3)
        #expect(try team.why().contains("'a..b' is no name for a branch"))
        #expect(try team.demo.flow("approve", "last").exit == 0)
    }

    @Test("without a repository the gate stays closed and says so")
    func noRepository() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              gate: {approve: {via: [git-merge], branches: [topic]}}

            """)
        let run = try Demo.flow(in: folder.path)("run", "w.yaml")
        #expect(run.exit == 3 && run.errors.contains("not a git repository"), "\(run)")
    }
}
