import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowGitHub

/// A client at the tests' server, which waits for nothing and notes what it would have waited for.
struct ServerBench {
    let repository: GitHubServer.Repository
    let server: GitHubServer
    let notes = Notes()
    private let patience: CurlTransport.Patience

    final class Notes {
        var pauses: [Int] = []
        var said: [String] = []
    }

    init(_ setting: JSON = [:], patience: CurlTransport.Patience = .init()) throws {
        server = try GitHubServer.shared.get()
        repository = try server.repository(setting)
        self.patience = patience
    }

    func client(token: String = GitHubServer.token) throws -> GitHubClient {
        var seams = GitHubClient.Seams()
        seams.pause = { [notes] in notes.pauses.append($0) }
        seams.say = { [notes] in notes.said.append($0) }
        return try GitHubClient(
            GitHubAddress(server.address), token: token, seams, over: CurlTransport(patience))
    }

    var slug: GitHubRepository {
        get throws { try #require(GitHubRepository(repository.slug)) }
    }

    static func wish(
        _ branch: String = "proposal/a", title: String = "Title", body: String = "Body",
        labels: [String] = [], reviewers: [String] = []
    ) -> PullRequests.Wish {
        .init(
            branch: branch, base: "main", text: WrittenText(title: title, body: body),
            labels: labels, reviewers: Reviewers(reviewers))
    }

    /// What became of a wish, in one word and the pull request's number.
    @discardableResult
    func fulfil(
        _ wish: PullRequests.Wish, token: String = GitHubServer.token, decides: Bool = true
    ) throws -> String {
        let requests = PullRequests(try client(token: token), try slug)
        let outcome = try requests.fulfil(wish, decides: { _ in decides }) { notes.said.append($0) }
        switch outcome {
        case .opened(let one): return "opened \(one.number)"
        case .updated(let one): return "updated \(one.number)"
        case .unchanged(let one): return "unchanged \(one.number)"
        case .kept(let one, let reason): return "kept \(one.number): \(reason)"
        case .decided(let one): return "decided \(one.number)"
        }
    }

    /// The error that a wish ends with.
    func refusal(
        _ wish: PullRequests.Wish = wish(), token: String = GitHubServer.token
    ) throws -> GitHubError {
        try #require(#expect(throws: GitHubError.self) { try fulfil(wish, token: token) })
    }
}

@Suite(.enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
struct PullRequestTests {
    @Test("a pull request is opened once, with labels and reviewers, and nothing is written again")
    func once() throws {
        let bench = try ServerBench(["collaborators": ["ada"]])
        let wish = ServerBench.wish(
            labels: ["flow", "review me"], reviewers: ["ada", "octo/core"])
        #expect(try bench.fulfil(wish) == "opened 1")
        let pull = try #require(try bench.repository.pulls().first)
        #expect(pull["title"] == "Title" && pull["base"] == "main" && pull["head"] == "proposal/a")
        #expect(pull["labels"] == ["flow", "review me"])
        #expect(pull["reviewers"] == ["ada", "core"])
        #expect(pull["body"]?.stringValue == wish.text.marked(.done))
        let before = try bench.repository.log().count
        #expect(try bench.fulfil(wish) == "unchanged 1")
        let after = try bench.repository.log().dropFirst(before)
        #expect(after.allSatisfy { $0.hasPrefix("GET ") })
        #expect(try bench.repository.pulls().count == 1)
    }

    @Test("changed evidence changes the text; what a person took away stays away")
    func changed() throws {
        let bench = try ServerBench()
        try bench.fulfil(ServerBench.wish(labels: ["flow"]))
        try bench.repository.person("pulls", ["number": 1, "labels": []])
        let wish = ServerBench.wish(title: "New title", body: "More errors", labels: ["flow"])
        #expect(try bench.fulfil(wish) == "updated 1")
        let pull = try #require(try bench.repository.pulls().first)
        #expect(pull["title"] == "New title" && pull["labels"] == [])
        #expect(pull["body"]?.stringValue == wish.text.marked(.done))
        #expect(try bench.fulfil(wish) == "unchanged 1")
    }

    @Test("a text that a person edited is left alone, and that is said")
    func edited() throws {
        let bench = try ServerBench()
        try bench.fulfil(ServerBench.wish())
        let body = try bench.repository.pulls()[0]["body"]?.stringValue ?? ""
        try bench.repository.person(
            "pulls", ["number": 1, "body": .string("Please look!\n\n" + body)])
        let before = try bench.repository.pulls()
        #expect(
            try bench.fulfil(ServerBench.wish(body: "New"))
                == "kept 1: its text was edited, so it is left alone")
        #expect(try bench.repository.pulls() == before)
    }

    @Test(
        "a pull request that a person opened is the branch's pull request, and its text is theirs")
    func foreign() throws {
        let bench = try ServerBench()
        try bench.repository.person("pulls", ["head": "proposal/a", "body": nil])
        #expect(
            try bench.fulfil(ServerBench.wish())
                == "kept 1: its text is not flow's, so it is left alone")
        #expect(try bench.repository.pulls().count == 1)
    }

