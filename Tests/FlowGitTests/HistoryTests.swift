import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct HistoryTests {
    enum Way: CaseIterable {
        case noFastForward, fastForward, squash, rebase, cherryPick, edited, octopus
    }

    @Test(
        "the body of a commit ends before its block of trailers, however many lines that has",
        arguments: [
            ("s\n\nbody\n\nA: 1\nB: 2\n", "body"), ("s\n\nbody\n", "body"), ("s\n", ""),
            ("s\n\nbody\n\nA: a value\n that goes on\nB: 2\n", "body"),
            ("s\n\nbody\nmore\n\nA: 1\n(cherry picked from commit abc)\n", "body\nmore"),
            ("s\n\nA: 1\n", ""),
        ])
    func body(_ message: String, _ body: String) throws {
        let sandbox = try Sandbox()
        try sandbox.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        let repository = try sandbox.open()
        #expect(try repository.commit(repository.mainTip()).body == body)
    }

    @Test("clocks that went differently bring nothing of the hidden side into a history")
    func skewedClocks() throws {
        let sandbox = try Sandbox()
        for number in 0..<30 { try sandbox.commit("before", "\(number)\n") }
        let repository = try sandbox.open()
        let base = try repository.mainTip()
        let early = Timestamp(seconds: 1_600_000_000)
        let changes = [try repository.change("one", "1\n", at: base)]
        let tip = try repository.propose(
            branch: "proposal/E-1", base: base, changes: changes, message: CommitMessage("one"),
            signature: flow, time: early)
        for number in 0..<30 {
            var publication = try repository.publication([("after", "\(number)\n")])
            publication.time = early
            _ = try repository.publish(publication)
        }
        let history = try repository.history(from: tip, hiding: [repository.mainTip()])
        #expect(history.map(\.id) == [tip])
    }

    @Test(
        "the commit that brought a file to a branch is found, however it was merged",
        arguments: Way.allCases)
    func firstCommit(_ way: Way) throws {
        let sandbox = try Sandbox()
        let git = sandbox.git
        let path = "skills/proposed/E-1.yaml"
        try git("switch", "-qc", "proposal/E-1")
        try sandbox.commit(path, "skill: 1\n", "propose")
        let proposed = try git("rev-parse", "HEAD")
        try git("switch", "-q", "main")
        if way != .fastForward { try sandbox.commit("else", "x\n", "meanwhile") }
        var expected = proposed
        switch way {
        case .noFastForward:
            try git("merge", "-q", "--no-ff", "-m", "merge", "proposal/E-1")
            expected = try git("rev-parse", "HEAD")
        case .fastForward: try git("merge", "-q", "--ff-only", "proposal/E-1")
        case .squash:
            try git("merge", "-q", "--squash", "proposal/E-1")
            try git("commit", "-qm", "squashed")
            expected = try git("rev-parse", "HEAD")
        case .rebase:
            try git("rebase", "-q", "main", "proposal/E-1")
            try git("switch", "-q", "main")
            try git("merge", "-q", "--ff-only", "proposal/E-1")
            expected = try git("rev-parse", "HEAD")
        case .cherryPick:
            try git("cherry-pick", "-x", "proposal/E-1")
            expected = try git("rev-parse", "HEAD")
        case .edited:
            try git("merge", "-q", "--no-ff", "--no-commit", "proposal/E-1")
            try sandbox.write(path, "skill: edited\n")
            try git("add", ".")
            try git("commit", "-qm", "merge with an edit")
            expected = try git("rev-parse", "HEAD")
        case .octopus:
            try git("branch", "other", "main~1")
            try git("switch", "-q", "other")
            try sandbox.commit("o", "o\n")
            try git("switch", "-q", "main")
            try git("merge", "-q", "-m", "octopus", "other", "proposal/E-1")
            expected = try git("rev-parse", "HEAD")
        }
        // Later life of the file does not change when it came.
        try sandbox.commit(path, "skill: later\n")
        try git("rm", "-q", path)
        try git("commit", "-qm", "removed")
        try sandbox.commit(path, "skill: again\n")
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        #expect(try repository.firstCommit(adding: path, on: tip)?.hex == expected)
        let all = try repository.firstCommits(
            adding: [path, "README", "README/x", "no/such", "skills"], on: tip)
        #expect(all.keys.sorted() == ["README", path])
        #expect(all["README"]?.hex == (try git("rev-list", "--max-parents=0", "main")))
    }

    @Test("ancestors, merge bases, counts and differences are git's own")
    func compare() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let base = try repository.mainTip()
        try sandbox.git("switch", "-qc", "side")
        try sandbox.commit("side", "s\n")
        try sandbox.git("mv", "README", "bin/README")
        try sandbox.git("commit", "-qm", "move")
        try sandbox.git("switch", "-q", "main")
        try sandbox.commit("skills/one.yaml", "one: 2\n", "change\n\nA: b")
        let (main, side) = (try repository.mainTip(), try repository.requiredTip(of: "side"))
        #expect(try repository.mergeBase(main, side) == base)
        #expect(try repository.aheadBehind(side, main) == (2, 1))
        #expect(try repository.isAncestor(base, of: main))
        #expect(try repository.isAncestor(main, of: main))
        #expect(try !repository.isAncestor(main, of: side))
        let difference = try repository.difference(from: base, to: side)
        #expect(difference.map(\.path) == ["README", "bin/README", "side"])
        #expect(difference.map { $0.new == nil } == [true, false, false])
        #expect(difference.map { $0.old == nil } == [false, true, true])
        #expect(try repository.difference(from: nil, to: base).count == 4)
        #expect(try repository.history(from: main).map(\.subject) == ["change", "start"])
        #expect(try repository.history(from: main)[0].trailers == [Trailer("A", "b")])
        #expect(try repository.history(from: side, hiding: [base], limit: 1).count == 1)
        #expect(try repository.history(from: side, hiding: [base]).count == 2)
    }

    @Test("files and folders of a commit are read without the work tree")
    func reading() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        try Files.remove(sandbox.at("skills"))
        #expect(try repository.bytes("skills/one.yaml", at: tip) == Array("one: 1\n".utf8))
        #expect(try repository.bytes("skills", at: tip) == nil)
        #expect(try repository.bytes("no/such", at: tip) == nil)
        #expect(try repository.list(at: tip).map(\.path) == ["README", "bin", "skills"])
        #expect(try repository.list("skills", at: tip).map(\.kind) == [.folder, .file])
        #expect(
            try repository.list("skills", at: tip, recursive: true).map(\.path)
                == ["skills/deep/two.yaml", "skills/one.yaml"])
        #expect(try repository.list("none", at: tip).isEmpty)
        #expect(try repository.entry("bin/tool", at: tip)?.kind == .executable)
        #expect(
            try repository.entry("README", at: tip)?.id.hex
                == sandbox.git("rev-parse", "HEAD:README"))
    }

    @Test("a shallow clone is refused where its answer would be wrong")
    func shallow() throws {
        let sandbox = try Sandbox()
        try sandbox.commit("more", "x\n")
        let path = sandbox.folder.at("shallow")
        try sandbox.git("clone", "-q", "--depth", "1", "file://\(sandbox.path)", path)
        let repository = try Repository.open(at: path)
        #expect(repository.isShallow)
        let tip = try repository.mainTip()
        let error = #expect(throws: GitError.self) {
            try repository.firstCommit(adding: "README", on: tip)
        }
        #expect(error?.code == .shallow)
        #expect(error?.description.contains("fetch-depth: 0") == true)
        let walk = #expect(throws: GitError.self) { try repository.history(from: tip) }
        #expect(walk?.code == .shallow)
    }
}
