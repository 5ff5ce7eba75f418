import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The loop with GitHub as its review desk, as the shipped workflow has it.
@Suite struct GitHubTests {
    /// A repository with errors and a remote.
    private static func demo() throws -> (Demo, remote: String) {
        let demo = try Demo(messages: ["KeyError: 'a' in x", "ValueError: 12 in y"])
        let remote = demo.at("../remote.git")
        try demo.git("init", "-q", "--bare", "-b", "main", remote).checked()
        try demo.git("remote", "add", "origin", remote).checked()
        try demo.git("push", "-q", "origin", "main").checked()
        try demo.git("remote", "set-head", "origin", "main").checked()
        return (demo, remote)
    }

    private static func integrate(
        _ demo: Demo, _ variables: [String: String] = [:], _ words: String...
    ) throws -> TestResult {
        try Demo.flow(in: demo.path, environment: variables)
            .run(["run", "integrate.yaml", "--now", Demo.now] + words)
    }

    @Test("without a token the loop succeeds, and says that there are branches only")
    func without() throws {
        let (demo, _) = try Self.demo()
        let run = try Self.integrate(demo)
        #expect(run.exit == 0, "\(run)")
        let events = try demo.events()
        #expect(events.result(of: "pull-requests") == "success")
        #expect(
            events.output("reason", of: "pull-requests")
                == "there is no GITHUB_TOKEN, so there are branches only")
        #expect(events.result(of: "retrain-issue") == "success")
    }

    @Test(
        "with a token the loop opens each pull request once, and the token is nowhere to be found",
        .enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
    func loop() throws {
        let (demo, remote) = try Self.demo()
        let server = try GitHubServer.shared.get()
        let repository = try server.repository()
        let variables = [
            "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": server.address,
            "GITHUB_REPOSITORY": repository.slug,
        ]
        let first = try Self.integrate(demo, variables)
        #expect(first.exit == 0, "\(first)")
        #expect(try demo.events().output("opened", of: "pull-requests") == 2)
        let second = try Self.integrate(demo, variables)
        let events = try demo.events()
        #expect(events.output("opened", of: "pull-requests") == 0)
        #expect(events.output("updated", of: "pull-requests") == 0)
        let state = try repository.state()
        #expect(state["pulls"]?.arrayValue?.count == 2)
        #expect(state["found"] == [], "the token stood in a command line")
        // An answer that repeats the token, in an error that everybody sees.
        let wrong = "ghp_wrong_and_to_be_hidden"
        let third = try Self.integrate(
            demo, variables.merging(["GITHUB_TOKEN": wrong]) { _, new in new })
        #expect(try demo.flow("logs", "last").output.contains("Bad credentials: Bearer ***"))
        for token in [GitHubServer.token, wrong] {
            for result in [first, second, third] {
                #expect(!result.output.contains(token) && !result.errors.contains(token))
            }
            for folder in [demo.path, remote] {
                let found = try TestProgram("grep", in: "/")("-rlaF", token, folder)
                #expect(found.exit == 1, "\(found)")
            }
        }
    }

    @Test(
        "what GitHub refuses does not fail what was published: the failure is tolerated, and shown",
        .enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
    func refused() throws {
        let (demo, _) = try Self.demo()
        let server = try GitHubServer.shared.get()
        let repository = try server.repository([
            "faults": [
                [
                    "method": "GET", "path": "pulls", "kind": "status", "status": 403, "times": 9,
                    "message": "Resource not accessible by integration",
                ]
            ]
        ])
        let variables = [
            "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": server.address,
            "GITHUB_REPOSITORY": repository.slug,
        ]
        let run = try Self.integrate(demo, variables)
        #expect(run.exit == 0, "\(run)")
        #expect(run.output.contains("Resource not accessible by integration (403)"), "\(run)")
        #expect(try demo.events().result(of: "pull-requests") == "failure")
        try repository.faults([])
        _ = try Self.integrate(demo, variables).checked()
        #expect(try demo.events().output("opened", of: "pull-requests") == 2)
    }

    @Test(
        "what stays on this machine, token included, goes through no proxy",
        .enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
    func proxy() throws {
        let (demo, _) = try Self.demo()
        let server = try GitHubServer.shared.get()
        let repository = try server.repository()
        try demo.write(
            "workflows/w.yaml",
            """
            flow: 1
            secrets: [GITHUB_TOKEN]
            nodes:
              a:
                uses: github/issue
                with: {label: x, title: t}
                secrets: [GITHUB_TOKEN]
                env: {GITHUB_TOKEN: "${{ secrets.GITHUB_TOKEN }}", http_proxy: "http://127.0.0.1:1"}
                env-pass: [GITHUB_API_URL, GITHUB_REPOSITORY]

            """)
        let variables = [
            "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": server.address,
            "GITHUB_REPOSITORY": repository.slug,
        ]
        let run = try Demo.flow(in: demo.path, environment: variables)("run", "w.yaml")
        #expect(run.exit == 0, "\(run)")
        #expect(try repository.issues().count == 1)
    }

    @Test(
        "a due training is asked for by one issue, which a training closes",
        .enabled(if: GitHubServer.isThere, Comment(rawValue: GitHubServer.absence)))
    func onThreshold() throws {
        let (demo, _) = try Self.demo()
        let server = try GitHubServer.shared.get()
        let repository = try server.repository()
        let variables = [
            "GITHUB_TOKEN": GitHubServer.token, "GITHUB_API_URL": server.address,
            "GITHUB_REPOSITORY": repository.slug,
        ]
        func turn(_ way: String) throws -> JSON? {
            try Self.integrate(
                demo, variables, "-p", "retrain_threshold=1", "-p", "min_samples=2",
                "-p", "on_threshold=\(way)"
            ).checked()
            return try demo.events().output("action", of: "retrain-issue")
        }
        #expect(try turn("issue") == "none")
        for id in try demo.proposals() {
            try demo.flow("proposals", "approve", id).checked()
        }
        #expect(try turn("issue") == "opened")
        let opened = try repository.issues()
        #expect(opened.count == 1)
        #expect(opened.first?["body"]?.stringValue?.contains("2 additions") == true, "\(opened)")
        #expect(try turn("issue") == "none")
        #expect(try turn("train") == "closed")
        #expect(try repository.issues().count == 1)
    }

    @Test("doctor tells whether libcurl can be loaded, and misses it only where there is a token")
    func doctor() throws {
        let (demo, _) = try Self.demo()
        let found = try demo.flow("doctor")
        #expect(found.output.contains("✓ libcurl: can be loaded"), "\(found)")
        // A library of that name that is none.
        let folder = try TemporaryFolder()
        for name in ["libcurl.so.4", "libcurl-gnutls.so.4"] { try folder.write(name, "no library") }
        for (token, symbol, exit) in [("", "✓", 0), ("ghp_0123456789", "✗", 1)] {
            let doctor = try Demo.flow(
                in: demo.path,
                environment: ["LD_LIBRARY_PATH": folder.path, "GITHUB_TOKEN": token])("doctor")
            #expect(doctor.exit == Int32(exit), "\(doctor)")
            let line = doctor.lines.first { $0.hasPrefix("\(symbol) libcurl: cannot load") }
            #expect(line?.contains("install the package libcurl4") == true, "\(doctor)")
        }
    }
}
