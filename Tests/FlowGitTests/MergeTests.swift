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
