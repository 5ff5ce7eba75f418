import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `publish: pull-request`: what flow knows travels on `flow/sync`.
@Suite struct SyncBranchTests {
    /// A clone of a remote whose default branch takes no push, with a proposal merged there.
    private struct Protected {
        let owner: TemporaryFolder
        let hub: TestProgram
        let demo: Demo

        init() throws {
            owner = try TemporaryFolder()
            let source = try Demo(messages: ["order of customer refused", "disk is full"])
            try source.write("flow.yaml", "publish: pull-request\n")
            try source.commitAll("settings")
            try source.git("clone", "-q", "--bare", source.path, owner.at("hub.git")).checked()
            hub = TestProgram("git", in: owner.at("hub.git"))
            demo = try Demo(cloning: owner.at("hub.git"))
            try demo.integrate().checked()
            let open = try #require(try proposal())
            try mergeOnHub(open, "proposal")
        }

        /// Merges all proposals that there are.
        func mergeProposals() throws {
            while let open = try proposal() { try mergeOnHub(open, "proposal") }
        }

        func proposal() throws -> String? {
            try hub("for-each-ref", "--format=%(refname:short)", "refs/heads/proposal").lines.first
        }

        /// Merges a branch as a forge does, and deletes it.
        func mergeOnHub(_ branch: String, _ name: String) throws {
            let there = try Demo(cloning: owner.at("hub.git"))
            try there.git("merge", "-q", "--no-ff", "-m", "Merge \(name)", "origin/\(branch)")
                .checked()
            try there.git("push", "-q", "origin", "main", ":\(branch)").checked()
        }

        func tip(_ branch: String) throws -> String { try hub("rev-parse", branch).text }
    }

    /// An error of another day, so that a later run has something new.
    private static let more = (
        path: "datasets/samples/more.jsonl",
        text: """
        {"time": "2025-11-08T05:00:00Z", "level": "error", "component": "app1", \
        "message": "disk is full"}

        """
    )

    @Test("runs move flow/sync only, one commit on top of the default branch; merged, it is done")
    func rolling() throws {
        let all = try Protected()
        let main = try all.tip("main")
        try all.demo.integrate().checked()
        #expect(try all.tip("main") == main && all.demo.head() == main)
        let first = try all.tip("flow/sync")
        #expect(try all.hub("rev-parse", "flow/sync^").text == main)
        #expect(try all.demo.events().output("branch", of: "commit") == "flow/sync")
        #expect(try all.demo.skills(at: "flow/sync").count == 1)

        try all.demo.integrate().checked()
        #expect(try all.tip("flow/sync") == first, "the same content is nothing new to review")

        // Somebody else's work on the default branch: the rolling commit moves on top of it.
        let there = try Demo(cloning: all.owner.at("hub.git"))
        try there.write("theirs", "x\n")
        try there.commitAll("theirs")
        try there.git("push", "-q", "origin", "main").checked()
        try all.demo.integrate().checked()
        #expect(try all.hub("rev-parse", "flow/sync^").text == all.tip("main"))
        #expect(try all.demo.skills(at: "flow/sync").count == 1)

        try all.mergeOnHub("flow/sync", "sync")
        try all.demo.integrate().checked()
        #expect(try all.demo.skills().count == 1)
        #expect(try all.hub("rev-parse", "-q", "--verify", "flow/sync").exit != 0, "nothing new")
        try all.demo.expectSound()
    }

