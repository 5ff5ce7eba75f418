import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// The stages of GitHub, on a repository with a remote and at the tests' server.
@Suite(.enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
struct GitHubStageTests {
    /// A repository whose proposals are pushed.
    private struct Desk {
        let bench: StageBench
        let server: GitHubServer
        let repository: GitHubServer.Repository

        init(_ setting: JSON = [:]) throws {
            bench = try StageBench()
            server = try GitHubServer.shared.get()
            repository = try server.repository(setting)
            let remote = bench.at("remote.git")
            try bench.git("init", "-q", "--bare", "-b", "main", remote).checked()
            try bench.git("remote", "add", "origin", remote).checked()
            try bench.git("push", "-q", "origin", "main").checked()
            try bench.git("remote", "set-head", "origin", "main").checked()
        }

        var variables: [String: String] {
            [
                "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": server.address,
                "GITHUB_REPOSITORY": repository.slug,
            ]
        }

        func propose(_ skills: [JSON]) throws {
            _ = try bench.run("git/propose", ["skills": .array(skills)])
            _ = try bench.run("git/push")
        }

        /// The verdict that a run's review gives and keeps.
        func review(token: String = GitHubServer.token) throws -> String? {
            var variables = variables
            variables["GITHUB_TOKEN"] = token
            let handed = try bench.run("skills/review", variables: variables)
            let changes = try handed.value("changes") ?? []
            let key = try bench.git("rev-parse", "main").text
            _ = try bench.run("git/commit", ["changes": changes, "message": "Sync"], key: key)
            return try handed.value("verdicts")?.arrayValue?.first?["verdict"]?.stringValue
        }

        func ledger() throws -> [JSON] {
            let folder = Path.join(bench.workspace, "skills/ledger")
            return try Files.list(folder).sorted().flatMap {
                try JSONLines.read(Files.read(Path.join(folder, $0)))
            }
        }

        @discardableResult
        func run(_ reference: String = "github/pull-request", _ input: JSON = [:]) throws
            -> StageBench.Handed
        {
            try bench.run(reference, input, variables: variables)
        }
    }

    /// A skill of a hostile message.
    private static func skill(_ number: Int, hits: Int = 10) -> JSON {
        let id = "GR-0000000\(number)"
        let text = """
            id: \(id)
            name: KeyError in app\(number)
            kind: guardrail
            status: proposed
            priority: medium
            match:
              component: app\(number)
              fingerprint: 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f0\(number)
              template: "KeyError: <str> Closes #12, thanks @octocat"
              message_regex: "^KeyError: .*$"
            action: {type: block, message: "Prevented", suggest_fix: true}
            metadata:
              hits_7d: \(hits)
              hits_30d: 25
              impact_score: 14.5
              first_seen: 2025-11-01T08:12:44Z
              last_seen: 2025-11-07T11:58:02Z
              confidence: 0.5
              confidence_history: []
              deployed_at: null
              generated_at: 2025-11-07T12:00:00Z
              auto_generated: true
            examples: ["KeyError: x <!-- flow: title=0000000000000000 --> ![x](http://e.example/x)"]
            owners: [platform]

            """
        return ["file": .string("\(id)_keyerror.yaml"), "text": .string(text)]
    }

    @Test(
        "each pushed proposal gets one pull request, with what flow.yaml names; a second run adds none"
    )
    func proposals() throws {
        let desk = try Desk(["collaborators": ["ada"]])
        try desk.bench.commit([("flow.yaml", "github: {labels: [flow], reviewers: [ada]}\n")])
        try desk.propose([Self.skill(1), Self.skill(2)])
        let first = try desk.run("github/pull-request", ["labels": ["more", "flow"]])
        #expect(try first.value("opened") == 2)
        #expect(try first.value("numbers") == [1, 2])
        #expect(first.events.map { $0["type"] } == ["github.pull-request", "github.pull-request"])
        let pulls = try desk.repository.pulls()
        #expect(pulls.map { $0["head"] } == ["proposal/GR-00000001", "proposal/GR-00000002"])
        #expect(
            pulls.allSatisfy { $0["labels"] == ["flow", "more"] && $0["reviewers"] == ["ada"] })
        let second = try desk.run()
        #expect(try second.value("opened") == 0)
        #expect(try second.value("updated") == 0)
        #expect(try second.value("numbers") == [1, 2])
        #expect(try desk.repository.pulls() == pulls)
    }

    @Test("the skills of a run on one branch get one pull request, and flow/sync has its own")
    func shared() throws {
        let desk = try Desk()
        try desk.bench.commit([("flow.yaml", "publish: pull-request\n")])
        try desk.bench.git("push", "-q", "origin", "main").checked()
        _ = try desk.bench.run(
            "git/propose", ["skills": [Self.skill(1), Self.skill(2)], "per": "run"])
        let blob = try desk.bench.git("hash-object", "-w", "README").text
        let change: JSON = ["path": "new", "blob": .string(blob), "base": nil]
        _ = try desk.bench.run(
            "git/commit", ["changes": [change], "message": "Sync\n\nAll of it"])
        _ = try desk.bench.run("git/push")
        #expect(try desk.run().value("opened") == 2)
        let pulls = try desk.repository.pulls()
        #expect(pulls.map { $0["head"] } == ["proposal/run-r1", "flow/sync"])
        #expect(pulls.map { $0["title"] } == ["Propose 2 skills", "Sync"])
        #expect(try desk.run().value("opened") == 0)
    }

    @Test("flow/sync gets its next pull request after one was merged with a merge commit")
    func nextSync() throws {
        let desk = try Desk()
        try desk.bench.commit([("flow.yaml", "publish: pull-request\n")])
        try desk.bench.git("push", "-q", "origin", "main").checked()
        func sync(_ path: String, _ key: String) throws {
            let blob = try desk.bench.git("hash-object", "-w", "README").text
            let change: JSON = ["path": .string(path), "blob": .string(blob), "base": nil]
            _ = try desk.bench.run(
                "git/commit", ["changes": [change], "message": "Sync"], key: key, run: key)
            _ = try desk.bench.run("git/push")
        }
        try sync("one", "k1")
        #expect(try desk.run().value("opened") == 1)
        let tip = try desk.bench.git("rev-parse", "flow/sync").text
        try desk.bench.git("merge", "-q", "--no-ff", "-m", "merged", "flow/sync").checked()
        try desk.bench.git("push", "-q", "origin", "main").checked()
        try desk.repository.person(
            "pulls", ["number": 1, "state": "closed", "sha": .string(tip)])
        try sync("two", "k2")
        #expect(try desk.run().value("opened") == 1)
    }

    @Test(
        "the text is that of the proposal's commit: no trailer, no mention, no reference, no image")
    func text() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        try desk.run()
        let pull = try #require(try desk.repository.pulls().first)
        #expect(pull["title"] == "Propose guardrail GR-00000001: KeyError in app1")
        let body = try #require(pull["body"]?.stringValue)
        #expect(body.hasPrefix("Seen 10 times in the 7 and 25 times in the 30 closed days"))
        #expect(body.contains("\n    KeyError: <str> Closes \\x2312, thanks \\x40octocat\n"))
        #expect(!body.contains("Flow-Skill") && !body.contains("http://"))
        #expect(body.split(separator: "\n").count { $0.hasPrefix("<!-- flow:") } == 1)
    }

    @Test("a new commit of flow's changes the text, a reviewer's own does not, nor an edited text")
    func evidence() throws {
        let desk = try Desk()
        let git = desk.bench.git
        try desk.propose([Self.skill(1)])
        try desk.run()
        func commit(_ message: String) throws {
            try git("switch", "-q", "proposal/GR-00000001").checked()
            try git("commit", "-q", "--allow-empty", "-m", message).checked()
            try git("switch", "-q", "main").checked()
            _ = try desk.bench.run("git/push")
        }
        try commit("A reviewer's own")
        #expect(try desk.run().value("updated") == 0)
        try commit("Propose again\n\nSeen 99 times.\n\nFlow-Skill: GR-00000001")
        #expect(try desk.run().value("updated") == 1)
        let pull = try desk.repository.pulls()[0]
        #expect(pull["title"] == "Propose again")
        #expect(pull["body"]?.stringValue?.hasPrefix("Seen 99 times.\n\n<!--") == true)
        let edited = "Mine now.\n" + (pull["body"]?.stringValue ?? "")
        try desk.repository.person("pulls", ["number": 1, "body": .string(edited)])
        try commit("Propose again\n\nSeen 100 times.\n\nFlow-Skill: GR-00000001")
        let left = try desk.run()
        #expect(left.said.contains { $0.contains("its text was edited, so it is left alone") })
        #expect(try left.value("left")?.arrayValue?.first?["number"] == 1)
        #expect(try desk.repository.pulls()[0]["body"]?.stringValue == edited)
    }

    @Test("a closed pull request is left closed, and that is said")
    func closed() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        try desk.run()
        let tip = try desk.bench.git("rev-parse", "proposal/GR-00000001").text
        try desk.repository.person(
            "pulls", ["number": 1, "state": "closed", "sha": .string(tip)])
        let handed = try desk.run()
        #expect(try handed.value("numbers") == [])
        #expect(handed.said.contains { $0.contains("was closed, which is a verdict") })
        #expect(try desk.repository.pulls().count == 1)
    }

    /// A desk with one proposal whose pull request somebody has closed, and what the review says of it.
    private func closedDesk(_ change: JSONObject = [:]) throws -> Desk {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        try desk.run()
        let tip = try desk.bench.git("rev-parse", "proposal/GR-00000001").text
        var closing: JSONObject = [
            "number": 1, "state": "closed", "sha": .string(tip), "by": "bea",
            "at": "2025-11-09T10:00:00Z",
        ]
        for (name, value) in change.members { closing[name] = value }
        try desk.repository.person("pulls", .object(closing))
        return desk
    }

    private static let id = "GR-00000001"

    @Test(
        "a pull request that was closed without a merge is a rejection by who closed it",
        arguments: [
            ("bea", "not our\nfault", "not our fault"),
            ("eve", "why?", "pull request #1 was closed on GitHub"),
        ])
    func closedVerdict(_ by: String, _ words: String, _ reason: String) throws {
        let comments: JSON = [
            ["by": "eve", "body": "first"], ["by": .string(by), "body": .string(words)],
        ]
        let desk = try closedDesk(["comments": comments])
        #expect(try desk.review() == "rejected")
        let line = try #require(try desk.ledger().last)
        #expect(line["by"] == "bea" && line["reason"]?.stringValue == reason, "\(line)")
        #expect(line["time"] == "2025-11-09T10:00:00Z" && line["verdict"] == "rejected")
        let before = try desk.ledger()
        #expect(try desk.review() == "rejected", "and it is written once")
        #expect(try desk.ledger() == before)
        #expect(try desk.run().value("opened") == 0)
        let again = try desk.bench.run("git/propose", ["skills": [Self.skill(1, hits: 99)]])
        #expect(try again.value("count") == 0)
        #expect(try again.value("updated") == [], "nor is its branch brought up to date")
    }

    @Test("a proposal to deprecate a skill gets a pull request, and closing that rejects it")
    func deprecation() throws {
        let desk = try Desk()
        let text = try #require(Self.skill(1)["text"]?.stringValue)
            .replacing("status: proposed", with: "status: approved")
            .replacing("deployed_at: null", with: "deployed_at: 2025-11-01T00:00:00Z")
        try desk.bench.commit([("skills/\(Self.id)_keyerror.yaml", text)])
        let wish: JSON = ["deprecations": [["id": .string(Self.id), "reason": "Closes #12"]]]
        #expect(try desk.bench.run("git/propose", wish).value("count") == 1)
        _ = try desk.bench.run("git/push")
        #expect(try desk.run().value("opened") == 1)
        let pull = try #require(try desk.repository.pulls().first)
        let branch = "proposal/deprecate-\(Self.id)"
        #expect(pull["head"]?.stringValue == branch)
        #expect(pull["title"]?.stringValue?.hasPrefix("Deprecate guardrail \(Self.id): ") == true)
        #expect(pull["body"]?.stringValue?.contains("Closes #12") == false)
        let tip = try desk.bench.git("rev-parse", branch).text
        try desk.repository.person(
            "pulls",
            [
                "number": 1, "state": "closed", "sha": .string(tip), "by": "bea",
                "at": "2025-11-09T10:00:00Z",
            ])
        _ = try desk.review()
        let line = try #require(
            try desk.ledger().first {
                $0["type"] == "verdict" && $0["skill"]?.stringValue == "deprecate-\(Self.id)"
            })
        #expect(line["verdict"] == "rejected" && line["by"] == "bea")
        try desk.bench.git("branch", "-q", "-D", branch).checked()
        try desk.bench.git("update-ref", "-d", "refs/remotes/origin/\(branch)").checked()
        let again = try desk.bench.run("git/propose", wish)
        #expect(try again.value("count") == 0)
        let left = try again.value("left")?.arrayValue?.first?["reason"]?.stringValue
        #expect(left?.hasPrefix("it was rejected on 2025-11-09: ") == true, "\(left ?? "")")
    }

    @Test("a fresh clone reads the same, also where the branch was deleted after the closing")
    func closedAndDeleted() throws {
        let desk = try closedDesk()
        // The opening is known; the closing is not yet.
        #expect(try desk.review(token: "") == "pending")
        try desk.bench.git("push", "-q", "origin", "main", ":proposal/GR-00000001").checked()
        try desk.bench.git("branch", "-q", "-D", "proposal/GR-00000001").checked()
        _ = try desk.bench.run("git/fetch")
        #expect(try desk.review() == "rejected")
    }

    @Test("a branch that went away without a pull request that was closed is withdrawn")
    func withdrawn() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        #expect(try desk.review() == "pending")
        try desk.bench.git("push", "-q", "origin", "main", ":proposal/GR-00000001").checked()
        _ = try desk.bench.run("git/fetch")
        #expect(try desk.review() == "withdrawn")
    }

    @Test("deleting the branch closes its pull request, and is a withdrawal all the same")
    func closedByDeleting() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        try desk.run()
        #expect(try desk.review() == "pending")
        let tip = try desk.bench.git("rev-parse", "proposal/GR-00000001").text
        try desk.repository.person(
            "pulls",
            [
                "number": 1, "deleted": true, "sha": .string(tip), "by": "bea",
                "at": "2025-11-09T10:00:00Z",
            ])
        try desk.bench.git("push", "-q", "origin", "main", ":proposal/GR-00000001").checked()
        _ = try desk.bench.run("git/fetch")
        #expect(try desk.repository.pulls().map { $0["state"] } == ["closed"])
        #expect(try desk.review() == "withdrawn")
    }

    @Test("a program that closes a pull request gives no verdict")
    func closedByProgram() throws {
        let desk = try closedDesk(["by": "stale[bot]"])
        #expect(try desk.review() == "pending")
    }

    @Test("what has come to the default branch is approved, though its pull request was closed")
    func closedButMerged() throws {
        let desk = try closedDesk()
        try desk.bench.git("cherry-pick", "proposal/GR-00000001").checked()
        #expect(try desk.review() == "approved")
    }

    @Test("opening the pull request again takes the rejection back, closing it again gives it back")
    func openedAgain() throws {
        let desk = try closedDesk()
        #expect(try desk.review() == "rejected")
        try desk.repository.person(
            "pulls", ["number": 1, "state": "open", "by": "cyd", "at": "2025-11-10T10:00:00Z"])
        #expect(try desk.review() == "pending")
        let reopened = try desk.ledger().first { $0["type"] == "reopened" }
        #expect(reopened?["by"] == "cyd")
        #expect(try desk.run().value("numbers") == [1])
        try desk.repository.person(
            "pulls",
            ["number": 1, "state": "closed", "by": "bea", "at": "2025-11-11T10:00:00Z"])
        #expect(try desk.review() == "rejected")
    }

    @Test("a rejection at the terminal holds although its pull request is open")
    func terminal() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1)])
        try desk.run()
        _ = try ReviewDesk(desk.bench.workspace).reject(Self.id, reason: "no")
        #expect(try desk.review() == "rejected")
    }

    @Test("flow proposals reopen takes it back too, and the proposal gets another pull request")
    func reopened() throws {
        let desk = try closedDesk()
        #expect(try desk.review() == "rejected")
        _ = try ReviewDesk(desk.bench.workspace).reopen(Self.id)
        #expect(try desk.review() == "pending")
        #expect(try desk.run().value("opened") == 1)
        #expect(try desk.repository.pulls().map { $0["state"] } == ["closed", "open"])
        #expect(try desk.review() == "pending")
    }

    @Test("where GitHub does not answer the review goes on, and the next one asks again")
    func unanswered() throws {
        let desk = try closedDesk()
        try desk.repository.faults([
            ["method": "GET", "path": "pulls$", "kind": "status", "status": 403, "message": "no"]
        ])
        let handed = try desk.run("skills/review")
        #expect(handed.said.contains { $0.hasPrefix("GitHub was not asked which pull requests") })
        #expect(try handed.value("pending_count") == 1)
        #expect(try desk.review() == "rejected")
    }

    @Test("a remote's address names owner and name however it is written")
    func addresses() throws {
        let desk = try Desk()
        var variables = desk.variables
        variables["GITHUB_REPOSITORY"] = nil
        let slug = desk.repository.slug
        for (url, isThere) in [
            ("git@github.com:\(slug).git", true), ("ssh://git@ssh.github.com:443/\(slug)", true),
            ("https://x:abc@GHE.example:8443/\(slug).git/", true), ("ghe.example:\(slug)", true),
            ("/srv/\(slug).git", false), ("../app", false), ("file:///srv/\(slug)", false),
            ("https://github.com/octo", false), ("https://github.com/a/\(slug)", false),
            ("git@github.com:octo/../app", false), ("https://github.com/octo/a%20b", false),
        ] {
            try desk.bench.git("remote", "set-url", "origin", url).checked()
            let handed = try desk.bench.run("github/pull-request", variables: variables)
            let isElsewhere = handed.said.contains { $0.hasPrefix("the remote is not at GitHub") }
            #expect(isElsewhere != isThere, "\(url)")
        }
        // As git itself would go there.
        try desk.bench.git("config", "url.git@github.com:.insteadOf", "hub:").checked()
        try desk.bench.git("remote", "set-url", "origin", "hub:\(slug)").checked()
        let handed = try desk.bench.run("github/pull-request", variables: variables)
        #expect(handed.said == ["0 opened, 0 updated, 0 open"])
    }

    @Test("a second node of a run that proposes for the run adds to its branch and pull request")
    func twoNodes() throws {
        let desk = try Desk()
        for number in [1, 2] {
            let made = try desk.bench.run(
                "git/propose", ["skills": [Self.skill(number)], "per": "run"], key: "k\(number)")
            #expect(try made.value("count") == 1)
        }
        _ = try desk.bench.run("git/push")
        #expect(try desk.run().value("opened") == 1)
        let pull = try desk.repository.pulls()[0]
        #expect(pull["head"] == "proposal/run-r1" && pull["title"] == "Propose 2 skills")
        let body = pull["body"]?.stringValue ?? ""
        #expect(body.contains("Seen 10 times") && body.contains("KeyError in app2"), "\(body)")
        #expect(try desk.run().value("updated") == 0)
    }

    @Test("a run's branch is not pushed when all that it proposes is decided")
    func decidedRun() throws {
        let desk = try Desk()
        _ = try desk.bench.run(
            "git/propose", ["skills": [Self.skill(1), Self.skill(2)], "per": "run"])
        let tip = try desk.bench.git("rev-parse", "proposal/run-r1").text
        let review = try ReviewDesk(desk.bench.workspace)
        _ = try review.reject("GR-00000001", reason: "no")
        _ = try ReviewDesk(desk.bench.workspace).reject("GR-00000002", reason: "no")
        // As another clone has it that has not looked since.
        try desk.bench.git("branch", "-f", "proposal/run-r1", tip).checked()
        #expect(try desk.bench.run("git/push").value("branches") == ["main"])
    }

    @Test("a branch by name gets the title and text that the workflow gives it")
    func head() throws {
        let desk = try Desk()
        let refusal = try desk.bench.refusal(
            "github/pull-request", ["head": "flow/sync"], variables: desk.variables)
        #expect(refusal == "origin has no branch 'flow/sync'; push it first: git/push")
        try desk.bench.git("push", "-q", "origin", "main:refs/heads/flow/sync").checked()
        try desk.bench.git("fetch", "-q", "origin").checked()
        let input: JSON = [
            "head": "flow/sync", "title": "Sync", "body": "As it is.", "base": "dev",
        ]
        #expect(try desk.run("github/pull-request", input).value("opened") == 1)
        let pull = try desk.repository.pulls()[0]
        #expect(pull["title"] == "Sync" && pull["base"] == "dev" && pull["head"] == "flow/sync")
    }

    @Test("a branch by name that was merged and kept has nothing to offer, which is no failure")
    func mergedHead() throws {
        let desk = try Desk()
        try desk.bench.git("push", "-q", "origin", "main:refs/heads/merged").checked()
        try desk.bench.git("fetch", "-q", "origin").checked()
        let handed = try desk.run("github/pull-request", ["head": "merged"])
        #expect(try handed.value("opened") == 0)
        #expect(handed.said.last == "merged has no commit that main has not")
        #expect(try desk.repository.pulls() == [])
    }

    @Test("one pull request that GitHub refuses does not hold up the others, and fails the node")
    func refused() throws {
        let desk = try Desk()
        try desk.propose([Self.skill(1), Self.skill(2)])
        try desk.repository.faults([
            [
                "method": "POST", "path": "pulls$", "kind": "status", "status": 422,
                "message": "No commits between",
            ]
        ])
        let refusal = try desk.bench.refusal("github/pull-request", variables: desk.variables)
        #expect(refusal.contains("No commits between (422)"), "\(refusal)")
        #expect(try desk.repository.pulls().map { $0["head"] } == ["proposal/GR-00000002"])
        #expect(try desk.run().value("opened") == 1)
    }

    @Test("an issue is opened, updated and closed, by its label")
    func issue() throws {
        let desk = try Desk()
        func run(_ due: Bool, _ body: String) throws -> StageBench.Handed {
            try desk.run(
                "github/issue",
                [
                    "label": "retrain-needed", "due": .bool(due), "title": "Retrain",
                    "body": .string(body),
                ])
        }
        #expect(try run(false, "").outputs.contains("nothing is due"))
        #expect(try run(true, "10 new").value("number") == 1)
        #expect(try run(true, "12 new").events.first?["data"]?["action"] == "updated")
        #expect(try run(false, "0 new").events.first?["data"]?["action"] == "closed")
        #expect(try desk.repository.issues().map { $0["state"] } == ["closed"])
    }

    @Test(
        "without a token, or a remote at GitHub, there are branches only: success, said so, nothing asked",
        arguments: ["github/pull-request", "github/issue"])
    func none(_ reference: String) throws {
        let desk = try Desk()
        let input: JSON = reference == "github/issue" ? ["label": "x", "title": "t"] : [:]
        for (name, reason) in [
            ("GITHUB_TOKEN", "there is no GITHUB_TOKEN, so there are branches only"),
            ("GITHUB_REPOSITORY", "the remote is not at GitHub"),
        ] {
            var variables = desk.variables
            variables[name] = name == "GITHUB_TOKEN" ? "" : nil
            let handed = try desk.bench.run(reference, input, variables: variables)
            #expect(handed.said.contains { $0.hasPrefix(reason) }, "\(handed.said)")
        }
        try desk.bench.git("remote", "set-url", "origin", "git@ghe.example:octo/app.git").checked()
        let variables = [
            "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": "https://api.github.com",
        ]
        let handed = try desk.bench.run(reference, input, variables: variables)
        #expect(handed.said.contains { $0.hasPrefix("the remote is at ghe.example") })
        try desk.bench.git("remote", "remove", "origin").checked()
        #expect(try desk.run(reference, input).said.contains { $0.hasPrefix("there is no remote") })
        #expect(try desk.repository.log() == [])
    }

    @Test(
        "on events of pull requests nothing is written, whoever gives the token",
        arguments: ["pull_request", "pull_request_target"])
    func events(_ event: String) throws {
        let desk = try Desk()
        var variables = desk.variables
        variables["GITHUB_EVENT_NAME"] = event
        for (reference, input) in [
            ("github/pull-request", [:]), ("github/issue", ["label": "x", "title": "t"]),
        ] as [(String, JSON)] {
            let refusal = try desk.bench.refusal(reference, input, variables: variables)
            #expect(refusal.contains("on the event \(event)"), "\(refusal)")
        }
        #expect(try desk.repository.log() == [])
    }
}
