import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite struct RepositoryTests {
    @Test("a repository is found from anywhere in it, and its absence says what to run")
    func open() throws {
        let sandbox = try Sandbox()
        #expect(try Repository.open(at: sandbox.at("skills/deep")).workTree == sandbox.path)
        #expect(try Repository.open(at: sandbox.at("skills/one.yaml")).workTree == sandbox.path)
        #expect(try Repository.open(at: sandbox.path).gitFolder == sandbox.at(".git"))
        let folder = try TemporaryFolder()
        let error = #expect(throws: GitError.self) { try Repository.open(at: folder.path) }
        #expect(error?.code == .notARepository)
        #expect(
            error?.description
                == "not a git repository: \(folder.path) and the folders above it; "
                + "run 'git init' or 'flow init' there")
    }

    @Test("a repository that a copy has left without its empty folders takes what it fetches")
    func withoutEmptyFolders() throws {
        let sandbox = try Sandbox()
        let clone = sandbox.folder.at("clone")
        try sandbox.git("clone", "-q", sandbox.path, clone)
        try sandbox.git("commit", "-q", "--allow-empty", "-m", "later")
        for name in ["objects/pack", "objects/info"] {
            try Files.remove(Path.join(clone, ".git/\(name)"))
        }
        let repository = try Repository.open(at: clone)
        try repository.fetch("origin")
        #expect(try repository.tip(of: "main", remote: "origin") == sandbox.open().mainTip())
    }

    @Test("a repository of another user says how to trust it", .enabled(if: geteuid() == 0))
    func owner() throws {
        let sandbox = try Sandbox()
        for name in ["", ".git"] { #expect(chown(sandbox.at(name), 12345, 12345) == 0) }
        let error = #expect(throws: GitError.self) { try sandbox.open() }
        #expect(error?.code == .owner)
        #expect(error?.description.contains("git config --global --add safe.directory") == true)
    }

    @Test("who commits must be known")
    func identity() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        #expect(try repository.identity() == Signature(name: "Ada", email: "ada@example.org"))
        #expect(try repository.identity(flow) == flow)
        try sandbox.git("config", "user.email", "")
        let error = #expect(throws: GitError.self) { try repository.identity() }
        #expect(error?.code == .noIdentity)
        var publication = try repository.publication([("README", "flow\n")])
        publication.signature = nil
        let refused = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(refused?.code == .noIdentity)
    }

    @Test("commits that must be signed are refused before anything is written")
    func signing() throws {
        let sandbox = try Sandbox()
        try sandbox.git("config", "commit.gpgsign", "true")
        let repository = try sandbox.open()
        let publication = try repository.publication([("README", "flow\n")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .signing)
        let proposal = #expect(throws: GitError.self) {
            try repository.propose(
                branch: "p", base: repository.mainTip(), changes: publication.changes,
                message: publication.message, time: noon)
        }
        #expect(proposal?.code == .signing)
    }

    @Test("client hooks that will not run are named")
    func hooks() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.open().ignoredHooks() == [])
        for (name, mode) in [("pre-commit", 0o755), ("pre-push", 0o755), ("commit-msg", 0o644)] {
            try sandbox.write(".git/hooks/\(name)", "#!/bin/sh\nexit 1\n")
            chmod(sandbox.at(".git/hooks/\(name)"), mode_t(mode))
        }
        #expect(try sandbox.open().ignoredHooks() == ["pre-commit", "pre-push"])
        try sandbox.git("config", "core.hooksPath", "tools")
        #expect(try sandbox.open().ignoredHooks() == [])
    }

    @Test("a path that goes through an external filter is refused by name")
    func filter() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(".gitattributes", "*.bin filter=lfs diff=lfs -text\n*.txt text\n")
        let repository = try sandbox.open()
        let publication = try repository.publication([("a.txt", "x\n"), ("m/w.bin", "x")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .filter)
        #expect(error?.paths == ["m/w.bin"])
        #expect(error?.description.contains("m/w.bin (filter=lfs)") == true)
        let bare = sandbox.folder.at("bare.git")
        try sandbox.git("clone", "-q", "--bare", ".", bare)
        let there = try Repository.open(at: bare)
        let other = try there.publication([("m/w.bin", "x")])
        #expect(throws: GitError.self) { try there.publish(other) }
    }

    @Test("line ends in the work tree are those that a checkout would write")
    func lineEnds() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(".gitattributes", "*.txt text eol=crlf\n")
        try sandbox.commit("a.txt", "one\r\ntwo\r\n")
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        #expect(try repository.bytes("a.txt", at: tip) == Array("one\ntwo\n".utf8))
        _ = try repository.publish(
            repository.publication([("a.txt", "one\nthree\n"), ("b.txt", "b\n")]))
        #expect(try sandbox.text("a.txt") == "one\r\nthree\r\n")
        #expect(try sandbox.text("b.txt") == "b\r\n")
        #expect(try sandbox.status() == "")
        _ = try repository.publish(repository.publication([("a.txt", nil)]))
        #expect(try sandbox.status() == "")
    }

    @Test("a merge under way is finished first")
    func busy() throws {
        let sandbox = try Sandbox()
        try sandbox.git("switch", "-qc", "side")
        try sandbox.commit("side", "x\n")
        try sandbox.git("switch", "-q", "main")
        try sandbox.git("merge", "-q", "--no-ff", "--no-commit", "side")
        let repository = try sandbox.open()
        let publication = try repository.publication([("README", "flow\n")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .busy)
        #expect(error?.description.contains("git merge --abort") == true)
        try sandbox.git("commit", "-qm", "merge")
        try sandbox.commit("README", "other\n")
        try sandbox.git("switch", "-q", "side")
        try sandbox.commit("README", "conflict\n")
        _ = try sandbox.git.run(["rebase", "main"])
        var onSide = try repository.publication([("bin/tool", "flow\n")])
        onSide.branch = "side"
        let rebasing = #expect(throws: GitError.self) { try repository.publish(onSide) }
        #expect(rebasing?.code == .busy)
        #expect(rebasing?.description.contains("a rebase is under way") == true)
    }

    @Test("a sparse checkout stays sparse")
    func sparse() throws {
        let sandbox = try Sandbox()
        try sandbox.git("sparse-checkout", "set", "--cone", "bin")
        #expect(!Files.exists(sandbox.at("skills")))
        let repository = try sandbox.open()
        _ = try repository.publish(
            repository.publication([("skills/one.yaml", "one: 2\n"), ("bin/tool", "flow\n")]))
        #expect(!Files.exists(sandbox.at("skills")))
        #expect(try sandbox.text("bin/tool") == "flow\n")
        #expect(try sandbox.status() == "")
        #expect(try sandbox.git("show", "main:skills/one.yaml") == "one: 2")
        #expect(try sandbox.git("ls-files", "-t", "skills/one.yaml") == "S skills/one.yaml")
    }

    @Test(
        "a new file comes into a sparse checkout where git would have it",
        arguments: [["bin"], ["a/b", "c"], ["a", "a/b/c"], []])
    func newInSparse(_ folders: [String]) throws {
        let sandbox = try Sandbox()
        let git = sandbox.git
        try git("sparse-checkout", "init", "--cone")
        if !folders.isEmpty {
            let (status, said) = try git.run(["sparse-checkout", "set", "--cone"] + folders)
            try #require(status == 0, "\(said)")
        }
        let paths = ["new", "bin/x", "a/x", "a/b/x", "a/b/c/x", "a/d/x", "ab/x", "c/x", "c/d/x"]
        let repository = try sandbox.open()
        _ = try repository.publish(repository.publication(paths.map { ($0, "\($0)\n") }))
        #expect(try sandbox.status() == "")
        let before = try git("ls-files", "-t")
        let there = paths.filter { Files.exists(sandbox.at($0)) }
        // git's own judgement of what it skips and what it has.
        try git("sparse-checkout", "reapply")
        #expect(try git("ls-files", "-t") == before)
        #expect(paths.filter { Files.exists(sandbox.at($0)) } == there)
        try git("sparse-checkout", "disable")
        _ = try repository.publish(repository.publication([("a/d/later", "x\n")]))
        #expect(Files.exists(sandbox.at("a/d/later")))
        #expect(try sandbox.status() == "")
    }

    @Test("a partial clone takes commits without the content it lacks")
    func partial() throws {
        let sandbox = try Sandbox()
        try sandbox.commit("README", "readme 2\n")
        try sandbox.git("config", "uploadpack.allowFilter", "true")
        let path = sandbox.folder.at("partial")
        try sandbox.git(
            "clone", "-q", "--filter=blob:none", "file://\(sandbox.path)", path)
        let repository = try Repository.open(at: path)
        _ = try repository.publish(repository.publication([("README", "flow\n")]))
        let git = GitProgram(folder: path)
        #expect(try git("status", "--porcelain") == "")
        #expect(try git("show", "main:README") == "flow")
        let start = try #require(try repository.history(from: repository.mainTip()).last)
        #expect(throws: GitError.self) { try repository.bytes("README", at: start.id) }
    }

    @Test("a split index is refused with the way out")
    func splitIndex() throws {
        let sandbox = try Sandbox()
        try sandbox.git("update-index", "--split-index")
        let repository = try sandbox.open()
        let publication = try repository.publication([("README", "flow\n")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("git update-index --no-split-index") == true)
    }
}
