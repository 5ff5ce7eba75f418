import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// A run that is stopped in the middle of a fetch or a push, and the progress of one that goes on.
@Suite struct InterruptedTransferTests {
    private static let token = "tok-4711-secret-abc"

    /// Leaves its own process id, then fetches and pushes.
    private static let workflow = """
        flow: 1
        name: travel
        secrets: {FLOW_REMOTE_TOKEN: {required: false}}
        nodes:
          leave: {run: 'echo $PPID > "$FLOW_STATE/flow.pid"'}
          fetch:
            needs: leave
            uses: git/fetch
            secrets: &token [FLOW_REMOTE_TOKEN]
            env: &remote {FLOW_REMOTE_TOKEN: "${{ secrets.FLOW_REMOTE_TOKEN }}"}
          push: {needs: fetch, uses: git/push, secrets: *token, env: *remote}

        """

    private struct Bench {
        let server: ServerBench

        init(_ kind: GitServer.Kind) throws {
            var server = try ServerBench(GitServer(kind))
            switch kind {
            case .ssh:
                try server.addKey("ed25519")
                try server.trustHost()
            case .https:
                try server.trustAuthority()
                server.environment["FLOW_REMOTE_TOKEN"] = token
            }
            self.server = server
            try server.commit("travel.yaml", workflow, "workflow")
            try fail([:])
            try run().checked()
        }

        /// - Parameter faults: what the server is to do wrong from now on.
        func fail(_ faults: JSONObject) throws {
            var faults = faults
            if server.server.kind == .https { faults["token"] = .string(token) }
            try server.server.fail(.object(faults))
        }

        private var flow: TestProgram {
            let names: Set = ["HOME", "FLOW_STATE", "FLOW_REMOTE_TOKEN"]
            return Demo.flow(
                in: server.git.folder,
                environment: server.environment.filter { names.contains($0.key) })
        }

        func run(_ words: String...) throws -> TestResult {
            try flow.run(["run", "travel.yaml"] + words)
        }

        func log(_ node: String) throws -> TestResult { try flow("logs", "last", node).checked() }

        func events() throws -> [JSON] { try flow("events", "last").checked().jsonLines }

        /// The file in which a run leaves its process id.
        var processID: JSON {
            .string(Path.join(server.environment["FLOW_STATE"] ?? "", "flow.pid"))
        }

        /// Runs until the server has passed on so many bytes and sends SIGTERM to flow, then looks
        /// that nothing has changed and nothing is left.
        func expectCancelled(_ direction: String, in node: String) throws {
            let before = try (server.branches(), server.onHub())
            let tip = try server.hub("rev-parse", "main").text
            try fail([direction: 60_000, "stop": processID])
            let result = try run()
            #expect(result.exit == 130, "\(result)")
            let events = try events()
            #expect(events.last?["data"]?["status"] == "cancelled")
            #expect(events.result(of: node) == "cancelled")
            #expect(try (server.branches(), server.onHub()) == before)
            #expect(try server.hub("rev-parse", "main").text == tip)
            try server.expectSound()
            for git in [Path.join(server.git.folder, ".git"), server.hub.folder] {
                let locks = try TestProgram("find", in: git)(".", "-name", "*.lock")
                #expect(locks.lines == [])
            }
            let intents = Path.join(server.git.folder, ".git/flow")
            let left = try Files.exists(intents) ? Files.list(intents) : []
            #expect(left == [])
            try fail([:])
        }

        func expectEqual() throws {
            try run().checked()
            #expect(
                try server.hub("rev-parse", "main").text == server.git("rev-parse", "main").text)
            try server.expectSound()
            try server.expectNowhere(token)
        }
    }

    @Test(
        "stopped in the middle of a fetch or a push a run is cancelled, and the next does it",
        arguments: [GitServer.Kind.ssh, .https])
    func stopped(_ kind: GitServer.Kind) throws {
        let bench = try Bench(kind)
        try bench.server.overtake("theirs.txt", ServerBench.much(seed: 6))
        try bench.expectCancelled("out", in: "fetch")
        try bench.expectEqual()
        try bench.server.commit("much.txt", ServerBench.much(seed: 5), "much")
        try bench.expectCancelled("in", in: "push")
        try bench.expectEqual()
    }

    @Test(
        "a transfer of more than five seconds says how far it has come",
        .enabled(if: Environment["FLOW_SOAK"] != nil, "it takes many seconds, of doing nothing"),
        arguments: [GitServer.Kind.ssh, .https])
    func progress(_ kind: GitServer.Kind) throws {
        let bench = try Bench(kind)
        try bench.server.overtake("theirs.txt", ServerBench.much(seed: 6))
        try bench.fail(["rate": 30])
        let result = try bench.run().checked()
        let log = try bench.log("fetch")
        let line = try #require(log.lines.first { $0.contains(" objects, ") }, "\(result) \(log)")
        print("progress: \(line)")
        try bench.fail([:])
        try bench.expectEqual()
    }
}
