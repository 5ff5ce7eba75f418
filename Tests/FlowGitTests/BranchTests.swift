import FlowGit
import FlowJSON
import FlowSystem
import FlowTestSupport
import Synchronization
import Testing

@Suite struct BranchTests {
    @Test("a proposal is one commit ahead, and neither index nor work tree sees it")
    func propose() throws {
        let sandbox = try Sandbox()
        try sandbox.write("README", "mine\n")
        try sandbox.git("add", "README")
        try sandbox.write("skills/proposed/E-1_x.yaml", "a person's own\n")
        let status = try sandbox.status()
        let repository = try sandbox.open()
        let base = try repository.mainTip()
        func make(_ text: String) throws -> ObjectID {
            try repository.propose(
                branch: "proposal/E-1", base: base,
                changes: [repository.change("skills/proposed/E-1_x.yaml", text, at: base)],
                message: CommitMessage("propose E-1"), time: noon)
        }
        let commit = try make("id: E-1\n")
        #expect(try make("id: E-1\n") == commit)
        let error = #expect(throws: GitError.self) { try make("id: other\n") }
        #expect(error?.code == .exists)
        #expect(error?.description == "the branch proposal/E-1 exists already")
        #expect(try sandbox.status() == status)
        #expect(
            try sandbox.git("diff", "--name-status", "main...proposal/E-1")
                == "A\tskills/proposed/E-1_x.yaml")
        #expect(
            try sandbox.git("log", "-1", "--format=%an %ct", "proposal/E-1") == "Ada 1800000000")
        #expect(try sandbox.isWhole())
    }

    @Test("branches are listed by prefix, those that only a remote has too")
    func list() throws {
        let sandbox = try Sandbox()
        for name in ["proposal/B", "proposal/A", "proposals", "proposal/deep/C"] {
            try sandbox.git("branch", name)
        }
        let path = sandbox.folder.at("clone")
        let clone = try Repository.clone(sandbox.path, to: path)
        try GitProgram(folder: path)("branch", "proposal/own")
        #expect(
            try sandbox.open().branches("proposal/").map(\.title)
                == ["proposal/A", "proposal/B", "proposal/deep/C"])
        #expect(
            try clone.branches("proposal/").map(\.title) == [
                "proposal/own", "origin/proposal/A", "origin/proposal/B", "origin/proposal/deep/C",
            ])
        #expect(try clone.branches(remotes: false).map(\.name) == ["main", "proposal/own"])
        #expect(try clone.tip(of: "proposal/A", remote: "origin") == clone.mainTip())
        #expect(try clone.tip(of: "proposal/A") == nil)
    }

    @Test("of many who make one branch at once one does, and all others are told that it exists")
    func create() throws {
        let sandbox = try Sandbox()
        let tip = try sandbox.open().mainTip()
        for round in 0..<40 {
            let made = Mutex(0)
            let told = Mutex(0)
            try (0..<4).map { _ in
                try Thread {
                    do throws(GitError) {
                        try Repository.open(at: sandbox.path).createBranch("b\(round)", at: tip)
                        made.withLock { $0 += 1 }
                    } catch {
                        if error.code == .exists { told.withLock { $0 += 1 } }
                    }
                }
            }.forEach { $0.join() }
            #expect(made.withLock { $0 } == 1)
            #expect(told.withLock { $0 } == 3)
        }
    }

    @Test("a branch is deleted only where it still points to what was looked at")
    func delete() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        try repository.createBranch("proposal/E-1", at: tip)
        try sandbox.git("switch", "-q", "proposal/E-1")
        try sandbox.commit("more", "x\n")
        try sandbox.git("switch", "-q", "main")
        let error = #expect(throws: GitError.self) {
            try repository.deleteBranch("proposal/E-1", at: tip)
        }
        #expect(error?.code == .moved)
        let moved = try repository.requiredTip(of: "proposal/E-1")
        #expect(try repository.deleteBranch("proposal/E-1", at: moved))
        #expect(try !repository.deleteBranch("proposal/E-1", at: moved))
        #expect(throws: GitError.self) { try repository.deleteBranch("main", at: tip) }
        #expect(try sandbox.git("branch", "--list") == "* main")
    }

    @Test("the default branch is the one named, the remote's, git's own, the only one")
    func defaultBranch() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        #expect(try repository.defaultBranch() == "main")
        #expect(try repository.defaultBranch(configured: "trunk") == "trunk")
        try sandbox.git("branch", "trunk")
        #expect(try repository.defaultBranch() == "main")
        try sandbox.git("config", "init.defaultBranch", "no-such")
        let error = #expect(throws: GitError.self) { try repository.defaultBranch() }
        #expect(error?.code == .noDefaultBranch)
        #expect(
            error?.description
                == "cannot tell which of 2 branches is the default one; set default-branch in flow.yaml"
        )
        try sandbox.git("switch", "-q", "trunk")
        let clone = try Repository.clone(sandbox.path, to: sandbox.folder.at("clone"))
        #expect(try clone.defaultBranch() == "trunk")
        let empty = try Sandbox(commit: false)
        let unborn = #expect(throws: GitError.self) { try empty.open().defaultBranch() }
        #expect(unborn?.code == .unbornBranch)
    }

    @Test("a detached HEAD is on no branch, and says so only where one is needed")
    func detached() throws {
        let sandbox = try Sandbox()
        try sandbox.git("switch", "-q", "--detach")
        let repository = try sandbox.open()
        let error = #expect(throws: GitError.self) { try repository.currentBranch() }
        #expect(error?.code == .detachedHead)
        #expect(try repository.defaultBranch() == "main")
        #expect(
            try repository.publish(repository.publication([("README", "flow\n")])).commit != nil)
    }

    @Test("a tree is built on a base by whole paths, nothing beside them is touched")
    func trees() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let base = try repository.mainTip()
        let blob = try repository.writeBlob([1])
        let one = try repository.entry("skills/one.yaml", at: base)?.id
        // A file becomes a folder, a folder goes away with its last file.
        let tree = try repository.buildTree(
            [
                Change(path: "skills/one.yaml", blob: nil, base: one),
                Change(path: "skills/one.yaml/inner", blob: blob, base: nil),
                Change(
                    path: "skills/deep/two.yaml", blob: nil,
                    base: repository.entry("skills/deep/two.yaml", at: base)?.id),
            ], on: base)
        #expect(
            try sandbox.git("ls-tree", "-r", "--name-only", tree.hex)
                == "README\nbin/tool\nskills/one.yaml/inner")
        #expect(throws: GitError.self) {
            try repository.buildTree([Change(path: "README/x", blob: blob, base: nil)], on: base)
        }
        #expect(throws: GitError.self) {
            try repository.buildTree([Change(path: "skills", blob: blob, base: nil)], on: base)
        }
        #expect(throws: GitError.self) {
            try repository.buildTree(
                [
                    Change(path: "a", blob: blob, base: nil),
                    Change(path: "a/b", blob: blob, base: nil),
                ], on: base)
        }
        #expect(throws: GitError.self) {
            try repository.buildTree(
                [
                    Change(path: "a", blob: blob, base: nil),
                    Change(path: "a", blob: nil, base: nil),
                ],
                on: base)
        }
    }

    @Test("a change comes back from its JSON, and what is none is refused")
    func changeJSON() throws {
        let blob = try #require(ObjectID(String(repeating: "0aF", count: 13) + "1"))
        #expect(blob.hex == String(repeating: "0af", count: 13) + "1")
        let change = try Change(path: "a/b c", blob: blob, base: nil)
        #expect(
            change.json.text() == #"{"path":"a/b c","blob":"\#(blob.hex)","base":null}"#)
        #expect(try Change(json: change.json) == change)
        for bad: JSON in [
            [:], ["path": "a", "blob": "12"], ["path": "a", "base": 1], ["path": "../a"],
            ["path": "/a"], ["path": "a//b"], ["path": ""], ["path": "a/.GIT/config"],
            ["path": "a\u{0}b"], ["path": "a/"],
        ] { #expect(throws: GitError.self) { try Change(json: bad) } }
    }
}
