import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Fetching and pushing through a real sshd.
@Suite struct SSHRemoteTests {
    private func bench(hostKey: String = "ed25519", _ proposals: String...) throws -> ServerBench {
        try ServerBench(GitServer(.ssh, hostKey: hostKey), proposals: proposals)
    }

    @Test(
        "a key that the server knows lets flow fetch and push",
        arguments: [("ed25519", false), ("ecdsa", true)])
    func keys(type: String, hashed: Bool) throws {
        let bench = try bench(hostKey: type, "one")
        try bench.addKey(type)
        try bench.trustHost(hashed: hashed)
        try bench.fetch().checked()
        try bench.commit("a", "a\n", "mine")
        try bench.push().checked()
        #expect(try bench.onHub() == ["main", "proposal/one"])
        #expect(
            try bench.hub("rev-parse", "main").text == bench.git("rev-parse", "main").text)
        try bench.overtake("b", "b\n")
        try bench.fetch().checked()
        #expect(
            try bench.hub("rev-parse", "main").text == bench.git("rev-parse", "main").text)
        try bench.expectSound()
    }

    @Test("the known kind of host key is asked for, though libssh2 would rather see another")
    func bothHostKeys() throws {
        let bench = try bench(hostKey: "ed25519")
        try bench.addKey("ed25519")
        try bench.trustHost()
        try bench.server.addHostKey("ecdsa")
        try bench.fetch().checked()
    }

    @Test("an agent lets flow in without a key's file")
    func agent() throws {
        var bench = try bench()
        try bench.addKey("ed25519")
        try bench.trustHost()
        let agent = try Agent(in: bench.ssh)
        try agent.add(Path.join(bench.ssh, "id_ed25519"))
        try Files.remove(Path.join(bench.ssh, "id_ed25519"))
        bench.environment["SSH_AUTH_SOCK"] = agent.socket
        try bench.fetch().checked()
    }

    @Test("core.sshCommand names the key and the known hosts, as actions/checkout writes it")
    func sshCommand() throws {
        let bench = try bench()
        try bench.addKey("ed25519")
        try bench.trustHost()
        let folder = Path.join(Path.folder(bench.ssh), "elsewhere")
        try TestProgram("mv", in: "/")(bench.ssh, folder).checked()
        try bench.git(
            "config", "core.sshCommand",
            "\"/usr/bin/ssh\" -i \"\(folder)/id_ed25519\" -o StrictHostKeyChecking=yes "
                + "-o CheckHostIP=no -o \"UserKnownHostsFile=\(folder)/known_hosts\""
        ).checked()
        try bench.fetch().checked()
    }

    @Test("without a key that fits nothing happens, and the error says which keys were tried")
    func wrongKey() throws {
        let bench = try bench()
        try bench.trustHost()
        try bench.expectRefusal("git/fetch", "flow has no key to show", "ssh-keygen -t ed25519")
        try bench.addKey("ed25519", isAdmitted: false)
        for stage in ["git/fetch", "git/push"] {
            try bench.expectRefusal(
                stage, "accepts none of flow's keys", "id_ed25519, ssh-ed25519")
        }
    }

    @Test("a key with a pass phrase is left to an agent, and an RSA key gets a word on ed25519")
    func keysOfNoUse() throws {
        let bench = try bench()
        try bench.trustHost()
        try bench.addKey("ed25519", phrase: "secret")
        try bench.expectRefusal("git/fetch", "id_ed25519 has a pass phrase", "ssh-add")
        try Files.remove(Path.join(bench.ssh, "id_ed25519"))
        try bench.addKey("rsa")
        try bench.expectRefusal("git/fetch", "id_rsa, ssh-rsa", "SHA-1", "use an ed25519 key")
    }

    @Test("a host whose key is unknown, changed or revoked is refused, with its fingerprint")
    func hostKeys() throws {
        let bench = try bench()
        try bench.addKey("ed25519")
        let path = Path.join(bench.ssh, "known_hosts")
        let scan = "ssh-keyscan -p \(bench.server.port) -t ed25519 127.0.0.1 >> \(path)"
        try bench.expectRefusal(
            "git/fetch", "shows the key SHA256:", "no known_hosts file has", scan)
        try bench.trustHost()
        let line = try Files.text(path)
        try bench.server.changeHostKey()
        for stage in ["git/fetch", "git/push"] {
            try bench.expectRefusal(
                stage, "\(path):1 has another one", "ssh-keygen -R", scan)
        }
        let now = try bench.server.knownHost()
        try Files.write("@revoked " + now + now, to: path)
        try bench.expectRefusal("git/fetch", "marks as revoked")
        try Files.write(line + now, to: path)
        try bench.fetch().checked()
        try Files.write(now + "broken\n", to: path)
        try bench.expectRefusal("git/fetch", "a line in it is no entry")
    }

    @Test("a remote that goes away in the middle leaves everything as it was")
    func cutOff() throws {
        let bench = try bench()
        try bench.addKey("ed25519")
        try bench.trustHost()
        try bench.fetch().checked()
        try bench.commit("much.txt", ServerBench.much(seed: 5), "much")
        try bench.server.fail(["in": 60_000])
        try bench.expectRefusal("git/push", "nothing has changed here, run again later", exit: 75)
        try bench.server.fail([:])
        try bench.push().checked()

        try bench.overtake("theirs.txt", ServerBench.much(seed: 6))
        try bench.server.fail(["out": 60_000])
        try bench.expectRefusal("git/fetch", "run again later", exit: 75)
        try bench.server.fail([:])
        try bench.fetch().checked()
        try bench.expectSound()
    }

    @Test("a hook that rejects one of three branches is quoted, and the others go through")
    func hook() throws {
        let bench = try bench("bad", "good")
        try bench.addKey("ed25519")
        try bench.trustHost()
        try Files.write(
            "#!/bin/sh\n[ $1 != refs/heads/proposal/bad ] || { printf 'no \\033[31mway\\n' >&2; exit 1; }\n",
            to: bench.hub.folder + "/hooks/update", mode: 0o755)
        try bench.fetch().checked()
        try bench.commit("a", "a\n", "mine")
        let result = try bench.push().checked()
        #expect(
            result.output.contains(
                "origin did not take refs/heads/proposal/bad: hook declined (it says: no \\x1b[31mway"
            ),
            "\(result)")
        #expect(try bench.onHub() == ["main", "proposal/good"])
    }

    @Test("where somebody pushed meanwhile, flow's commit goes on top of theirs")
    func moved() throws {
        let bench = try bench()
        try bench.addKey("ed25519")
        try bench.trustHost()
        try bench.fetch().checked()
        try bench.sync("log.jsonl", "{\"a\":1}\n")
        try bench.overtake("log.jsonl", "{\"b\":2}\n")
        try bench.push().checked()
        #expect(
            try bench.hub("show", "main:log.jsonl").text
                == "{\"b\":2}\n{\"a\":1}")
        #expect(try bench.hub("log", "--format=%s", "main").lines == ["Sync", "theirs", "start"])
        // A commit that stayed here meets the same in the fetch of the next run.
        try bench.sync("model.txt", "one\n", key: "k2")
        try bench.overtake("README", "theirs\n")
        try bench.fetch().checked()
        #expect(try bench.git("log", "-2", "--format=%s").lines == ["Sync", "theirs"])
        #expect(try Files.text(Path.join(bench.git.folder, "README")) == "theirs\n")
        try bench.expectSound()
        // What a person committed stays a person's.
        try bench.overtake("README", "more\n")
        try bench.commit("mine", "mine\n", "by hand")
        let mine = try bench.git("rev-parse", "main").text
        let refused = try bench.fetch()
        #expect(refused.exit == 1)
        #expect(refused.errors.contains("'by hand'") && refused.errors.contains("git pull"))
        #expect(try bench.git("rev-parse", "main").text == mine)
    }
}

/// An ssh-agent of a test's own; it ends with the value.
private final class Agent {
    let socket: String
    private let process: String

    init(in folder: String) throws {
        socket = Path.join(folder, "agent")
        let said = try TestProgram("ssh-agent", in: folder)("-a", socket).checked().output
        process = String(
            said.split(separator: "SSH_AGENT_PID=").last?.prefix { $0.isNumber } ?? "")
    }

    deinit { _ = try? TestProgram("kill", in: "/")(process) }

    func add(_ key: String) throws {
        try TestProgram("ssh-add", in: "/", environment: ["SSH_AUTH_SOCK": socket])("-q", key)
            .checked()
    }
}
