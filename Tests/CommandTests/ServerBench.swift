import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// A repository whose remote is a server, in which the stages run as flow runs them, with a home of its
/// own.
struct ServerBench {
    let server: GitServer
    /// git in the server's bare repository.
    let hub: TestProgram
    let git: TestProgram
    private let folder: TemporaryFolder
    var environment: [String: String]

    /// - Parameter proposals: branches that the remote does not have yet.
    init(_ server: GitServer, proposals: [String] = []) throws {
        self.server = server
        folder = try TemporaryFolder()
        hub = TestProgram("git", in: try server.repository())
        let path = folder.at("work")
        try TestProgram("git", in: folder.path)("init", "-q", "-b", "main", path).checked()
        git = TestProgram("git", in: path)
        environment = [
            "HOME": folder.at("home"), "FLOW_WORKSPACE": path, "FLOW_STATE": folder.at("state"),
            "FLOW_NOW": Demo.now, "FLOW_OUTPUT": folder.at("output"),
        ]
        try Files.makeFolder(ssh)
        try configure()
        try commit("README", "readme\n", "start")
        try git("push", "-q", hub.folder, "main").checked()
        try git("remote", "add", "origin", server.url()).checked()
        for name in proposals {
            try git("checkout", "-q", "-b", "proposal/\(name)").checked()
            try commit("\(name).txt", name, "propose")
            try git("checkout", "-q", "main").checked()
        }
    }

    private func configure() throws {
        for (key, value) in [
            ("user.name", "Ada"), ("user.email", "ada@example.org"), ("gc.auto", "0"),
        ] { try git("config", key, value).checked() }
    }

    /// Puts a clone without the content of files below the root in place of the repository.
    func becomePartial() throws {
        try hub("config", "uploadpack.allowFilter", "true").checked()
        try Files.remove(git.folder)
        try TestProgram("git", in: folder.path)(
            "clone", "-q", "--sparse", "--filter=blob:none", "file://" + hub.folder, git.folder
        ).checked()
        try configure()
        try git("remote", "set-url", "origin", server.url()).checked()
    }

    /// The folder that ssh's files lie in.
    var ssh: String { folder.at("home/.ssh") }

    func commit(_ name: String, _ text: String, _ message: String) throws {
        try Files.write(text, to: Path.join(git.folder, name))
        try git("add", "-A").checked()
        try git("commit", "-qm", message).checked()
    }

    /// A commit as `git/commit` makes them.
    func sync(_ name: String, _ text: String, key: String = "k1") throws {
        try commit(
            name, text, "Sync\n\nFlow-Run: r1\nFlow-Node: commit\nFlow-Key: \(key)")
    }

    /// A commit of somebody else's, on the remote.
    func overtake(_ name: String, _ text: String) throws {
        let other = TestProgram("git", in: folder.at("other"))
        if !Files.exists(other.folder) {
            try TestProgram("git", in: folder.path)("clone", "-q", hub.folder, other.folder)
                .checked()
        }
        try other("pull", "-q").checked()
        try Files.write(text, to: Path.join(other.folder, name))
        try other("add", "-A").checked()
        try other(
            "-c", "user.name=Eve", "-c", "user.email=eve@example.org", "commit", "-qm", "theirs"
        ).checked()
        try other("push", "-q").checked()
    }

    /// A text whose pack takes many pieces on the wire.
    static func much(seed: UInt64) -> String {
        var random = SeededGenerator(seed: seed)
        return (0..<40_000).map { _ in String(random.next(), radix: 36) }.joined(separator: "\n")
    }

    // MARK: Access

    /// Makes a key of the person's and lets it in.
    func addKey(_ type: String, phrase: String = "", isAdmitted: Bool = true) throws {
        let path = Path.join(ssh, "id_\(type)")
        try GitServer.makeKey(path, type, phrase: phrase)
        if isAdmitted { try server.admit(path + ".pub") }
    }

    func trustHost(hashed: Bool = false) throws {
        let path = Path.join(ssh, "known_hosts")
        try Files.write(server.knownHost(), to: path)
        if hashed {
            try TestProgram("ssh-keygen", in: ssh)("-q", "-H", "-f", path).checked()
        }
    }

    func trustAuthority() throws {
        try git("config", "http.sslCAInfo", GitServer.authority).checked()
    }

    // MARK: Stages

    func stage(_ reference: String) throws -> TestResult {
        let program = Path.join(BuiltPrograms.folder, "flow-stage")
        return try TestProgram(program, in: git.folder, environment: environment)(reference)
    }

    func fetch() throws -> TestResult { try stage("git/fetch") }
    func push() throws -> TestResult { try stage("git/push") }

    func onHub() throws -> [String] {
        try hub("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").lines
    }

    /// Every branch with its commit, here and as the remote last showed it.
    func branches() throws -> [String] {
        try git("for-each-ref", "--format=%(refname) %(objectname)").lines
    }

    /// Runs a stage that must fail with these words, and looks that nothing here has changed and that
    /// a secret is nowhere.
    func expectRefusal(
        _ reference: String, _ words: String..., hiding secret: String? = nil, exit: Int32 = 1,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try branches()
        let there = try onHub()
        let result = try stage(reference)
        #expect(result.exit == exit, "\(result)", sourceLocation: location)
        for word in words {
            #expect(result.errors.contains(word), "\(result)", sourceLocation: location)
        }
        #expect(try branches() == before, sourceLocation: location)
        #expect(try onHub() == there, sourceLocation: location)
        try expectSound(location)
        guard let secret else { return }
        #expect(
            !(result.output + result.errors).contains(secret), "\(result)",
            sourceLocation: location)
        try expectNowhere(secret, location)
    }

    func expectSound(_ location: SourceLocation = #_sourceLocation) throws {
        for git in [git, hub] {
            let check = try git("fsck", "--strict", "--no-dangling")
            #expect(check.exit == 0, "\(check)", sourceLocation: location)
        }
        #expect(try git("status", "--porcelain").text == "", sourceLocation: location)
        let packs = try Files.list(Path.join(git.folder, ".git/objects/pack"))
        #expect(!packs.contains { $0.hasPrefix("pack_git2_") }, sourceLocation: location)
    }

    /// Looks through every file of the repository and of flow's state.
    func expectNowhere(_ secret: String, _ location: SourceLocation = #_sourceLocation) throws {
        let found = try TestProgram("grep", in: folder.path)("-rlaF", secret, ".")
        let files = found.lines.filter { $0 != "./work/.git/config" }
        #expect(files == [], sourceLocation: location)
    }
}
