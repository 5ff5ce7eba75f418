@testable import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct AddressTests {
    @Test(
        "an address is taken apart as git does it",
        arguments: [
            ("/a/b.git", RemoteAddress.Kind.path, "", 0, nil as String?),
            ("../b:c", .path, "", 0, nil), ("file:///a", .path, "", 0, nil),
            ("git@Host.org:a/b.git", .ssh, "host.org", 22, "git"),
            ("host:a", .ssh, "host", 22, nil),
            ("ssh://me@host:2222/a", .ssh, "host", 2222, "me"),
            ("ssh://me@[::1]:2222/a", .ssh, "::1", 2222, "me"),
            ("https://me:secret@Host/x@y", .https, "host", 443, "me"),
            ("HTTP://host:81", .http, "host", 81, nil), ("git://host/a", .other, "host", 0, nil),
        ])
    func addresses(
        url: String, kind: RemoteAddress.Kind, host: String, port: Int, user: String?
    ) {
        let address = RemoteAddress(url)
        #expect(address.kind == kind)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.user == user)
    }

    @Test("a setting counts for the addresses that its URL fits, the closest URL first")
    func webSettings() {
        let settings = WebSettings([
            ("http.extraheader", "all"), ("http.https://host/.extraheader", "host"),
            ("http.https://*.host/.extraheader", "part"),
            ("http.https://host/team.extraheader", "team"),
            ("http.https://host/team.extraheader", "more"),
            ("http.https://host/gone.extraheader", "old"),
            ("http.https://host/gone.extraheader", ""), ("http.https://host/.sslverify", "false"),
        ])
        for (url, values) in [
            ("https://host/a", ["host"]), ("https://host/team", ["team", "more"]),
            ("https://host/team/a", ["team", "more"]), ("https://host/teams", ["host"]),
            ("https://host:8443/a", ["all"]), ("http://host/a", ["all"]),
            ("https://a.host/x", ["part"]), ("https://a.b.host/x", ["all"]),
            ("https://host.evil/a", ["all"]), ("https://host/gone", []),
        ] {
            #expect(
                settings.values("extraheader", for: RemoteAddress(url)) == values,
                Comment(rawValue: url))
        }
    }

    @Test("a token in the environment goes before git's header, GitHub's token only to GitHub")
    func webAccess() {
        let header = ("http.extraheader", "Authorization: basic abcdefgh")
        func access(_ url: String, _ environment: [String: String]) -> WebAccess {
            WebAccess(RemoteAddress(url), [header, ("http.extraheader", "X-Mine: 1")], environment)
        }
        let own = access("https://host/a", ["FLOW_REMOTE_TOKEN": "secret"])
        #expect(own.headers == ["X-Mine: 1"])
        #expect(own.token?.value == "secret")
        let headers = access("https://github.com/a", ["GITHUB_TOKEN": "secret"])
        #expect(headers.token == nil)
        #expect(headers.secrets.contains("abcdefgh"))
        #expect(access("http://host/a", ["FLOW_REMOTE_TOKEN": "secret"]).token == nil)
        #expect(access("http://host/a", [:]).headers == [])
        for (url, isGiven) in [
            ("https://github.com/a", true), ("https://github.com:444/a", false),
            ("https://github.com.evil/a", false), ("https://gist.github.com/a", false),
        ] {
            let access = WebAccess(RemoteAddress(url), [], ["GITHUB_TOKEN": "secret"])
            #expect((access.token != nil) == isGiven, Comment(rawValue: url))
        }
    }
}

@Suite struct SSHFileTests {
    private static let folder = Result { try TemporaryFolder() }

    /// A public key as it travels.
    private func key(_ name: String, _ type: String = "ed25519") throws -> [UInt8] {
        let path = try Self.folder.get().at(name)
        if !Files.exists(path) { try GitServer.makeKey(path, type) }
        let words = try Files.text(path + ".pub").split(separator: " ")
        return try #require(Base64.decode(words[1]))
    }

    private func line(_ names: String, _ key: [UInt8]) -> String {
        "\(names) \(KnownHosts.type(of: key)) \(Base64.encode(key)) a comment\n"
    }

