import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
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
        #expect(progress.last.map { $0.done == $0.total && $0.total > 0 } == true)
        _ = try team.one.push([":refs/heads/proposal/E-1"], to: "origin")
        try team.two.fetch("origin")
        #expect(try team.two.branches("proposal/").isEmpty)
        #expect(try team.git("fsck", "--strict").contains("error") == false)
        #expect(try team.one.remotes() == [Remote(name: "origin", url: team.bare)])
    }

    @Test("branches outside the refspecs are followed and pruned, and what was there is remembered")
    func following() throws {
        let team = try Team()
        let git = GitProgram(folder: team.sandbox.folder.at("two"))
        try git("config", "remote.origin.fetch", "+refs/heads/main:refs/remotes/origin/main")
        let base = try team.two.mainTip()
        for (name, repository) in [("p/one", team.one), ("p/two", team.two)] {
            try repository.createBranch(name, at: base)
            _ = try repository.push(["refs/heads/\(name)"], to: "origin")
        }
        try team.two.fetch("origin")
        #expect(try team.two.tip(of: "p/one", remote: "origin") == nil)
        try team.two.fetch("origin", following: ["p/*", "none"])
        #expect(
            try team.two.branches("p/").map(\.title) == ["p/two", "origin/p/one", "origin/p/two"])
        try team.two.rememberPushed("p/", to: "origin")
        #expect(try team.two.pushedTips(to: "origin") == ["p/two": base])

        _ = try team.one.push([":refs/heads/p/one", ":refs/heads/p/two"], to: "origin")
        try team.two.fetch("origin", following: ["p/*"])
        #expect(try team.two.branches("p/").map(\.title) == ["p/two"])
        #expect(try team.two.pushedTips(to: "origin") == ["p/two": base])
        try git("remote", "set-url", "origin", team.sandbox.path)
        #expect(try team.two.pushedTips(to: "origin") == [:])
        try git("remote", "set-url", "origin", team.bare)
        #expect(try team.two.deleteBranch("p/two", at: base))
        #expect(try team.two.pushedTips(to: "origin") == [:])
    }

    @Test("a push that would lose commits is rejected, and says to fetch")
    func rejected() throws {
        let team = try Team()
        _ = try team.two.publish(team.two.publication([("README", "two\n")]))
        _ = try team.two.push(["refs/heads/main"], to: "origin")
        _ = try team.one.publish(team.one.publication([("a", "one\n")]))
        // By force only what was seen is given up.
        #expect(
            try team.one.push(["+refs/heads/main"], to: "origin").map(\.rejected)
                == ["it has moved since the last fetch; fetch, then push again"])
        for _ in 0..<2 {
            let pushed = try team.one.push(
                ["refs/heads/main", "refs/heads/main:refs/heads/copy"], to: "origin")
            #expect(
                pushed.map(\.rejected) == [
                    "it has commits that this repository has not; fetch, then push again", nil,
                ])
            try team.one.fetch()
        }
        #expect(try team.git("show", "main:README") == "two")
        let forced = try team.one.push(["+refs/heads/main"], to: "origin")
        #expect(forced.map(\.rejected) == [nil])
        #expect(try team.git("show", "main:a") == "one")
        #expect(
            try team.one.push([":refs/heads/main"], to: "origin").map(\.rejected)
                == ["it is the branch that the remote is on"])
        #expect(throws: GitError.self) { try team.one.push(["main"], to: "origin") }
        #expect(throws: GitError.self) { try team.one.push(["refs/heads/none"], to: "origin") }
    }

    @Test("pushes at once: each branch goes up once, nothing is lost on the way")
    func pushesAtOnce() async throws {
        let team = try Team()
        let paths = ["one", "two"].map { team.sandbox.folder.at($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for path in paths {
                group.addTask {
                    for round in 0..<4 { try Self.publishAndPush(path, round) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try team.git("rev-list", "--count", "main") == "9")
        #expect(try team.git("fsck", "--strict").contains("error") == false)
    }

    /// What a runner does: on top of what the remote has, again while somebody is faster.
    private static func publishAndPush(_ path: String, _ round: Int) throws {
        let repository = try Repository.open(at: path)
        try GitProgram(folder: path)("switch", "-q", "--detach")
        let name = "out/\(Path.name(path))-\(round)"
        while true {
            try repository.fetch()
            let tip = try #require(try repository.tip(of: "main", remote: "origin"))
            let commit = try repository.propose(
                branch: "try/\(UInt64.random(in: 0...(.max)))", base: tip,
                changes: [repository.change(name, "x\n", at: tip)], message: CommitMessage(name),
                signature: flow, time: noon)
            let branch = try #require(
                try repository.branches("try/", remotes: false).first { $0.tip == commit })
            let pushed = try repository.push(
                ["refs/heads/\(branch.name):refs/heads/main"], to: "origin")
            if pushed[0].rejected == nil { return }
        }
    }

    @Test("two that push the same from one repository at once both succeed")
    func sameAtOnce() async throws {
        let team = try Team()
        let path = team.sandbox.folder.at("one")
        let base = try team.one.mainTip()
        let names = (0..<80).map { "refs/heads/p/\($0)" }
        for name in names { try team.one.createBranch(String(name.dropFirst(11)), at: base) }
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let repository = try Repository.open(at: path)
                    let pushed = try repository.push(names, to: "origin")
                    try repository.rememberPushed("p/", to: "origin")
                    return pushed.compactMap(\.rejected)
                }
            }
            for try await rejected in group { #expect(rejected == []) }
        }
        #expect(try team.one.pushedTips(to: "origin").count == names.count)
    }

    @Test("hooks over there are not passed by")
    func serverHooks() throws {
        let team = try Team()
        try Files.write("#!/bin/sh\n", to: team.bare + "/hooks/pre-receive", mode: 0o755)
        chmod(team.bare + "/hooks/pre-receive", 0o755)
        let error = #expect(throws: GitError.self) {
            try team.one.push(["refs/heads/main"], to: "origin")
        }
        #expect(error?.description.contains("(pre-receive); use 'git push'") == true)
    }

    @Test("a token in a remote's address is never shown")
    func tokens() throws {
        let team = try Team()
        try GitProgram(folder: team.sandbox.folder.at("one"))(
            "remote", "add", "web", "https://me:secret@localhost:1/x@y.git")
        let error = #expect(throws: GitError.self) {
            try team.one.push(["refs/heads/main"], to: "web")
        }
        #expect(error?.description.contains("(https://localhost:1/x@y.git)") == true)
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
        try Files.makeFolder(team.bare)
        #expect(throws: GitError.self) { try team.one.push(["refs/heads/main"], to: "origin") }
    }
}
