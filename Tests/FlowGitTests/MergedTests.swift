import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

/// What counts as merged, beside a merge.
@Suite struct MergedTests {
    private static let text = (1...20).map { "line \($0)\n" }.joined()

    /// A file of twenty lines, of which some were changed.
    private static func file(_ changes: [Int: String]) -> String {
        (1...20).map { "\(changes[$0] ?? "line \($0)")\n" }.joined()
    }

    /// A repository with a file of twenty lines, and a branch `side` that begins there.
    private struct Fork {
        let sandbox: Sandbox
        var git: GitProgram { sandbox.git }

        init() throws {
            sandbox = try Sandbox()
            try sandbox.commit("file", MergedTests.text, "twenty lines")
            try git("checkout", "-q", "-b", "side")
        }

        func onMain(_ work: () throws -> Void) throws {
            try git("checkout", "-q", "main")
            try work()
        }

        func squash() throws {
            try git("merge", "-q", "--squash", "side")
            try git("commit", "-qm", "squashed")
        }

        func isMerged() throws -> Bool {
            let repository = try sandbox.open()
            return try repository.isMerged(
                repository.requiredTip(of: "side"), into: repository.mainTip())
        }
    }

    @Test("a merge counts, by fast-forward too; before it nothing does")
    func merge() throws {
        for way in ["--ff-only", "--no-ff"] {
            let fork = try Fork()
            try fork.git("commit", "-q", "--allow-empty", "-m", "nothing")
            #expect(try !fork.isMerged())
            try fork.onMain { try fork.git("merge", "-q", way, "--no-edit", "side") }
            #expect(try fork.isMerged())
        }
    }

    @Test("a squash counts, whatever else the branch and the file met")
    func squash() throws {
        let fork = try Fork()
        try fork.sandbox.commit("file", Self.file([3: "three"]))
        try fork.sandbox.commit("file", Self.file([3: "drei"]))
        try fork.sandbox.commit("new", "new\n")
        try fork.sandbox.commit("empty", "full\n")
        try fork.sandbox.commit("empty", "")
        try fork.git("rm", "-q", "README")
        try fork.git("update-index", "--chmod=+x", "skills/one.yaml")
        try fork.git("commit", "-qm", "more")
        try fork.git("checkout", "-q", "-f", "side")
        try fork.onMain {
            try fork.sandbox.commit("file", Self.file([12: "twelve"]))
            #expect(try !fork.isMerged())
            try fork.squash()
            #expect(try fork.isMerged())
            // The same lines are changed again.
            try fork.sandbox.commit("file", Self.file([3: "tres", 12: "twelve"]))
            try fork.git("rm", "-q", "new")
            try fork.git("commit", "-qm", "without it")
        }
        #expect(try fork.isMerged())
    }

    @Test("commits that were rebased one by one count once all are there")
    func rebase() throws {
        let fork = try Fork()
        try fork.sandbox.commit("file", Self.file([3: "three"]))
        try fork.sandbox.commit("file", Self.file([3: "three", 8: "eight"]))
        try fork.onMain {
            try fork.sandbox.commit("file", Self.file([18: "eighteen"]))
            try fork.git("cherry-pick", "side~1")
            #expect(try !fork.isMerged())
            try fork.git("cherry-pick", "side")
            #expect(try fork.isMerged())
        }
    }

    @Test("what the branch has done since its squash is not merged")
    func movedOn() throws {
        let fork = try Fork()
        try fork.sandbox.commit("file", Self.file([3: "three"]))
        try fork.onMain { try fork.squash() }
        #expect(try fork.isMerged())
        try fork.git("checkout", "-q", "side")
        try fork.sandbox.commit("other", "more\n")
        #expect(try !fork.isMerged())
        try fork.onMain { try fork.squash() }
        #expect(try fork.isMerged())
    }

    @Test("a part of the branch is not the branch")
    func part() throws {
        let fork = try Fork()
        try fork.sandbox.commit("file", Self.file([3: "three", 8: "eight"]))
        try fork.git("update-index", "--chmod=+x", "skills/one.yaml")
        try fork.git("commit", "-qm", "mode")
        try fork.git("checkout", "-q", "-f", "side")
        try fork.onMain {
            try fork.sandbox.commit("file", Self.file([3: "three"]))
            #expect(try !fork.isMerged())
            try fork.sandbox.commit("file", Self.file([3: "three", 8: "acht"]))
            #expect(try !fork.isMerged())
            try fork.sandbox.commit("file", Self.file([3: "three", 8: "eight"]))
            // The mode is still missing.
            #expect(try !fork.isMerged())
            try fork.git("update-index", "--chmod=+x", "skills/one.yaml")
            try fork.git("commit", "-qm", "mode")
            #expect(try fork.isMerged())
        }
    }

    @Test("a state that the other branch had before the branch was made does not count")
    func older() throws {
        let fork = try Fork()
        try fork.onMain {
            try fork.sandbox.commit("file", Self.file([3: "three"]))
            try fork.sandbox.commit("file", Self.text)
        }
        try fork.git("checkout", "-q", "side")
        try fork.sandbox.write("file", Self.file([3: "three"]))
        let later = TestProgram(
            "git", in: fork.sandbox.path,
            environment: ["GIT_COMMITTER_DATE": "1700000001 +0000"])
        try later("commit", "-qam", "three").checked()
        #expect(try !fork.isMerged())
    }

    @Test("a branch that changes nothing counts by its commits only")
    func nothing() throws {
        let fork = try Fork()
        try fork.sandbox.commit("file", Self.file([3: "three"]))
        try fork.sandbox.commit("file", Self.text)
        try fork.onMain { try fork.sandbox.commit("other", "other\n") }
        #expect(try !fork.isMerged())
    }

    @Test("bytes that are no text count as a whole")
    func binary() throws {
        let fork = try Fork()
        try fork.sandbox.commit("data", "\u{0}\u{1}one\n\u{0}two\n")
        try fork.onMain {
            try fork.sandbox.commit("data", "\u{0}\u{1}one\n\u{0}two\n\u{0}three\n")
            #expect(try !fork.isMerged())
            try fork.sandbox.commit("data", "\u{0}\u{1}one\n\u{0}two\n")
            #expect(try fork.isMerged())
        }
    }

    @Test("a commit that is not there is an error")
    func missing() throws {
        let repository = try Sandbox().open()
        let absent = try #require(ObjectID(String(repeating: "7", count: 40)))
        let error = #expect(throws: GitError.self) {
            try repository.isMerged(absent, into: repository.mainTip())
        }
        #expect(error?.code == .notFound)
    }
}
