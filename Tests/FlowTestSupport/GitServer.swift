package import FlowJSON
internal import FlowSystem
internal import Glibc
internal import Synchronization

/// A git server of a test's own on the loopback interface (`Tests/Servers/git_server.py`), over ssh or
/// https. It ends with the value, at the latest with the process.
package final class GitServer: Sendable {
    package enum Kind: String, Sendable { case ssh, https }

    private let folder: TemporaryFolder
    private let process: pid_t
    package let kind: Kind
    package let port: Int

    /// - Parameter hostKey: of an ssh server: `ed25519`, `ecdsa` or `rsa`.
    package init(_ kind: Kind, hostKey: String = "ed25519") throws {
        guard kind == .https || Files.isExecutable("/usr/sbin/sshd") else {
            throw TestResult.Unexpected(
                description: "no sshd is installed; Scripts/setup test installs one")
        }
        self.kind = kind
        folder = try TemporaryFolder()
        let repositories = folder.at("repos")
        try Files.makeFolder(repositories)
        switch kind {
        case .ssh: try Self.prepareSSH(folder, hostKey)
        case .https: try Self.prepareTLS(folder)
        }
        let script = Path.join(BuiltPrograms.checkout, "Tests/Servers/git_server.py")
        let words = try TestProgram("python3", in: folder.path)(script, kind.rawValue, folder.path)
            .checked().text.split(separator: " ").compactMap { Int($0) }
        guard words.count == 2 else {
            throw TestResult.Unexpected(description: "the git server told no port")
        }
        port = words[0]
        process = pid_t(words[1])
        Self.running.withLock { [process] running in
            if running.isEmpty { atexit { GitServer.endAll() } }
            running.insert(process)
        }
    }

    deinit {
        kill(process, SIGKILL)
        Self.running.withLock { [process] in _ = $0.remove(process) }
    }

    private static let running = Mutex<Set<pid_t>>([])

    private static func endAll() {
        for process in running.withLock({ $0 }) { kill(process, SIGKILL) }
    }

    private static func prepareSSH(_ folder: TemporaryFolder, _ hostKey: String) throws {
        // sshd wants it where root starts it.
        if getuid() == 0 { try Files.makeFolder("/run/sshd") }
        try folder.write("authorized_keys", "")
        try makeKey(folder.at("host_key"), hostKey)
        try folder.write(
            "sshd_config",
            """
            HostKey \(folder.at("host_key"))
            AuthorizedKeysFile \(folder.at("authorized_keys"))
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PidFile none
            """)
    }

    /// A certificate authority of the tests' own, which all servers of a process share.
    private static let tests = Result {
        let folder = try TemporaryFolder()
        try TestProgram("openssl", in: folder.path).run(
            newKey + ["-x509", "-subj", "/CN=tests", "-keyout", "ca.key", "-out", "ca.pem"]
        ).checked()
        return folder
    }

    private static let newKey = ["req", "-newkey", "rsa:2048", "-nodes"]

    private static func prepareTLS(_ folder: TemporaryFolder) throws {
        let authority = try tests.get()
        let openssl = TestProgram("openssl", in: folder.path)
        try openssl.run(
            newKey + ["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request"]
        ).checked()
        try folder.write("names", "subjectAltName=DNS:localhost\n")
        try openssl(
            "x509", "-req", "-in", "request", "-CA", authority.at("ca.pem"), "-CAkey",
            authority.at("ca.key"), "-set_serial", "\(UInt32.random(in: 1...(.max)))", "-extfile",
            "names", "-out", "cert.pem"
        ).checked()
    }

    /// Makes a pair of ssh keys without a pass phrase.
    package static func makeKey(_ path: String, _ type: String, phrase: String = "") throws {
        try TestProgram("ssh-keygen", in: Path.folder(path))(
            "-q", "-t", type, "-N", phrase, "-C", "test", "-f", path
        ).checked()
    }

    // MARK: What it offers

    /// The certificate of the authority that vouches for https servers.
    package static var authority: String { get throws { try tests.get().at("ca.pem") } }

    /// Its line for `known_hosts`.
    package func knownHost() throws -> String {
        let key = try Files.text(folder.at("host_key.pub")).split(separator: " ")
        return "[127.0.0.1]:\(port) \(key[0]) \(key[1])\n"
    }

    /// Gives an ssh server another key, in place of the one it had.
    package func changeHostKey() throws {
        for name in ["host_key", "host_key.pub"] { try Files.remove(folder.at(name)) }
        try Self.makeKey(folder.at("host_key"), "ed25519")
    }

    /// Gives an ssh server one more key.
    package func addHostKey(_ type: String) throws {
        try Self.makeKey(folder.at("host_key_\(type)"), type)
        let config = try Files.text(folder.at("sshd_config"))
        try folder.write("sshd_config", config + "\nHostKey \(folder.at("host_key_\(type)"))\n")
    }

    /// Makes a bare repository and gives its path on this machine.
    package func repository(_ name: String = "hub.git") throws -> String {
        let path = folder.at("repos/" + name)
        try TestProgram("git", in: folder.path)("init", "-q", "--bare", "-b", "main", path)
            .checked()
        try TestProgram("git", in: path)("config", "http.receivepack", "true").checked()
        return path
    }

    package func url(_ name: String = "hub.git", user: String? = nil) -> String {
        switch kind {
        case .ssh:
            "ssh://\(user ?? Self.user)@127.0.0.1:\(port)\(folder.at("repos/" + name))"
        case .https: "https://localhost:\(port)/\(name)"
        }
    }

    /// Who runs the tests, and so the server.
    private static let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? ""

    /// Lets the owner of a public key in.
    package func admit(_ publicKey: String) throws {
        try folder.write("authorized_keys", try Files.text(publicKey))
    }

    /// What it is to do wrong from now on; see the script.
    package func fail(_ faults: JSON) throws {
        try folder.write("faults.json", faults.text())
    }

    /// The requests so far: path and `Authorization`.
    package func requests() throws -> [String] {
        let log = folder.at("requests.log")
        return Files.exists(log)
            ? try Files.text(log).split(separator: "\n").map(String.init) : []
    }
}
