import FlowJSON
import FlowSystem
import Testing

@testable import FlowGitHub

/// Transport that gives prepared answers and notes what it was asked.
private final class PreparedTransport: HTTPTransport {
    var answers: [Result<HTTPReply, HTTPFailure>]
    var asked: [HTTPRequest] = []

    init(_ answers: [Result<HTTPReply, HTTPFailure>]) { self.answers = answers }

    func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPReply {
        asked.append(request)
        return try (answers.isEmpty ? .success(HTTPReply(status: 200)) : answers.removeFirst())
            .get()
    }
}

/// Limits, failures and repetitions, without waiting.
@Suite struct RateLimitTests {
    private let now = Timestamp(seconds: 1_700_000_000)

    private static let answers: [(Int, [String: String], String, Int?)] = [
        (403, ["retry-after": "7"], "", 7), (429, ["retry-after": "0"], "", 0),
        (403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000010"], "", 11),
        (403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600000000"], "", 0),
        (403, [:], "You have exceeded a secondary rate limit", 60), (429, [:], "", 60),
        (403, ["x-ratelimit-remaining": "12"], "Resource not accessible by integration", nil),
        (404, ["retry-after": "7"], "", nil), (200, ["x-ratelimit-remaining": "0"], "", nil),
    ]

    @Test(
        "an answer about limits says when the next request may be made, others do not",
        arguments: answers)
    func opening(_ status: Int, _ headers: [String: String], _ text: String, _ seconds: Int?) {
        let reply = HTTPReply(status: status, headers: headers, body: Array(text.utf8))
        let opening = RateLimit.opening(reply, now: now)
        #expect(opening == seconds.map { now.adding(seconds: Double($0)) })
    }

    private final class Waiting {
        var pauses: [Int] = []
        var said: [String] = []
    }

    private func client(_ transport: PreparedTransport, _ waiting: Waiting) throws -> GitHubClient {
        var seams = GitHubClient.Seams()
        seams.now = { now }
        seams.pause = { waiting.pauses.append($0) }
        seams.say = { waiting.said.append($0) }
        return try GitHubClient(
            GitHubAddress(GitHubAddress.standard), token: "ghp_0123456789", seams, over: transport)
    }

    private func limit(_ seconds: Int) -> Result<HTTPReply, HTTPFailure> {
        .success(HTTPReply(status: 403, headers: ["retry-after": "\(seconds)"]))
    }

    private let write = GitHubClient.Call(
        method: "POST", path: "/x", body: [:], doing: "write", isRepeatable: false)
    private let read = GitHubClient.Call(method: "GET", path: "/x", doing: "read")

    @Test("a short limit is waited for, also before a write, and said")
    func short() throws {
        let transport = PreparedTransport([limit(5), limit(20)])
        let waiting = Waiting()
        _ = try client(transport, waiting).call(write)
        #expect(waiting.pauses == [5, 20])
        #expect(waiting.said.first == "GitHub's limit of requests is used up; waiting 5 s")
        #expect(transport.asked.count == 3)
    }

    @Test("a long limit stops the work at once with the time at which it opens")
    func long() throws {
        let waiting = Waiting()
        let client = try client(PreparedTransport([limit(3600)]), waiting)
        let error = #expect(throws: GitHubError.self) { try client.call(read) }
        #expect(error?.code == .limit && waiting.pauses == [])
        #expect(error?.message.contains("until 2023-11-14T23:13:20Z") == true)
    }

    @Test("limits that open at once and never let anything through end")
    func endless() throws {
        let transport = PreparedTransport(Array(repeating: limit(0), count: 1000))
        let client = try client(transport, Waiting())
        let error = #expect(throws: GitHubError.self) { try client.call(read) }
        #expect(error?.code == .limit && transport.asked.count < 100)
    }

    @Test("a failure is repeated where that is safe: three tries in all")
    func failures() throws {
        let lost = Result<HTTPReply, HTTPFailure>.failure(.init(isUnsent: false, message: "cut"))
        let unsent = Result<HTTPReply, HTTPFailure>.failure(
            .init(isUnsent: true, message: "refused"))
        let broken = Result<HTTPReply, HTTPFailure>.success(HTTPReply(status: 502))
        for (call, answers, count, code) in [
            (read, [lost, broken], 3, nil), (read, [lost, lost, lost], 3, .uncertain),
            (read, [broken, broken, broken], 3, .uncertain), (write, [lost], 1, .uncertain),
            (write, [broken], 1, .uncertain), (write, [unsent, unsent], 3, nil),
            (write, [unsent, unsent, unsent], 3, .connection),
        ] as [(GitHubClient.Call, [Result<HTTPReply, HTTPFailure>], Int, GitHubError.Code?)] {
            let transport = PreparedTransport(answers)
            let waiting = Waiting()
            let client = try client(transport, waiting)
            var failure: GitHubError?
            do throws(GitHubError) { _ = try client.call(call) } catch { failure = error }
            #expect(failure?.code == code)
            #expect(transport.asked.count == count)
            #expect(waiting.pauses == Array([1, 2].prefix(count - 1)))
        }
    }

    @Test("after twenty writes each waits a second")
    func manyWrites() throws {
        let waiting = Waiting()
        let client = try client(PreparedTransport([]), waiting)
        for _ in 0..<23 { _ = try client.call(write) }
        #expect(waiting.pauses == [1, 1, 1])
    }

    @Test("pages that lead in a circle, or to another host, end the list")
    func pages() throws {
        func page(_ link: String) -> Result<HTTPReply, HTTPFailure> {
            .success(
                HTTPReply(
                    status: 200, headers: ["link": "<\(link)>; rel=\"next\""],
                    body: Array("[1]".utf8)))
        }
        let address = GitHubAddress.standard
        for links in [
            [address + "/x"], ["https://evil.example/x"], [address + "/y", address + "/x"],
        ] {
            let transport = PreparedTransport(links.map(page))
            let client = try client(transport, Waiting())
            let error = #expect(throws: GitHubError.self) { try client.list("/x", doing: "list") }
            #expect(error?.code == .answer)
            #expect(transport.asked.allSatisfy { $0.url.hasPrefix(address + "/") })
        }
    }

    @Test(
        "a token that cannot be a header or cannot be hidden is refused without being shown",
        arguments: ["abc", "ghp_0123\r\nX-Evil: 1", "ghp 0123456", "ghp_0123456é"])
    func tokens(_ token: String) throws {
        let error = #expect(throws: GitHubError.self) {
            try GitHubClient(
                GitHubAddress(GitHubAddress.standard), token: token, .init(),
                over: PreparedTransport([]))
        }
        #expect(error?.code == .setting)
        #expect(error?.description.contains(token) == false)
    }
}
