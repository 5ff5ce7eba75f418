import FlowGit
import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct MergeTests {
    /// `main` with a branch `side`, each with a commit of its own.
    private func sandbox(
        main: [(String, String?)], side: [(String, String?)]
    ) throws -> (Sandbox, Repository, Branch) {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let base = try repository.mainTip()
        _ = try repository.propose(
            branch: "side", base: base,
            changes: side.map { try repository.change($0.0, $0.1, at: base) },
            message: CommitMessage("side"), signature: flow, time: noon)
        if !main.isEmpty { _ = try repository.publish(repository.publication(main)) }
        return (sandbox, repository, try #require(try repository.branches("side").first))
    }

    @Test("a merge's tree is the one that git makes, and the side is its second parent")
    func likeGit() throws {
        let (sandbox, repository, side) = try sandbox(
            main: [("README", "main\n"), ("same", "same\n")],
            side: [
                ("skills/one.yaml", "one: 2\n"), ("skills/deep/two.yaml", nil), ("new/a", "a\n"),
                ("same", "same\n"),
            ])
        let tip = try repository.mainTip()
        let changes = try repository.changes(merging: side, into: "main", at: tip)
        #expect(changes.map(\.path) == ["new/a", "skills/deep/two.yaml", "skills/one.yaml"])
        let published = try repository.publish(
            Publication(
                changes: changes, branch: "main", message: CommitMessage("Merge side"),
                signature: flow, time: noon, merging: side.tip))
        let commit = try #require(published.commit)
        #expect(try repository.commit(commit).parents == [tip, side.tip])
        try sandbox.git("checkout", "-q", "-b", "check", tip.hex)
        try sandbox.git("merge", "-q", "--no-edit", "side")
        #expect(
            try sandbox.git("rev-parse", "check^{tree}") == sandbox.git("rev-parse", "main^{tree}"))
    }

    @Test("every path that both sides changed is named")
    func conflicts() throws {
        let (sandbox, repository, side) = try sandbox(
            main: [("README", "main\n"), ("skills/one.yaml", nil), ("new", "main\n")],
            side: [("README", "side\n"), ("skills/one.yaml", "one: 2\n"), ("new", "side\n")])
        let tip = try repository.mainTip()
        let error = #expect(throws: GitError.self) {
            try repository.changes(merging: side, into: "main", at: tip)
        }
        #expect(error?.code == .conflict)
        #expect(
            error?.description
                == "README, new, skills/one.yaml changed both on main and on side; "
                + "merge it by hand: 'git merge side' on main")
        #expect(try sandbox.status() == "")
    }

    @Test("files that both sides changed are joined where git joins them, else named")
    func joined() throws {
        let seed: UInt64 = 20_261_130
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        let sandbox = try Sandbox()
        let names = (10..<90).map { "f\($0)" }
        func text(_ edits: [Int: String]) -> String {
            (0..<12).map { (edits[$0] ?? "line \($0)") + "\n" }.joined()
        }
        func commit(_ side: String) throws {
            for name in names {
                var edits: [Int: String] = [:]
                for _ in 0..<Int.random(in: side == "base" ? 0...0 : 1...2, using: &draw) {
                    let words = [side, "same", "\(side)\nmore"]
                    edits[Int.random(in: 0..<12, using: &draw)] =
                        words[Int.random(in: 0..<3, using: &draw)]
                }
                try sandbox.write(name, text(edits))
            }
            try sandbox.git("add", "-A")
            try sandbox.git("commit", "-qm", side)
        }
        try commit("base")
        try sandbox.git("checkout", "-q", "-b", "side")
        try commit("side")
        try sandbox.git("checkout", "-q", "main")
        try commit("main")
        let repository = try sandbox.open()
        func changes() throws -> [Change] {
            try repository.changes(
                merging: #require(try repository.branches("side").first), into: "main",
                at: repository.mainTip())
        }
        let git = TestProgram("git", in: sandbox.path)
        let told = try git("merge-tree", "--write-tree", "--name-only", "main", "side").output
        let conflicts = told.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .prefix { !$0.isEmpty }.map(String.init)
        let error = #expect(throws: GitError.self) { try changes() }
        #expect(error?.paths.sorted() == conflicts.sorted())
        #expect((5..<names.count - 5).contains(conflicts.count), "\(conflicts.count)")

        try git.run(["checkout", "-q", "side", "--"] + conflicts).checked()
        try sandbox.git("commit", "-qm", "theirs")
        let tip = try repository.mainTip()
        let published = try repository.publish(
            Publication(
                changes: changes(), branch: "main", message: CommitMessage("Merge side"),
                signature: flow, time: noon,
                merging: #require(try repository.branches("side").first).tip))
        #expect(published.commit != nil)
        try sandbox.git("checkout", "-q", "-b", "check", tip.hex)
        try sandbox.git("merge", "-q", "--no-edit", "side")
        #expect(
            try sandbox.git("rev-parse", "check^{tree}") == sandbox.git("rev-parse", "main^{tree}"))
    }

    @Test("what is no text is not joined")
    func binary() throws {
        let sandbox = try Sandbox()
        let lines = (0..<9).map { "line \($0)\n" }
        func commit(_ first: String, _ last: String) throws {
            try sandbox.commit("blob", first + lines.joined() + last)
        }
        try commit("\u{0}a\n", "z\n")
        try sandbox.git("checkout", "-q", "-b", "side")
        try commit("\u{0}a\n", "side\n")
        try sandbox.git("checkout", "-q", "main")
        try commit("\u{0}main\n", "z\n")
        let repository = try sandbox.open()
        let side = try #require(try repository.branches("side").first)
        let error = #expect(throws: GitError.self) {
            try repository.checkMerge(of: side, into: "main", at: repository.mainTip())
        }
        #expect(error?.code == .conflict && error?.paths == ["blob"])
    }

    @Test("histories without a common commit are left to git")
    func unrelated() throws {
        let (sandbox, repository, _) = try sandbox(main: [], side: [])
        try sandbox.git("checkout", "-q", "--orphan", "other")
        try sandbox.git("commit", "-qm", "other")
        let other = try #require(try repository.branches("other").first)
        let tip = try repository.mainTip()
        let error = #expect(throws: GitError.self) {
            try repository.changes(merging: other, into: "main", at: tip)
        }
        #expect(error?.code == .invalid)
    }

    @Test("a new file's executable bit travels with its change")
    func executable() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let blob = try repository.writeBlob(Array("#!/bin/sh\n".utf8))
        let change = try Change(path: "run", blob: blob, base: nil, isExecutable: true)
        #expect(try Change(json: change.json) == change)
        var publication = try repository.publication([])
        publication.changes = [change]
        _ = try repository.publish(publication)
        #expect(try sandbox.git("ls-files", "-s", "run").hasPrefix("100755 "))
        #expect(try sandbox.status() == "")
    }
}
