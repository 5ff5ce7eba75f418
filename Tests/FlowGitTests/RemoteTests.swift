import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct RemoteTests {
    /// A bare repository and two clones of it.
    struct Team {
        let sandbox: Sandbox
        let bare: String
        let one: Repository
        let two: Repository
        var git: GitProgram { GitProgram(folder: bare) }

        init() throws {
            sandbox = try Sandbox()
            bare = sandbox.folder.at("bare.git")
            try sandbox.git("clone", "-q", "--bare", ".", bare)
            one = try Repository.clone(bare, to: sandbox.folder.at("one"))
            two = try Repository.clone(bare, to: sandbox.folder.at("two"))
        }
    }

    @Test("what one pushes the other fetches, deleted branches go away")
    func roundTrip() throws {
        let team = try Team()
        let base = try team.one.mainTip()
        let commit = try team.one.propose(
            branch: "proposal/E-1", base: base,
            changes: [team.one.change("skills/proposed/E-1.yaml", "id: E-1\n", at: base)],
            message: CommitMessage("propose"), signature: flow, time: noon)
        let published = try team.one.publish(team.one.publication([("README", "flow\n")]))
        let pushed = try team.one.push(
            ["refs/heads/main", "refs/heads/proposal/E-1"], to: "origin")
        #expect(
            pushed == [
                PushedReference(name: "refs/heads/main", rejected: nil),
                PushedReference(name: "refs/heads/proposal/E-1", rejected: nil),
            ])
        #expect(try team.git("rev-parse", "main") == published.commit?.hex)
        #expect(try team.one.tip(of: "main", remote: "origin") == published.commit)
        var progress: [TransferProgress] = []
        try team.two.fetch { progress.append($0) }
        #expect(try team.two.tip(of: "proposal/E-1", remote: "origin") == commit)
        #expect(progress.last.map { $0.received == $0.total && $0.total > 0 } == true)
        _ = try team.one.push([":refs/heads/proposal/E-1"], to: "origin")
        try team.two.fetch("origin")
        #expect(try team.two.branches("proposal/").isEmpty)
        #expect(try team.git("fsck", "--strict").contains("error") == false)
        #expect(try team.one.remotes() == [Remote(name: "origin", url: team.bare)])
    }

    @Test("a push that would lose commits is rejected, and says to fetch")
    func rejected() throws {
        let team = try Team()
        _ = try team.two.publish(team.two.publication([("README", "two\n")]))
        _ = try team.two.push(["refs/heads/main"], to: "origin")
        _ = try team.one.publish(team.one.publication([("a", "one\n")]))
        for _ in 0..<2 {
            let error = #expect(throws: GitError.self) {
                try team.one.push(["refs/heads/main"], to: "origin")
            }
            #expect(error?.code == .rejected)
            #expect(error?.description.contains("fetch, then push again") == true)
            try team.one.fetch()
        }
        #expect(try team.git("show", "main:README") == "two")
    }

    @Test("a remote with a work tree, an unknown one and a lost one are told apart")
    func clearErrors() throws {
        let team = try Team()
        try GitProgram(folder: team.sandbox.folder.at("one"))(
            "remote", "add", "files", team.sandbox.path)
        let error = #expect(throws: GitError.self) {
            try team.one.push(["refs/heads/main"], to: "files")
        }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("it has a work tree") == true)
        #expect(throws: GitError.self) { try team.one.push(["refs/heads/main"], to: "none") }
        let unknown = #expect(throws: GitError.self) { try team.one.fetch("none") }
        #expect(unknown?.code == .notFound)
        try Files.remove(team.bare)
        #expect(throws: GitError.self) { try team.one.fetch("origin") }
        #expect(throws: GitError.self) { try team.one.push(["refs/heads/main"], to: "origin") }
    }
}
