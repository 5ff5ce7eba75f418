import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite struct RecoverTests {
    private static let crash = GitError(.other, "crash")

    static let steps: [PublishStep] = [
        .read, .checked, .written, .intended, .locked, .advanced, .swapped,
        .file("skills/deep/two.yaml"), .file("skills/one.yaml"), .file("new/file"), .indexed,
        .unlocked,
    ]

    private func publication(_ repository: Repository) throws -> Publication {
        try repository.publication(
            [
                ("skills/one.yaml", "one: 2\n"), ("new/file", "new\n"),
                ("skills/deep/two.yaml", nil),
            ],
            key: "k")
    }

    /// Publishes up to the step, where it dies.
    private func crash(_ sandbox: Sandbox, at step: PublishStep) throws -> Publication {
        let repository = try sandbox.open()
        let publication = try publication(repository)
        repository.atStep = { at throws(GitError) in if at == step { throw Self.crash } }
        #expect(throws: Self.crash) { try repository.publish(publication) }
        return publication
    }

    @Test("a crash between any two steps is rolled forward or forgotten", arguments: steps)
    func crashAnywhere(_ step: PublishStep) throws {
        let sandbox = try Sandbox()
        try sandbox.write("README", "mine\n")
        let publication = try crash(sandbox, at: step)
        let repository = try sandbox.open()
        let wasSwapped = try sandbox.git("rev-list", "--count", "main") == "2"
        let recovered = try repository.recover()
        #expect(recovered.count == (wasSwapped ? 1 : 0))
        #expect(try sandbox.status() == " M README")
        #expect(try sandbox.intents() == [])
        #expect(!Files.exists(sandbox.at(".git/index.lock")))
        #expect(try repository.recover() == [])
        _ = try repository.publish(publication)
        #expect(try sandbox.git("rev-list", "--count", "main") == "2")
        #expect(try sandbox.status() == " M README")
        #expect(try sandbox.text("skills/one.yaml") == "one: 2\n")
        #expect(try sandbox.text("new/file") == "new\n")
        #expect(!Files.exists(sandbox.at("skills/deep")))
        #expect(try sandbox.isWhole())
        try sandbox.git("commit", "-qam", "mine")
        #expect(try sandbox.git("show", "--format=", "--name-only", "HEAD") == "README")
    }

    @Test("publishing again after a crash needs no call of recover", arguments: steps)
    func publishAgain(_ step: PublishStep) throws {
        let sandbox = try Sandbox()
        let publication = try crash(sandbox, at: step)
        let repository = try sandbox.open()
        _ = try repository.publish(publication)
        _ = try repository.publish(try repository.publication([("other", "x\n")]))
        #expect(try sandbox.git("rev-list", "--count", "main") == "3")
        #expect(try sandbox.status() == "")
    }

    @Test("what a person did between crash and recovery wins")
    func personInBetween() throws {
        let sandbox = try Sandbox()
        _ = try crash(sandbox, at: .swapped)
        try sandbox.write("skills/one.yaml", "mine\n")
        let recovered = try sandbox.open().recover()
        #expect(recovered.map(\.leftAlone) == [["skills/one.yaml"]])
        #expect(try sandbox.text("skills/one.yaml") == "mine\n")
        #expect(try sandbox.status() == " M skills/one.yaml")
        #expect(try sandbox.text("new/file") == "new\n")
    }

    @Test("a lock that is not flow's own is never removed")
    func foreignLock() throws {
        let sandbox = try Sandbox()
        _ = try crash(sandbox, at: .intended)
        try sandbox.write(".git/index.lock", "")
        #expect(try sandbox.open().recover() == [])
        #expect(Files.exists(sandbox.at(".git/index.lock")))
    }

    @Test("of locks on the branch only the one that the dead publisher left goes")
    func branchLocks() throws {
        for (content, goes) in [("", true), ("\(String(repeating: "1", count: 40))\n", false)] {
            let sandbox = try Sandbox()
            _ = try crash(sandbox, at: .locked)
            try sandbox.write(".git/refs/heads/main.lock", content)
            try sandbox.open().recover()
            #expect(Files.exists(sandbox.at(".git/refs/heads/main.lock")) == !goes)
            #expect(try sandbox.intents() == [])
        }
        let sandbox = try Sandbox()
        try sandbox.write(".git/refs/heads/main.lock", "")
        _ = try crash(sandbox, at: .locked)
        try sandbox.open().recover()
        #expect(Files.exists(sandbox.at(".git/refs/heads/main.lock")))
    }

    @Test("the intent of a publisher that lives is left to it")
    func living() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        var seen: [Recovered]?
        repository.atStep = { at throws(GitError) in
            if at == .swapped { seen = try? sandbox.open().recover() }
        }
        _ = try repository.publish(try publication(repository))
        #expect(seen == [])
        #expect(try sandbox.status() == "")
    }

    @Test("what was undone since the crash is not brought back")
    func undone() throws {
        let sandbox = try Sandbox()
        _ = try crash(sandbox, at: .swapped)
        try Files.remove(sandbox.at(".git/index.lock"))
        try sandbox.git("read-tree", "HEAD~1")
        try sandbox.git("commit", "-qm", "back")
        #expect(try sandbox.open().recover().count == 1)
        #expect(try sandbox.status() == "")
        #expect(try sandbox.text("skills/one.yaml") == "one: 1\n")
    }

    @Test("an index that cannot be read leaves the intent, and the next try finishes it")
    func cannotFinish() throws {
        let sandbox = try Sandbox()
        _ = try crash(sandbox, at: .swapped)
        guard rename(sandbox.at(".git/index"), sandbox.folder.at("index")) == 0 else { return }
        try Files.makeFolder(sandbox.at(".git/index"))
        #expect(throws: GitError.self) { try sandbox.open().recover() }
        #expect(!Files.exists(sandbox.at(".git/index.lock")))
        try Files.remove(sandbox.at(".git/index"))
        rename(sandbox.folder.at("index"), sandbox.at(".git/index"))
        #expect(try sandbox.open().recover().count == 1)
        #expect(try sandbox.status() == "")
    }

    @Test("an intent of a linked work tree is left to a command in it")
    func otherWorkTree() throws {
        let sandbox = try Sandbox()
        let linked = sandbox.folder.at("linked")
        try sandbox.git("worktree", "add", "-q", "-b", "side", linked)
        let there = try Repository.open(at: linked)
        let publication = Publication(
            changes: [try there.change("README", "flow\n", at: try there.mainTip())],
            branch: "side", message: CommitMessage("publish"), signature: flow, time: noon)
        there.atStep = { at throws(GitError) in if at == .swapped { throw Self.crash } }
        #expect(throws: Self.crash) { try there.publish(publication) }
        #expect(try sandbox.open().recover() == [])
        #expect(try Repository.open(at: linked).recover().count == 1)
        #expect(try GitProgram(folder: linked)("status", "--porcelain") == "")
        #expect(there.commonFolder == sandbox.at(".git"))
        #expect(there.gitFolder == sandbox.at(".git/worktrees/linked"))
        #expect(there.workTree == linked)
    }

    @Test("who publishes to a branch that another work tree is on brings that tree up to it")
    func otherTree() throws {
        let sandbox = try Sandbox()
        let folder = try TemporaryFolder()
        let linked = folder.at("linked")
        try sandbox.git("worktree", "add", "-qb", "side", linked)
        let there = try Repository.open(at: linked)
        let publication = Publication(
            changes: [try there.change("README", "flow\n", at: try there.mainTip())],
            branch: "main", message: CommitMessage("publish"), signature: flow, time: noon)
        try sandbox.write("mine.txt", "mine\n")
        _ = try there.publish(publication)
        #expect(try sandbox.text("README") == "flow\n")
        #expect(try sandbox.status() == "?? mine.txt")
        #expect(try GitProgram(folder: linked)("status", "--porcelain") == "")
    }
}
