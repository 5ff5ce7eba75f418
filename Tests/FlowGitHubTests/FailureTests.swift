import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowGitHub

/// What goes wrong at the other side, and what is said of it.
@Suite(.enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
struct FailureTests {
    private func fault(
        _ status: Int, _ message: String, _ headers: JSON = [:], _ more: JSON = [:],
        method: String = "GET", times: Int = 1
    ) -> JSON {
        [
            [
                "method": .string(method), "path": "pulls", "kind": "status",
                "status": .integer(status), "message": .string(message), "headers": headers,
                "more": more, "times": .integer(times),
            ]
        ]
    }

    @Test("a wrong token is said, and neither it nor an escape that came with the answer is shown")
    func unauthorized() throws {
        let wrong = "ghp_wrong_0123456789"
        let error = try ServerBench().refusal(token: wrong)
        #expect(error.code == .token)
        #expect(error.description.contains("Bad credentials: Bearer ***\\x1b[31m (401)"))
        #expect(error.description.contains("GITHUB_TOKEN is wrong or has expired"))
        #expect(!error.description.contains(wrong))
    }

    @Test("a missing permission is named as GitHub names it")
    func forbidden() throws {
        let bench = try ServerBench()
        try bench.repository.faults(
            fault(
                403, "Resource not accessible by integration",
                ["x-accepted-github-permissions": "pull_requests=write"]))
        let error = try bench.refusal()
        #expect(error.code == .access)
        #expect(error.message.contains("Resource not accessible by integration (403)"))
        #expect(error.message.hasSuffix("permission: it takes pull_requests=write"))
        try bench.repository.faults(
            fault(
                403, "GitHub Actions is not permitted to create or approve pull requests.",
                method: "POST"))
        #expect(try bench.refusal().message.contains("Settings, Actions, General"))
    }

    @Test("a repository that is not there, or not to be seen, is said with what to look at")
    func missing() throws {
        let bench = try ServerBench()
        let other = try #require(GitHubRepository("octo/nothing"))
        let error = try #require(
            #expect(throws: GitHubError.self) {
                try PullRequests(bench.client(), other).fulfil(
                    ServerBench.wish(), decides: { _ in true }, say: { _ in })
            })
        #expect(error.code == .access)
        #expect(error.description.hasPrefix("cannot list the pull requests of octo/nothing: "))
        #expect(
            error.message.contains("Not Found (404)") && error.message.contains("GITHUB_REPOSITORY")
        )
    }

    @Test("a field that GitHub refuses is named")
    func unprocessable() throws {
        let error = try ServerBench().refusal(ServerBench.wish("gone/x"))
        #expect(error.code == .refused)
        #expect(
            error.description
                == "cannot open a pull request for gone/x: GitHub says: Validation Failed; "
                + "PullRequest head: invalid (422)")
    }

    @Test("a redirect on the same host is followed, one to another host never, nor a page there")
    func redirects() throws {
        let bench = try ServerBench()
        let path = "/repos/\(bench.repository.slug)/pulls?state=open"
        try bench.repository.faults(
            fault(301, "Moved", ["Location": .string("http://127.0.0.1:SELF\(path)")]))
        #expect(try bench.fulfil(ServerBench.wish()) == "opened 1")
        for status in [301, 302, 307, 308] {
            try bench.repository.faults(
                fault(status, "Moved", ["Location": "http://127.0.0.1:OTHER/x"]))
            let error = try bench.refusal()
            #expect(error.code == .answer)
            #expect(error.message.contains("127.0.0.1:\(bench.server.other)"))
        }
        #expect(try bench.repository.state()["elsewhere"] == [])
    }

    @Test("redirects without an end, and one that a write would lose itself in, are errors")
    func circle() throws {
        let bench = try ServerBench()
        let there: JSON = .string("/repos/\(bench.repository.slug)/pulls")
        try bench.repository.faults(fault(302, "Found", ["Location": there], times: 99))
        _ = try bench.refusal()
        #expect(try bench.repository.log().count < 9)
        try bench.repository.faults(fault(301, "Moved", ["Location": there], method: "POST"))
        _ = try bench.refusal()
        #expect(try bench.repository.pulls() == [])
    }

    @Test("a limit is waited for where it is short")
    func limits() throws {
        let bench = try ServerBench()
        try bench.repository.faults(fault(429, "slow down", ["Retry-After": "3"], method: "POST"))
        #expect(try bench.fulfil(ServerBench.wish()) == "opened 1")
        #expect(bench.notes.pauses == [3])
        try bench.repository.faults(
            fault(403, "limit", ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "32503680000"]))
        let error = try bench.refusal()
        #expect(error.code == .limit && error.message.contains("3000-01-01T00:00:01Z"))
    }

    @Test("errors of the server and connections that break are tried again where that is safe")
    func broken() throws {
        let bench = try ServerBench()
        try bench.repository.faults(fault(500, "oops", times: 2))
        #expect(try bench.fulfil(ServerBench.wish()) == "opened 1")
        try bench.repository.faults([
            ["method": "GET", "path": "pulls", "kind": "cut", "times": 2]
        ])
        #expect(try bench.fulfil(ServerBench.wish()) == "unchanged 1")
        #expect(bench.notes.pauses == [1, 2, 1, 2])
        try bench.repository.faults(fault(503, "down", times: 9))
        let error = try bench.refusal()
        #expect(error.code == .uncertain && error.message.contains("down (503)"))
    }

    @Test("a server that falls silent is given up")
    func silent() throws {
        let bench = try ServerBench(
            patience: .init(connection: 5, silence: 1, whole: 1))
        try bench.repository.faults([
            ["method": "GET", "path": "pulls", "kind": "silent", "times": 9]
        ])
        let error = try bench.refusal()
        #expect(error.code == .uncertain && error.message.contains("Timeout"), "\(error)")
    }

    @Test("a server that is not there is said with its address")
    func absent() throws {
        var seams = GitHubClient.Seams()
        seams.pause = { _ in }
        let client = try GitHubClient(
            GitHubAddress("http://127.0.0.1:1"), token: GitHubServer.token, seams)
        let error = try #require(
            #expect(throws: GitHubError.self) { try client.list("/x", doing: "list") })
        #expect(error.code == .connection && error.message.hasPrefix("http://127.0.0.1:1: "))
    }
}