    @Test("a closed or merged pull request is a verdict and no reason to open another")
    func closed() throws {
        for merged in [false, true] {
            let bench = try ServerBench()
            try bench.fulfil(ServerBench.wish())
            try bench.repository.person(
                "pulls", ["number": 1, "state": "closed", "merged": .bool(merged)])
            #expect(try bench.fulfil(ServerBench.wish(body: "New")) == "decided 1")
            #expect(try bench.repository.pulls().count == 1)
            // The branch was deleted since, and made anew from other commits.
            #expect(try bench.fulfil(ServerBench.wish(body: "New"), decides: false) == "opened 2")
        }
    }

    @Test("a branch of the same name in a fork, or in one that is gone, is another branch")
    func forks() throws {
        let bench = try ServerBench()
        try bench.repository.person("pulls", ["head": "proposal/a", "home": "evil/fork"])
        try bench.repository.person("pulls", ["head": "proposal/a", "home": nil])
        try bench.repository.person(
            "pulls", ["head": "proposal/a", "home": "octo/other", "state": "closed"])
        #expect(try bench.fulfil(ServerBench.wish()) == "opened 4")
    }

    @Test("an open pull request is found among more than a page of others")
    func pages() throws {
        let bench = try ServerBench(["page": 50])
        let others = (0..<120).map { JSON.object(["head": .string("other/\($0)")]) }
        try bench.repository.person("pulls", .array(others))
        try bench.fulfil(ServerBench.wish())
        #expect(try bench.fulfil(ServerBench.wish()) == "unchanged 121")
        let path = "GET /repos/\(bench.repository.slug)/pulls"
        #expect(try bench.repository.log().count { $0 == path } == 3 + 1 + 3)
    }

    @Test("an end between opening and labelling is made up for by the next run")
    func interrupted() throws {
        let bench = try ServerBench(["collaborators": ["ada"]])
        let wish = ServerBench.wish(labels: ["flow"], reviewers: ["ada"])
        try bench.repository.faults([
            ["method": "POST", "path": "labels$", "kind": "status", "status": 403, "times": 1]
        ])
        #expect(try bench.refusal(wish).code == .access)
        #expect(try bench.fulfil(wish) == "updated 1")
        let pull = try bench.repository.pulls()[0]
        #expect(pull["labels"] == ["flow"] && pull["reviewers"] == ["ada"])
        #expect(try bench.fulfil(wish) == "unchanged 1")
    }

    @Test("a reviewer that GitHub does not take is said and stops nothing")
    func reviewers() throws {
        let bench = try ServerBench()
        let wish = ServerBench.wish(labels: ["flow"], reviewers: ["nobody"])
        #expect(try bench.fulfil(wish) == "opened 1")
        #expect(bench.notes.said.count == 1)
        #expect(
            bench.notes.said.first?.contains("may only be requested from collaborators") == true)
        #expect(try bench.fulfil(wish) == "unchanged 1")
    }

    @Test("one that another run opened meanwhile is taken as it is")
    func race() throws {
        let bench = try ServerBench()
        let requests = PullRequests(try bench.client(), try bench.slug)
        // The list is read before the other run's is there.
        _ = try requests.fulfil(ServerBench.wish("proposal/b"), decides: { _ in true }) { _ in }
        try bench.fulfil(ServerBench.wish("proposal/a"))
        let outcome = try requests.fulfil(ServerBench.wish("proposal/a"), decides: { _ in true }) {
            _ in
        }
        guard case .unchanged(let one) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(one.number == 2)
        #expect(try bench.repository.pulls().count == 2)
    }

    @Test(
        "where the answer to an opening is cut off, what was opened is found, and no second is made"
    )
    func cut() throws {
        let bench = try ServerBench()
        let text = ServerBench.wish().text
        try bench.repository.faults([
            [
                "method": "POST", "path": "pulls$", "kind": "cut", "done": true,
                "body": [
                    "title": "Title", "head": "proposal/a", "base": "main",
                    "body": .string(text.marked(.done)),
                ],
            ]
        ])
        #expect(try bench.fulfil(ServerBench.wish()) == "opened 1")
        #expect(try bench.repository.pulls().count == 1)
        let path = "POST /repos/\(bench.repository.slug)/pulls"
        #expect(try bench.repository.log().count { $0 == path } == 1)
    }
}
