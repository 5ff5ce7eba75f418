import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
import Synchronization
import Testing

@Suite struct PublishTests {
    @Test("one commit adds, changes, deletes, and leaves a clean work tree")
    func everyKind() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let before = try repository.mainTip()
        let published = try repository.publish(
            try repository.publication([
                ("skills/one.yaml", "one: 2\n"), ("skills/deep/two.yaml", nil),
                ("data/a/b/c.txt", "new\n"), ("bin/tool", "#!/bin/bash\n"),
            ]))
        let commit = try #require(published.commit)
        #expect(published == .committed(commit))
        #expect(try repository.commit(commit).parents == [before])
        #expect(try repository.commit(commit).time == noon)
        #expect(try sandbox.status() == "")
        #expect(try sandbox.isWhole())
        #expect(try sandbox.text("data/a/b/c.txt") == "new\n")
        #expect(!Files.exists(sandbox.at("skills/deep")))
        #expect(try sandbox.git("ls-files", "-s", "bin/tool").hasPrefix("100755 "))
        #expect(
            try sandbox.git("log", "-1", "--format=%an|%ae|%s|%(trailers:only)")
                == "flow|flow@example.org|publish|Flow-Run: r1")
        #expect(try Files.list(sandbox.at(".git/flow")) == [])
        #expect(
            try sandbox.git("reflog", "-1", "--format=%gn %gs", "main")
                == "flow flow: \(commit.short)")
    }

    @Test("what a person has staged, changed or made elsewhere stays as it is")
    func unrelatedChanges() throws {
        let sandbox = try Sandbox()
        try sandbox.commit("skills/three.yaml", "three: 3\n")
        try sandbox.write("README", "staged\n")
        try sandbox.write("staged-new", "x\n")
        try sandbox.git("add", "README", "staged-new")
        try sandbox.write("README", "staged and changed\n")
        try sandbox.write("skills/three.yaml", "three: 4\n")
        try sandbox.git("rm", "-q", "--cached", "bin/tool")
        try sandbox.write("untracked", "y\n")
        let before = try sandbox.status()
        let repository = try sandbox.open()
        _ = try repository.publish(try repository.publication([("skills/one.yaml", "one: 2\n")]))
        #expect(try sandbox.status() == before)
        #expect(try sandbox.text("README") == "staged and changed\n")
        #expect(try sandbox.git("show", ":README") == "staged")
        #expect(try sandbox.text("skills/one.yaml") == "one: 2\n")
        try sandbox.git("commit", "-qm", "mine")
        #expect(
            try sandbox.git("show", "--format=", "--name-status", "HEAD")
                == "M\tREADME\nD\tbin/tool\nA\tstaged-new")
    }

    enum Hand: CaseIterable {
        case changed, staged, deleted, made, chmod, folder, link, staysStaged
    }

    @Test(
        "a path that a person changed is named before anything is written", arguments: Hand.allCases
    )
    func changedByHand(_ hand: Hand) throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        var path = "skills/one.yaml"
        switch hand {
        case .changed: try sandbox.write(path, "mine\n")
        case .staged:
            try sandbox.write(path, "mine\n")
            try sandbox.git("add", path)
        case .staysStaged:
            try sandbox.write(path, "mine\n")
            try sandbox.git("add", path)
            try sandbox.write(path, "one: 1\n")
        case .deleted: try Files.remove(sandbox.at(path))
        case .made:
            path = "new/file"
            try sandbox.write(path, "mine\n")
        case .chmod: chmod(sandbox.at(path), 0o755)
        case .folder:
            path = "new"
            try sandbox.write("new/file", "mine\n")
        case .link:
            path = "new/file"
            try Files.makeFolder(sandbox.folder.at("outside"))
            symlink(sandbox.folder.at("outside"), sandbox.at("new"))
        }
        let (tip, status) = (try repository.mainTip(), try sandbox.status())
        let publication = try repository.publication([(path, "flow\n"), ("README", "flow\n")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(
            error?.description
                == "\(path) was changed by hand since flow read it; commit or restore it, "
                + "then run again")
        #expect(error?.code == .changedByHand)
        #expect(error?.paths == [path])
        #expect(try repository.mainTip() == tip)
        #expect(try sandbox.status() == status)
        #expect(try sandbox.text("README") == "readme\n")
        #expect(!Files.exists(sandbox.folder.at("outside/file")))
    }

    @Test("a file that already has the new content by hand is no conflict")
    func sameByHand() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        try sandbox.write("skills/one.yaml", "one: 2\n")
        try sandbox.write("fresh", "new\n")
        try sandbox.git("add", "fresh")
        _ = try repository.publish(
            try repository.publication([("skills/one.yaml", "one: 2\n"), ("fresh", "new\n")]))
        #expect(try sandbox.status() == "")
    }

    @Test("a change whose base is no longer in the branch is refused by name")
    func changedSinceRead() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let publication = try repository.publication([
            ("skills/one.yaml", "one: 2\n"), ("added", "x\n"), ("README", "flow\n"),
        ])
        try sandbox.commit("skills/one.yaml", "one: 9\n")
        try sandbox.commit("added", "other\n")
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(
            error?.description
                == "added, skills/one.yaml changed since flow read it; run again")
        #expect(error?.code == .changed)
        #expect(try sandbox.status() == "")
    }

    @Test("publishing what the branch already has makes no commit")
    func unchanged() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        #expect(
            try repository.publish(
                try repository.publication([("README", "readme\n"), ("gone", nil)]))
                == .unchanged)
        #expect(try repository.mainTip() == tip)
    }

    @Test("of two publishers that meet, the one that comes late goes on top")
    func race() throws {
        for step in [PublishStep.read, .checked, .written] {
            let sandbox = try Sandbox()
            let (one, other) = (try sandbox.open(), try sandbox.open())
            let second = try other.publication([("b", "b\n")])
            var met = false
            one.atStep = { at throws(GitError) in
                guard at == step, !met else { return }
                met = true
                _ = try other.publish(second)
            }
            let published = try one.publish(try one.publication([("a", "a\n")]))
            #expect(try one.mainTip() == published.commit)
            #expect(try sandbox.git("log", "--format=%s") == "publish\npublish\nstart")
            #expect(try sandbox.text("a") + sandbox.text("b") == "a\nb\n")
            #expect(try sandbox.status() == "")
            #expect(try sandbox.isWhole())
        }
    }

    @Test("of two publishers of one file, the late one learns that it changed")
    func raceForOneFile() throws {
        let sandbox = try Sandbox()
        let (one, other) = (try sandbox.open(), try sandbox.open())
        let second = try other.publication([("README", "second\n")])
        var met = false
        one.atStep = { at throws(GitError) in
            guard at == .written, !met else { return }
            met = true
            _ = try other.publish(second)
        }
        let first = try one.publication([("README", "first\n")])
        let error = #expect(throws: GitError.self) { try one.publish(first) }
        #expect(error?.code == .changed)
        #expect(try sandbox.text("README") == "second\n")
        #expect(try sandbox.status() == "")
        #expect(try Files.list(sandbox.at(".git/flow")) == [])
    }

    @Test("many threads publishing at once lose nothing and make nothing twice")
    func threads() async throws {
        let sandbox = try Sandbox()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let repository = try sandbox.open()
                    for round in 0..<5 {
                        let name = "out/\(worker)-\(round)"
                        _ = try repository.publish(
                            try repository.publication([(name, name)], key: name))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try sandbox.git("rev-list", "--count", "main") == "21")
        #expect(try Files.list(sandbox.at("out")).count == 20)
        #expect(try sandbox.status() == "")
        #expect(try sandbox.isWhole())
    }

    @Test("a key publishes once, and a spoofed one counts for nothing")
    func key() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        try sandbox.git(
            "commit", "-q", "--allow-empty", "-m", "spoof\n\nFlow-Key: k1\n\nwords below")
        try sandbox.git("commit", "-q", "--allow-empty", "-m", "other content\n\nFlow-Key: k1")
        let publication = try repository.publication([("README", "flow\n")], key: "k1")
        let first = try repository.publish(publication)
        let commit = try #require(first.commit)
        #expect(first == .committed(commit))
        try sandbox.commit("README", "a person went on\n")
        let again = try repository.publish(publication)
        #expect(again == .already(commit))
        #expect(try sandbox.text("README") == "a person went on\n")
    }

    @Test("a branch that is checked out nowhere moves without a touch to the work tree")
    func otherBranch() throws {
        let sandbox = try Sandbox()
        try sandbox.git("switch", "-qc", "topic")
        try sandbox.write("README", "mine\n")
        let repository = try sandbox.open()
        _ = try repository.publish(try repository.publication([("README", "flow\n")]))
        #expect(try sandbox.git("show", "main:README") == "flow")
        #expect(try sandbox.text("README") == "mine\n")
        #expect(try sandbox.status() == " M README")
    }

    @Test("an index that is replaced while it is read is read once more")
    func replacedIndex() throws {
        let sandbox = try Sandbox()
        let index = sandbox.at(".git/index")
        let small = try Files.read(index)
        for number in 0..<200 { try sandbox.write("many/\(number)", "\(number)\n") }
        try sandbox.git("add", "many")
        let large = try Files.read(index)
        let isOver = Mutex(false)
        let failure = Mutex<(any Error)?>(nil)
        let replacing = try Thread {
            do {
                while !isOver.withLock({ $0 }) {
                    for bytes in [small, large] {
                        try Files.write(bytes, to: index + ".new", sync: false)
                        guard rename(index + ".new", index) == 0 else {
                            throw SystemError(errno: errno, doing: "replace the index")
                        }
                    }
                }
            } catch { failure.withLock { $0 = error } }
        }
        defer {
            isOver.withLock { $0 = true }
            replacing.join()
        }
        for _ in 0..<200 {
            let repository = try sandbox.open()
            let tip = try repository.mainTip()
            _ = try repository.write(repository.publication([("new.txt", "new\n")]), on: tip)
        }
        #expect(failure.withLock { $0 } == nil)
    }

    @Test("a flow that brings the files up is no hand: another one waits until it has")
    func refreshing() throws {
        let sandbox = try Sandbox()
        // 1: the first has moved the branch; 2: the second waits for it, or has ended.
        let stage = Mutex(0)
        let failure = Mutex<(any Error)?>(nil)
        let first = try Thread {
            do {
                let repository = try sandbox.open()
                repository.atStep = { step in
                    guard step == .swapped else { return }
                    stage.withLock { $0 = 1 }
                    while stage.withLock({ $0 }) < 2 { sched_yield() }
                }
                _ = try repository.publish(repository.publication([("README", "first\n")]))
            } catch {
                failure.withLock { $0 = error }
                stage.withLock { $0 = 1 }
            }
        }
        while stage.withLock({ $0 }) < 1 { sched_yield() }
        let repository = try sandbox.open()
        repository.atStep = { if $0 == .waiting { stage.withLock { $0 = 2 } } }
        let second = Result {
            try repository.publish(repository.publication([("README", "second\n")]))
        }
        stage.withLock { $0 = 2 }
        first.join()
        #expect(failure.withLock { $0 } == nil)
        #expect(try second.get().commit == repository.mainTip())
        #expect(try sandbox.text("README") == "second\n")
        #expect(try sandbox.status() == "")
    }

    @Test("who sees the branch moved finds the commit in the index: a commit on top undoes nothing")
    func indexLeads() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        var ahead: [String?] = []
        repository.atStep = { step in
            guard step == .advanced || step == .swapped else { return }
            ahead.append(try? sandbox.git("diff-index", "--cached", "--name-only", "HEAD"))
        }
        _ = try repository.publish(
            repository.publication([
                ("README", "flow\n"), ("skills/one.yaml", nil), ("n/a", "n\n"),
            ]))
        #expect(ahead == ["README\nn/a\nskills/one.yaml", ""])
        #expect(try sandbox.status() == "")
        #expect(try sandbox.git("diff-files") == "")
    }

    @Test("an index that was ahead of a branch which somebody else moved is as it was before")
    func movedMeanwhile() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let before = try Files.read(sandbox.at(".git/index"))
        var tries = 0
        var seen: [UInt8]?
        repository.atStep = { step in
            if step == .read { tries += 1 }
            if step == .read, tries == 2 { seen = try? Files.read(sandbox.at(".git/index")) }
            guard step == .advanced, tries == 1 else { return }
            let other = try? sandbox.git("commit-tree", "-p", "HEAD", "-m", "b", "HEAD^{tree}")
            _ = try? sandbox.git("update-ref", "refs/heads/main", other ?? "")
        }
        _ = try repository.publish(repository.publication([("README", "flow\n")]))
        #expect(seen == before)
        #expect(try sandbox.git("rev-list", "--count", "main") == "3")
        #expect(try sandbox.status() == "")
    }

    @Test("a bare repository takes a commit")
    func bare() throws {
        let sandbox = try Sandbox()
        let bare = sandbox.folder.at("bare.git")
        try sandbox.git("clone", "-q", "--bare", ".", bare)
        let repository = try Repository.open(at: bare)
        #expect(repository.workTree == nil)
        _ = try repository.publish(try repository.publication([("README", "flow\n")]))
        #expect(try GitProgram(folder: bare)("show", "main:README") == "flow")
    }

    @Test("the first commit of a new repository is published by its own name")
    func first() throws {
        let folder = try TemporaryFolder()
        let repository = try Repository.create(at: folder.at("new/demo"))
        #expect(try repository.currentBranch() == "main")
        let git = GitProgram(folder: folder.at("new/demo"))
        try Sandbox.configure(git)
        try folder.write("new/demo/flow.yaml", "flow: 1\n")
        let publication = Publication(
            changes: [
                try Change(
                    path: "flow.yaml", blob: repository.writeBlob(Array("flow: 1\n".utf8)),
                    base: nil),
                try Change(path: "a/b", blob: repository.writeBlob([]), base: nil),
            ], branch: "main", message: CommitMessage("start"), time: noon)
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .unbornBranch)
        #expect(
            error?.description
                == "the branch main has no commit yet; make the first one: 'git add . && git commit'"
        )
        #expect(try repository.publishFirst(publication).commit != nil)
        #expect(try git("status", "--porcelain") == "")
        #expect(try git("log", "--format=%an %s") == "Ada start")
        #expect(throws: GitError.self) { try repository.publishFirst(publication) }
        #expect(throws: GitError.self) { try Repository.create(at: folder.at("new/demo")) }
    }
}
