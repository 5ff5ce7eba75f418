import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct RemoteDoctorTests {
    @Test("flow doctor says of each remote what is missing and what flow cannot do, asking none")
    func remotes() throws {
        let folder = try TemporaryFolder()
        let git = TestProgram("git", in: folder.path)
        try git("init", "-q").checked()
        try git("init", "-q", "--bare", folder.at("hub")).checked()
        for (name, url) in [
            ("fine", folder.at("hub")), ("gone", folder.at("none")),
            ("host", "git@work.example.org:team/a.git"), ("old", "git://example.org/a"),
            ("web", "https://me:secret@example.org/a"), ("webs", "https://example.org/a"),
        ] { try git("remote", "add", name, url).checked() }
        try git("config", "credential.helper", "store").checked()
        try git("config", "http.sslVerify", "false").checked()
        try git("config", "core.sshCommand", "ssh -J jump -i ~/deploy").checked()
        try folder.write(
            "home/.ssh/config", "Host *.example.org\n  HostName 10.1.2.3\n  ForwardX11 no\n")
        let doctor = try Demo.flow(in: folder.path, environment: ["HOME": folder.at("home")])(
            "doctor", "--json")
        #expect(doctor.exit == 1)
        #expect(!doctor.output.contains("secret"))
        let found = try Dictionary(
            uniqueKeysWithValues: doctor.jsonLines.compactMap { json in
                let check = json["check"]?.stringValue ?? ""
                let words = json["message"]?.stringValue ?? ""
                return check.hasPrefix("remote ")
                    ? (String(check.dropFirst(7)), (json["ok"], words)) : nil
            })
        #expect(found["fine"]?.0 == true)
        for (name, words) in [
            ("gone", ["nothing is there"]),
            (
                "host",
                [
                    "flow has no key to show git@work.example.org", "deploy cannot be read",
                    "core.sshCommand asks for what flow cannot do (-J, jump)",
                    "~/.ssh/config sets HostName (line 2)", "no known_hosts file has its key",
                    "ssh-keyscan -p 22 -t ed25519 work.example.org",
                ]
            ), ("old", ["path, ssh and https only"]), ("web", ["always checks certificates"]),
            ("webs", ["there is no token for it", "asks no credential helper"]),
        ] {
            #expect(found[name]?.0 == false)
            for word in words {
                #expect(found[name]?.1.contains(word) == true, "\(found[name]?.1 ?? "")")
            }
        }
    }

    @Test("a token in .env counts for flow doctor as it does for the stages, and no other variable")
    func dotEnv() throws {
        let folder = try TemporaryFolder()
        let git = TestProgram("git", in: folder.path)
        try git("init", "-q").checked()
        try git("remote", "add", "origin", "https://example.org/a").checked()
        func finding() throws -> JSON? {
            try Demo.flow(in: folder.path)("doctor", "--json").jsonLines.first {
                $0["check"] == "remote origin"
            }
        }
        #expect(try finding()?["ok"] == false)
        try folder.write(".env", "FLOW_REMOTE_TOKEN=0123456789abcdef\nGIT_DIR=/nonexistent\n")
        let found = try finding()
        #expect(found?["ok"] == true, "\(found ?? nil)")
        #expect(found?["message"]?.stringValue?.contains("0123456789") == false)
    }
    @Test("a .env that cannot be read keeps nobody from an answer that needs nothing of it")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        let git = TestProgram("git", in: folder.path)
        try git("init", "-q").checked()
        try git("init", "-q", "--bare", folder.at("hub")).checked()
        try git("remote", "add", "origin", folder.at("hub")).checked()
        try folder.write(".env", "no equals sign\n")
        let doctor = try Demo.flow(in: folder.path)("doctor")
        #expect(doctor.output.contains("✓ libcurl: can be loaded"), "\(doctor)")
        #expect(doctor.output.contains("✓ remote origin"), "\(doctor)")
    }

    @Test(
        "flow doctor names what would end a run only at its commit",
        arguments: [
            ("git config commit.gpgsign true", "commits", "flow cannot sign commits"),
            ("git config --unset user.name", "commits", "git does not know who you are"),
            ("git clone -q --depth 1 file://$PWD inner; cd inner", "commits", "fetch-depth: 0"),
            ("git init -q -b main new; cd new", "commits", "has no commit yet"),
            ("rm .gitignore; echo A=b > .env", ".env", "add a line .env to .gitignore"),
            ("rm -r .git", "git repository", "flow init"),
        ])
    func commits(change: String, check: String, words: String) throws {
        let demo = try Demo()
        let sh = TestProgram(
            "sh", in: demo.path,
            environment: ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"])
        let doctor = try sh(
            "-c", "\(change); '\(BuiltPrograms.flow)' doctor --json")
        #expect(doctor.exit == 1)
        let found = try doctor.jsonLines.first { $0["check"]?.stringValue == check }
        #expect(found?["ok"] == false)
        #expect(found?["message"]?.stringValue?.contains(words) == true, "\(doctor)")
    }

    @Test("a new repository is fine, and a bare one is a repository")
    func fine() throws {
        let demo = try Demo()
        #expect(try demo.flow("doctor").checked().output.contains("✓ commits: go to main, by Ada"))
        try demo.git("clone", "-q", "--bare", demo.path, demo.at("bare.git")).checked()
        let bare = try Demo.flow(in: demo.at("bare.git"))("doctor")
        #expect(bare.output.contains("✓ git repository"), "\(bare)")
    }
}
