import FlowJSON
import FlowTestSupport
import Testing

@testable import FlowGitHub

@Suite(.enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
struct IssueTests {
    private func settle(
        _ bench: ServerBench, due: Bool, body: String = "10 new", others: [String] = []
    ) throws -> String {
        let outcome = try Issues(bench.client(), bench.slug).settle(
            "retrain-needed", isDue: due, WrittenText(title: "Retrain", body: body), others: others)
        switch outcome {
        case .opened(let one): return "opened \(one.number)"
        case .updated(let one): return "updated \(one.number)"
        case .closed(let one): return "closed \(one.number)"
        case .unchanged(let one): return "unchanged \(one.number)"
        case .kept(let one, _): return "kept \(one.number)"
        case .none: return "none"
        }
    }

    @Test("one issue is opened, kept up to date, closed when it is over, and opened again")
    func life() throws {
        let bench = try ServerBench()
        #expect(try settle(bench, due: false) == "none")
        #expect(try settle(bench, due: true, others: ["flow"]) == "opened 1")
        #expect(try bench.repository.issues()[0]["labels"] == ["retrain-needed", "flow"])
        #expect(try settle(bench, due: true) == "unchanged 1")
        #expect(try settle(bench, due: true, body: "12 new") == "updated 1")
        #expect(try settle(bench, due: false, body: "2 new") == "closed 1")
        let issue = try bench.repository.issues()[0]
        #expect(issue["state"] == "closed" && issue["state_reason"] == "completed")
        #expect(issue["body"]?.stringValue?.hasPrefix("2 new\n") == true)
        #expect(try settle(bench, due: false, body: "2 new") == "unchanged 1")
        #expect(try settle(bench, due: true, body: "11 new") == "opened 1")
        #expect(try bench.repository.issues().count == 1)
    }

    @Test("what a person closed stays closed until it was over once")
    func dismissed() throws {
        let bench = try ServerBench()
        #expect(try settle(bench, due: true) == "opened 1")
        try bench.repository.person("issues", ["number": 1, "state": "closed"])
        #expect(try settle(bench, due: true, body: "12 new") == "kept 1")
        #expect(try settle(bench, due: false) == "unchanged 1")
        #expect(try settle(bench, due: true, body: "13 new") == "opened 1")
        #expect(try bench.repository.issues().count == 1)
    }

    @Test("a text that a person edited stays, and the issue is closed all the same")
    func edited() throws {
        let bench = try ServerBench()
        #expect(try settle(bench, due: true) == "opened 1")
        let body = try bench.repository.issues()[0]["body"]?.stringValue ?? ""
        try bench.repository.person("issues", ["number": 1, "body": .string("See wiki.\n" + body)])
        #expect(try settle(bench, due: true, body: "12 new") == "kept 1")
        #expect(try settle(bench, due: false, body: "0 new") == "closed 1")
        let issue = try bench.repository.issues()[0]
        #expect(issue["body"]?.stringValue?.hasPrefix("See wiki.\n10 new\n") == true)
        #expect(try settle(bench, due: true) == "opened 1")
    }

    @Test(
        "a person's issue with the label is neither changed nor joined by a second, nor a pull request"
    )
    func foreign() throws {
        let bench = try ServerBench()
        try bench.repository.person(
            "issues", ["labels": ["retrain-needed"], "pull": true, "body": "a pull request"])
        try bench.repository.person("issues", ["labels": ["retrain-needed"], "body": "mine"])
        let before = try bench.repository.issues()
        #expect(try settle(bench, due: true) == "kept 2")
        #expect(try settle(bench, due: false) == "kept 2")
        #expect(try bench.repository.issues() == before)
    }

    @Test("of two that were opened at once the older one stays")
    func double() throws {
        let bench = try ServerBench()
        let text = WrittenText(title: "Retrain", body: "10 new")
        for _ in 0..<2 {
            try bench.repository.person(
                "issues",
                [
                    "labels": ["retrain-needed"], "title": "Retrain",
                    "body": .string(text.marked(.done)),
                ])
        }
        #expect(try settle(bench, due: true) == "unchanged 1")
        let issues = try bench.repository.issues()
        #expect(issues.map { $0["state"] } == ["open", "closed"])
        #expect(issues[1]["state_reason"] == "not_planned")
        #expect(try settle(bench, due: false) == "closed 1")
        #expect(try settle(bench, due: true) == "opened 1")
    }

    @Test("a label that GitHub leaves out is set afterwards, so that the issue is found again")
    func unlabelled() throws {
        let bench = try ServerBench(["may_label": false])
        #expect(try settle(bench, due: true) == "opened 1")
        #expect(try settle(bench, due: true) == "unchanged 1")
    }
}