    @Test("a fresh clone makes the same of it")
    func fresh() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let first = try all.tip("flow/sync")
        let clone = try Demo(cloning: all.owner.at("hub.git"))
        try clone.integrate().checked()
        #expect(try all.tip("flow/sync") == first)
    }

    @Test("a clone that was away does not put its older flow/sync over a newer one")
    func stale() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let later = "2025-11-09T02:00:00Z"
        let clone = try Demo(cloning: all.owner.at("hub.git"))
        for one in [clone, all.demo] { try one.write(Self.more.path, Self.more.text) }
        try clone.flow("run", "integrate.yaml", "--now", later).checked()
        let newer = try all.tip("flow/sync")
        #expect(try newer != all.demo.head("flow/sync"))
        try all.demo.flow("run", "integrate.yaml", "--now", later).checked()
        #expect(try all.tip("flow/sync") == newer)
        #expect(try all.demo.head("flow/sync") == newer)
    }

    @Test("of many flows that publish at once all succeed, and everything waits together")
    func contention() throws {
        let demo = try Demo(messages: ["order of customer refused"])
        try demo.write("flow.yaml", "publish: pull-request\n")
        try demo.write(
            "workflows/contend.yaml",
            #"""
            flow: 1
            name: contend
            params: {name: {type: string}}
            nodes:
              change:
                env: {NAME: "${{ params.name }}"}
                run: |
                  set -e
                  blob=$(echo "$NAME" | git hash-object -w --stdin)
                  echo "changes=[{\"path\": \"notes/$NAME\", \"blob\": \"$blob\", \"base\": null}]" >> "$FLOW_OUTPUT"
                outputs: {changes: {type: array}}
              commit:
                needs: change
                uses: git/commit
                with: {changes: "${{ needs.change.outputs.changes }}", message: "Add ${{ params.name }}"}

            """#)
        try demo.commitAll("contend")
        let flows = 6
        try inParallel(flows) { number in
            try demo.flow("run", "contend.yaml", "-p", "name=n\(number)", "--now", Demo.now)
                .checked()
        }
        #expect(
            try demo.git("diff", "--name-only", "main", "flow/sync").lines
                == (0..<flows).map { "notes/n\($0)" })
        #expect(try demo.git("rev-parse", "flow/sync^").text == demo.head())
    }

    @Test("a flow/sync that was squashed or refused is not pushed again as it was")
    func deleted() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        try all.hub("branch", "-D", "flow/sync").checked()
        try all.demo.integrate().checked()
        let log = try all.hub("log", "-3", "-p", "flow/sync", "--")
        #expect(log.exit != 0, "\(log)")
    }

    @Test("commits of a person that the remote has not do not travel with flow/sync")
    func unpushed() throws {
        let all = try Protected()
        let before = try all.tip("flow/sync")
        try all.demo.git("pull", "-q").checked()
        try all.demo.write("mine", "x\n")
        try all.demo.commitAll("not pushed yet")
        let run = try all.demo.integrate()
        #expect(run.exit == 1 && run.output.contains("push main first"), "\(run)")
        #expect(try all.tip("flow/sync") == before)
        try all.demo.git("push", "-q", "origin", "main").checked()
        try all.demo.integrate().checked()
        #expect(try all.hub("rev-parse", "flow/sync^").text == all.tip("main"))
    }

    @Test("what a waiting flow/sync knows counts: a branch that went away meanwhile was withdrawn")
    func waiting() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let open = try #require(try all.proposal())
        try all.hub("branch", "-D", open).checked()
        try all.demo.integrate().checked()
        #expect(try all.proposal() == nil, "not proposed again")
        let clone = try Demo(cloning: all.owner.at("hub.git"))
        try clone.integrate().checked()
        #expect(try all.proposal() == nil)
        let ledger = try clone.git("show", "flow/sync:skills/ledger/2025-11.jsonl").output
        #expect(ledger.contains("withdrawn"), "\(ledger)")
    }

    @Test(
        "a trained model and what integrate knows travel together, whichever came first",
        arguments: [true, false])
    func both(_ isModelFirst: Bool) throws {
        let all = try Protected()
        let later = "2025-11-09T02:00:00Z"
        func integrate(_ now: String = Demo.now) throws {
            try all.demo.flow("run", "integrate.yaml", "--now", now).checked()
        }
        func retrain() throws {
            try all.demo.flow("run", "retrain.yaml", "-p", "min_samples=2", "--now", Demo.now)
                .checked()
        }
        try all.mergeProposals()
        try integrate()
        if isModelFirst {
            try all.mergeOnHub("flow/sync", "sync")
            try integrate()
            try retrain()
            let model = try all.demo.blob("models/registry.jsonl", at: "flow/sync")
            try all.demo.write(Self.more.path, Self.more.text)
            try integrate(later)
            #expect(try all.demo.blob("models/registry.jsonl", at: "flow/sync") == model)
        } else {
            try retrain()
        }
        #expect(try all.hub("rev-parse", "flow/sync^").text == all.tip("main"))
        let paths = try all.hub("diff", "--name-only", "main", "flow/sync").lines
        #expect(paths.contains("models/registry.jsonl"), "\(paths)")
        #expect(paths.contains("docs/error-codes.yaml"), "\(paths)")

        try all.mergeOnHub("flow/sync", "sync")
        try integrate(later)
        try retrain()
        try integrate(later)
        #expect(try all.hub("rev-parse", "-q", "--verify", "flow/sync").exit != 0, "nothing new")
        #expect(try all.demo.blob("models/registry.jsonl").isEmpty == false)
        try Files.remove(all.demo.at(Self.more.path))
        try all.demo.expectSound()
    }

    @Test("a rejection at the terminal travels on flow/sync, and the default branch stays as it is")
    func rejection() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let open = try #require(try all.proposal()?.dropFirst("proposal/".count))
        let main = try all.tip("main")
        try all.demo.flow("proposals", "reject", String(open), "--reason", "no fault of ours")
            .checked()
        #expect(try all.demo.head() == main)
        try all.demo.integrate().checked()
        #expect(try all.hub("rev-parse", "flow/sync^").text == main)
        let ledger = try all.hub("grep", "-h", "no fault of ours", "flow/sync").output
        #expect(ledger.contains("\"rejected\""), "\(ledger)")
    }

    @Test("a commit of flow's that a person has amended is the person's, whatever its times say")
    func amended() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let there = try Demo(cloning: all.owner.at("hub.git"))
        try there.git("switch", "-q", "flow/sync").checked()
        try there.write("note", "by hand\n")
        try there.git("add", "-A").checked()
        try there.git("commit", "-q", "--amend", "--no-edit", "--reset-author").checked()
        try there.git("push", "-qf", "origin", "flow/sync").checked()
        let tip = try all.tip("flow/sync")
        let run = try all.demo.integrate()
        #expect(run.exit == 1 && run.output.contains("not flow's"), "\(run)")
        #expect(try all.tip("flow/sync") == tip)
    }

    @Test("a person's commit on flow/sync is never replaced")
    func others() throws {
        let all = try Protected()
        try all.demo.integrate().checked()
        let there = try Demo(cloning: all.owner.at("hub.git"))
        try there.git("switch", "-q", "flow/sync").checked()
        try there.write("note", "by hand\n")
        try there.commitAll("by hand")
        try there.git("push", "-q", "origin", "flow/sync").checked()
        let tip = try all.tip("flow/sync")
        let run = try all.demo.integrate()
        #expect(run.exit == 1 && run.output.contains("not flow's"), "\(run)")
        #expect(try all.tip("flow/sync") == tip)
        try there.git("commit", "-q", "--amend", "-m", "again").checked()
        try all.mergeOnHub("flow/sync", "sync")
        try all.demo.integrate().checked()
        #expect(try all.demo.skills().count == 1)
    }
}