    @Test("a host's key is known, unknown, changed, of another type or revoked")
    func knownHosts() throws {
        let (one, two, other) = (
            try key("one"), try key("two"), try key("three", "ecdsa")
        )
        func verdict(_ text: String, _ host: String, _ port: Int = 22) -> KnownHosts.Verdict {
            var hosts = KnownHosts()
            hosts.add(text, file: "f")
            return hosts.verdict(of: one, at: RemoteAddress("ssh://me@\(host):\(port)/a"))
        }
        let plain =
            "# mine\n\nbroken line\n" + line("example.org,*.example.net,!bad.example.net", one)
        #expect(verdict(plain, "example.org") == .known)
        #expect(verdict(plain, "a.example.net") == .known)
        #expect(verdict(plain, "bad.example.net") == .unknown)
        #expect(verdict(plain, "example.com") == .unknown)
        #expect(verdict(plain, "example.org", 2222) == .known)
        #expect(verdict(line("example.org", two), "example.org", 2222) == .unknown)
        #expect(verdict(line("[example.org]:2222", one), "example.org", 2222) == .known)
        #expect(verdict(line("[example.org]:2222", one), "example.org") == .unknown)
        #expect(verdict("\n" + line("example.org", two), "example.org") == .changed("f:2"))
        #expect(verdict(line("h", two) + line("h", one), "h") == .known)
        #expect(verdict(line("h", other), "h") == .otherTypes(["ecdsa-sha2-nistp256"]))
        #expect(verdict(line("h", one) + "@revoked " + line("*", one), "h") == .revoked)
        #expect(verdict("@cert-authority " + line("h", one), "h") == .unknown)
    }

    @Test("hashed names and fingerprints are those of OpenSSH")
    func openSSH() throws {
        let one = try key("hashed")
        let folder = try Self.folder.get()
        try folder.write("known", line("[example.org]:2222", one))
        let keygen = TestProgram("ssh-keygen", in: folder.path)
        try keygen("-q", "-H", "-f", folder.at("known")).checked()
        var hosts = KnownHosts(files: [folder.at("known"), folder.at("missing")])
        #expect(try Files.text(folder.at("known")).hasPrefix("|1|"))
        #expect(hosts.verdict(of: one, at: RemoteAddress("ssh://example.org:2222/a")) == .known)
        #expect(hosts.verdict(of: one, at: RemoteAddress("ssh://example.org/a")) == .unknown)
        hosts = KnownHosts()
        let shown = try keygen("-l", "-f", folder.at("hashed.pub")).checked().text
        #expect(shown.contains(" \(KnownHosts.fingerprint(one)) "))
    }

    @Test(
        "a private key's file tells its type and whether it has a pass phrase",
        arguments: [
            ("ed25519", "", "ssh-ed25519", []), ("ecdsa", "phrase", "ecdsa-sha2-nistp256", []),
            ("rsa", "", "ssh-rsa", ["-m", "PEM"]), ("rsa", "phrase", "ssh-rsa", ["-m", "PEM"]),
            ("rsa", "phrase", "ssh-rsa", []),
        ])
    func keyFiles(type: String, phrase: String, name: String, options: [String]) throws {
        let folder = try TemporaryFolder()
        let words = ["-q", "-t", type, "-N", phrase, "-f", folder.at("key")]
        try TestProgram("ssh-keygen", in: folder.path).run(words + options).checked()
        let key = try #require(SSHKeyFile(Files.text(folder.at("key"))))
        #expect(key.type == name)
        #expect(key.isEncrypted == !phrase.isEmpty)
        #expect(try SSHKeyFile(Files.text(folder.at("key.pub"))) == nil)
    }

    @Test("core.sshCommand gives keys and known hosts, and what flow cannot do is named")
    func sshCommand() {
        let command = SSHCommand(
            "\"/usr/bin/ssh\" -i ~/.ssh/deploy -o IdentitiesOnly=yes -o CheckHostIP=no "
                + "-o \"UserKnownHostsFile=/a b/known\" -oIdentityFile=/x", home: "/home/me")
        #expect(command.identities == ["/home/me/.ssh/deploy", "/x"])
        #expect(command.identitiesOnly)
        #expect(command.knownHosts == ["/a", "b/known"])
        #expect(command.unknown == [])
        let odd = SSHCommand("plink -J jump -o ProxyCommand='nc %h'", home: "/")
        #expect(odd.unknown == ["plink", "-J", "jump", "-o ProxyCommand=nc %h"])
        #expect(SSHCommand("", home: "/") == SSHCommand("ssh", home: "/"))
    }

    @Test("what ~/.ssh/config would do for a host and flow does not is named with its line")
    func sshConfig() {
        let text = """
            # mine
            Host work *.example.org !old.example.org
                HostName real.example.org
                ServerAliveInterval 5
                IdentityFile=~/.ssh/work
            Host *
                User me
            """
        #expect(
            SSHConfig(text, host: "work").ignored
                == ["HostName (line 3)", "IdentityFile (line 5)", "User (line 7)"])
        #expect(SSHConfig(text, host: "old.example.org").ignored == ["User (line 7)"])
        #expect(SSHConfig("Host a\n  Port 2\n", host: "b").warning == nil)
    }
}
