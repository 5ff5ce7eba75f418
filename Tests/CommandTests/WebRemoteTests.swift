import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Fetching and pushing through git's own http backend, with TLS.
@Suite struct WebRemoteTests {
    private static let token = "tok-4711-secret-abc"

    private func bench(_ proposals: String...) throws -> ServerBench {
        let bench = try ServerBench(GitServer(.https), proposals: proposals)
        try bench.trustAuthority()
        try bench.server.fail(["token": .string(Self.token)])
        return bench
    }

    /// The header that actions/checkout leaves in the configuration.
    private static let header =
        "AUTHORIZATION: basic "
        + Base64.of("x-access-token:" + token)

    @Test("the right token lets flow fetch and push, and is nowhere afterwards")
    func token() throws {
        var bench = try bench("one")
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        try bench.fetch().checked()
        try bench.commit("a", "a\n", "mine")
        let result = try bench.push().checked()
        #expect(!result.output.contains(Self.token))
        #expect(try bench.onHub() == ["main", "proposal/one"])
        try bench.overtake("b", "b\n")
        try bench.fetch().checked()
        #expect(
            try bench.hub("rev-parse", "main").text == bench.git("rev-parse", "main").text)
        try bench.expectNowhere(Self.token)
        try bench.expectSound()
    }

    @Test("a gate that waits for a merge asks the remote with the token of .env")
    func gate() throws {
        let bench = try bench()
        try bench.commit(
            "w.yaml", "flow: 1\nnodes: {gate: {approve: {via: [git-merge], branches: [topic]}}}\n",
            "w")
        try bench.git("push", "-q", bench.hub.folder, "main", "main:topic").checked()
        try bench.overtake("other", "x\n")
        let flow = Demo.flow(
            in: bench.git.folder, environment: ["HOME": bench.environment["HOME"] ?? ""])
        #expect(try flow("run", "w.yaml").exit == 3)
        #expect(try flow("why", "last", "gate").text.contains("wants to know who you are"))
        try Files.write(
            "FLOW_REMOTE_TOKEN=\(Self.token)\n", to: Path.join(bench.git.folder, ".env"))
        let resumed = try flow("resume", "last")
        #expect(resumed.exit == 0, "\(resumed)")
        #expect(!resumed.output.contains(Self.token))
    }

    @Test("GITHUB_TOKEN goes to GitHub's server and to nobody else")
    func gitHub() throws {
        var bench = try bench()
        bench.environment["GITHUB_TOKEN"] = Self.token
        try bench.expectRefusal("git/fetch", "give a token in FLOW_REMOTE_TOKEN")
        #expect(try bench.server.requests().allSatisfy { $0.hasSuffix(" -") })
        bench.environment["GITHUB_SERVER_URL"] = "https://localhost:\(bench.server.port)"
        try bench.fetch().checked()
    }

    @Test("a wrong token and a missing one are told apart, and nothing changes")
    func wrongToken() throws {
        var bench = try bench()
        for stage in ["git/fetch", "git/push"] {
            try bench.expectRefusal(stage, "wants to know who you are", "FLOW_REMOTE_TOKEN")
        }
        bench.environment["FLOW_REMOTE_TOKEN"] = "wrong-4711-wrong"
        for stage in ["git/fetch", "git/push"] {
            try bench.expectRefusal(
                stage, "refuses the token in FLOW_REMOTE_TOKEN", hiding: "wrong-4711-wrong")
        }
    }

    @Test("the header that actions/checkout leaves in the configuration is sent, to its host only")
    func extraHeader() throws {
        let bench = try bench()
        let key = "http.https://localhost:\(bench.server.port)/.extraheader"
        try bench.git("config", "http.https://example.org/.extraheader", Self.header).checked()
        try bench.expectRefusal("git/fetch", "wants to know who you are")
        try bench.git("config", key, Self.header).checked()
        try bench.fetch().checked()
        try bench.commit("a", "a\n", "mine")
        try bench.push().checked()
        try bench.git("config", key, "AUTHORIZATION: basic d3Jvbmctd3Jvbmc=").checked()
        try bench.expectRefusal(
            "git/fetch", "refuses the token of http.….extraheader", hiding: "d3Jvbmctd3Jvbmc=")
    }

    @Test("a redirect to another port or host is refused, and no token arrives there")
    func redirect() throws {
        var bench = try bench()
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        let other = try GitServer(.https)
        let key = "http.https://localhost:\(bench.server.port)/.extraheader"
        for host in ["localhost", "127.0.0.1"] {
            let place = "\(host):\(other.port)"
            try bench.server.fail(["redirect": .string("https://\(place)")])
            for stage in ["git/fetch", "git/push"] {
                try bench.expectRefusal(stage, "git remote set-url", hiding: Self.token)
            }
            bench.environment["FLOW_REMOTE_TOKEN"] = nil
            try bench.git("config", key, Self.header).checked()
        }
        #expect(try other.requests() == [])
        #expect(try bench.server.requests().contains { $0.hasSuffix(Self.header.suffix(9)) })
    }

    @Test("a secret for one address of a remote goes to no other that the remote has too")
    func addresses() throws {
        let bench = try bench()
        let other = try GitServer(.https)
        let key = "http.https://localhost:\(bench.server.port)/.extraheader"
        try bench.git("config", key, Self.header).checked()
        for host in ["localhost", "127.0.0.1"] {
            let url = "https://\(host):\(other.port)/hub.git"
            try bench.git("remote", "set-url", "--add", "origin", url).checked()
            _ = try bench.fetch()
        }
        let secret = Self.header.split(separator: " ").last.map(String.init) ?? ""
        let requests = try other.requests()
        #expect(!requests.isEmpty && requests.filter { $0.contains(secret) } == [])
    }

    @Test("a certificate that nobody vouches for is refused")
    func certificate() throws {
        var bench = try bench()
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        try bench.git("config", "--unset", "http.sslCAInfo").checked()
        try bench.git("config", "http.sslVerify", "false").checked()
        try bench.expectRefusal("git/fetch", "certificate", "http.sslCAInfo", hiding: Self.token)
        #expect(try bench.server.requests() == [])
        try bench.git("config", "http.sslCAInfo", "/nonexistent").checked()
        try bench.expectRefusal("git/fetch", "/nonexistent is missing")
    }

    @Test("a remote that goes away in the middle leaves everything as it was")
    func cutOff() throws {
        var bench = try bench()
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        try bench.fetch().checked()
        try bench.commit("much.txt", ServerBench.much(seed: 5), "much")
        try bench.server.fail(["token": .string(Self.token), "in": 60_000])
        try bench.expectRefusal("git/push", "run again later", hiding: Self.token, exit: 75)
        try bench.server.fail(["token": .string(Self.token)])
        try bench.push().checked()
        try bench.overtake("theirs.txt", ServerBench.much(seed: 6))
        try bench.server.fail(["token": .string(Self.token), "out": 60_000])
        try bench.expectRefusal("git/fetch", "run again later", hiding: Self.token, exit: 75)
        try bench.server.fail(["token": .string(Self.token)])
        try bench.fetch().checked()
    }

    @Test("a partial clone whose server builds on what it lacks is told how to get that")
    func partial() throws {
        var bench = try bench()
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        let large = ServerBench.much(seed: 7)
        try bench.overtake("library/large.txt", large)
        try bench.becomePartial()
        try bench.trustAuthority()
        // The server sends the difference to the content that it believes to be here.
        try bench.overtake("library/large.txt", large + "\nmore\n")
        try bench.expectRefusal(
            "git/fetch", "this clone is partial", "git fetch --refetch --no-filter origin",
            hiding: Self.token)
        try bench.git(
            "-c", "http.extraheader=\(Self.header)", "fetch", "-q", "--refetch", "--no-filter",
            "origin"
        ).checked()
        try bench.overtake("library/large.txt", large + "\nstill more\n")
        try bench.fetch().checked()
        #expect(
            try bench.hub("rev-parse", "main").text == bench.git("rev-parse", "main").text)
        try bench.commit("mine", "mine\n", "mine")
        try bench.push().checked()
        #expect(
            try bench.hub("rev-parse", "main").text == bench.git("rev-parse", "main").text)
        try bench.expectSound()
    }

    @Test("a refusal of the default branch is an error that quotes the server, without the token")
    func protected() throws {
        var bench = try bench()
        bench.environment["FLOW_REMOTE_TOKEN"] = Self.token
        try Files.write(
            "#!/bin/sh\necho 'GH006: protected branch, \(Self.token)' >&2\nexit 1\n",
            to: bench.hub.folder + "/hooks/pre-receive", mode: 0o755)
        try bench.fetch().checked()
        try bench.commit("a", "a\n", "mine")
        try bench.expectRefusal(
            "git/push", "origin did not take refs/heads/main: pre-receive hook declined",
            "GH006: protected branch, ***", hiding: Self.token)
    }
}

/// Only what these tests need.
private enum Base64 {
    static func of(_ text: String) -> String {
        (try? TestProgram("base64", in: "/")("-w0", input: text).text) ?? ""
    }
}
