import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The desk in repositories that are not plain clones: what works in one works in all, or says why it
/// does not before anything is written.
@Suite struct RepositoryKindTests {
    enum Kind: String, CaseIterable {
        case sparse, partial, linked, submodule
    }

    enum Publishing: String, CaseIterable {
        case commit
        case pullRequest = "pull-request"
    }

    /// Of a sparse checkout.
    private static let folders = ["datasets", "workflows"]

    private static func sparse(_ url: String, _ words: [String] = []) throws -> Demo {
        let demo = try Demo(cloning: url, ["--sparse"] + words)
        try demo.git.run(["sparse-checkout", "set", "--cone"] + folders).checked()
        return demo
    }

    /// A bare remote, and a repository of some kind that fetches from it.
    private struct Bench {
        private let owner: TemporaryFolder
        let hub: TestProgram
        let demo: Demo
        /// The repository that a linked work tree belongs to.
        private let main: Demo?
        let kind: Kind

        private static let start = Result {
            let demo = try Demo(messages: ["order of customer refused", "disk is full"])
            try demo.write("library/large.txt", "large\n")
            try demo.commitAll("library")
            return demo
        }

        init(_ kind: Kind, _ publishing: Publishing = .commit) throws {
            self.kind = kind
            owner = try TemporaryFolder()
            let source = try Demo(copying: Self.start.get())
            try source.write("flow.yaml", "publish: \(publishing.rawValue)\n")
            try source.commitAll("settings")
            let place = owner.at("hub.git")
            try source.git("clone", "-q", "--bare", source.path, place).checked()
            hub = TestProgram("git", in: place)
            try hub("config", "uploadpack.allowFilter", "true").checked()
            (demo, main) = try Self.make(kind, "file://" + place, owner)
        }

        private static func make(_ kind: Kind, _ url: String, _ owner: TemporaryFolder) throws
            -> (Demo, Demo?)
        {
            switch kind {
            case .sparse: return (try RepositoryKindTests.sparse(url), nil)
            case .partial: return (try Demo(cloning: url, ["--filter=blob:none"]), nil)
            case .linked:
                let main = try Demo(cloning: url)
                try main.git("switch", "-q", "-c", "elsewhere").checked()
                return (try Demo(linkedTo: main, "main"), main)
            case .submodule:
                let library = TestProgram("git", in: owner.at("library"))
                try Files.makeFolder(library.folder)
                try library("init", "-q", "-b", "main").checked()
                try Files.write("theirs\n", to: Path.join(library.folder, "theirs.txt"))
                try library("add", "-A").checked()
                try library(
                    "-c", "user.name=Eve", "-c", "user.email=eve@example.org", "commit", "-qm",
                    "theirs"
                ).checked()
                let demo = try Demo(cloning: url)
                try demo.git("submodule", "--quiet", "add", library.folder, "vendor/library")
                    .checked()
                try demo.commitAll("submodule")
                try demo.git("push", "-q").checked()
                return (demo, nil)
            }
        }

        /// More errors, from elsewhere.
        func happen() throws {
            let there = try Demo(cloning: hub.folder)
            let records = (0..<3).map { number -> JSON in
                [
                    "time": .string("2025-11-07T05:1\(number):00Z"), "level": "error",
                    "component": "app0", "message": "order of customer refused",
                ]
            }
            try Files.write(
                JSONLines.write(records), to: there.at("datasets/samples/more.jsonl"))
            try there.commitAll("more errors")
            try there.git("push", "-q").checked()
        }

        func onHub() throws -> [String] {
            try hub("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").lines
        }

        func expectSound(_ location: SourceLocation = #_sourceLocation) throws {
            try demo.expectSound(location)
            let check = try hub("fsck", "--strict", "--no-dangling")
            #expect(check.exit == 0, "\(check)", sourceLocation: location)
            guard kind == .sparse else { return }
            let folders = try Files.list(demo.path).filter {
                Files.kind(demo.at($0)) == .folder && !$0.hasPrefix(".")
            }
            #expect(
                folders.sorted() == RepositoryKindTests.folders, "it stays sparse",
                sourceLocation: location)
        }
    }

    @Test(
        "proposals are made, updated, approved and published, and all is as git would have it",
        arguments: Kind.allCases, Publishing.allCases)
    func loop(_ kind: Kind, _ publishing: Publishing) throws {
        let bench = try Bench(kind, publishing)
        let target = publishing == .commit ? "main" : "flow/sync"
        try bench.demo.integrate().checked()
        let ids = try bench.demo.proposals()
        #expect(ids.count == 2)
        #expect(try Set(bench.onHub()).isSuperset(of: ids.map { "proposal/\($0)" }))
        try bench.expectSound()

        // One is updated by more evidence, which a fetch brings.
        try bench.happen()
        try bench.demo.integrate().checked()
        let updated = try bench.demo.events().output("updated", of: "propose")?.arrayValue ?? []
        let id = try #require(updated.first?["id"]?.stringValue)
        #expect(updated.count == 1)
        let branch = "proposal/\(id)"
        #expect(try bench.hub("rev-parse", branch).text == bench.demo.head(branch))
        try bench.expectSound()

        // The default branch takes an approval, which a protected one would get by a pull request.
        if publishing == .commit {
            try bench.demo.flow("proposals", "approve", id).checked()
        } else {
            let there = try Demo(cloning: bench.hub.folder)
            try there.git("merge", "-q", "--no-ff", "-m", "Merge", "origin/\(branch)").checked()
            try there.git("push", "-q", "origin", "main", ":\(branch)").checked()
        }
        try bench.expectSound()
        try bench.demo.integrate().checked()
        #expect(try bench.demo.skills(at: target)[id]?["status"] == "approved")
        #expect(try bench.hub("rev-parse", target).text == bench.demo.head(target))
        #expect(try bench.hub("rev-parse", "main").text == bench.demo.head("main"))
        try bench.expectSound()
    }

    @Test(
        "in a clone without the content that is needed flow says so, and how to get it",
        arguments: [false, true])
    func lacking(isSparse: Bool) throws {
        let first = try Bench(.partial)
        try first.demo.integrate().checked()
        let url = "file://" + first.hub.folder
        let filter = ["--filter=blob:none"]
        let clone = try isSparse ? Self.sparse(url, filter) : Demo(cloning: url, filter)
        let before = try clone.git("for-each-ref").output
        let remedy = "git fetch --refetch --no-filter origin"
        for words in [["proposals", "list"], ["run", "integrate.yaml", "--now", Demo.now]] {
            let result = try clone.flow.run(words)
            #expect(result.exit == 1)
            #expect((result.output + result.errors).contains("'\(remedy)'"), "\(result)")
        }
        #expect(try clone.git("for-each-ref").output == before)
        try clone.git.run(remedy.split(separator: " ").dropFirst().map(String.init)).checked()
        #expect(try clone.flow("proposals", "list", "--json").checked().jsonLines.count == 2)
        try clone.integrate().checked()
        try clone.expectSound()
    }
}

/// Stages in a bare repository, as a server may run them.
@Suite struct BareRepositoryTests {
    private struct Bench {
        let owner: TemporaryFolder
        let hub: TestProgram
        /// What the miner offers.
        let skills: JSON

        init(settings: String) throws {
            let demo = try Demo(messages: ["order of customer refused", "disk is full"])
            try demo.write("flow.yaml", settings)
            try demo.commitAll("settings")
            try demo.integrate("--only", "mine").checked()
            skills = try #require(demo.events().output("candidates", of: "mine"))
            owner = try TemporaryFolder()
            let place = owner.at("hub.git")
            try demo.git("clone", "-q", "--bare", demo.path, place).checked()
            hub = TestProgram("git", in: place)
            try hub("config", "user.name", "Ada").checked()
            try hub("config", "user.email", "ada@example.org").checked()
        }

        func stage(_ reference: String, _ input: JSON) throws {
            try Files.write(input.bytes(), to: owner.at("input.json"))
            try TestProgram(
                Path.join(BuiltPrograms.folder, "flow-stage"), in: hub.folder,
                environment: [
                    "FLOW_WORKSPACE": hub.folder, "FLOW_STATE": owner.at("state"),
                    "FLOW_NOW": Demo.now, "FLOW_RUN_ID": "r1", "FLOW_NODE": "node",
                    "FLOW_IDEMPOTENCY_KEY": "k1", "FLOW_INPUT": owner.at("input.json"),
                    "FLOW_OUTPUT": owner.at("output"),
                ]
            )(reference).checked()
        }

        /// `git/commit` of a new file.
        func commit() throws {
            let blob = try hub.run(["hash-object", "-w", "--stdin"], input: "new\n").checked().text
            try stage(
                "git/commit",
                [
                    "changes": [["path": "new.txt", "blob": .string(blob), "base": nil]],
                    "message": "Sync",
                ])
        }

        func expectSound() throws {
            #expect(try hub("fsck", "--strict", "--no-dangling").exit == 0)
            #expect(!Files.exists(Path.join(hub.folder, "new.txt")))
        }
    }

    @Test("a bare repository takes proposals, approvals, rejections and commits")
    func bare() throws {
        let bench = try Bench(settings: "publish: commit\n")
        try bench.stage("git/propose", ["skills": bench.skills])
        let ids = try bench.hub(
            "for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/proposal"
        )
        .lines
        #expect(ids.count == 2)
        let flow = Demo.flow(in: bench.hub.folder)
        let list = try flow("proposals", "list", "--json").checked().jsonLines
        #expect(list.compactMap { $0["id"]?.stringValue }.sorted() == ids)
        try flow("proposals", "approve", ids[0]).checked()
        try flow("proposals", "reject", ids[1], "--reason", "no").checked()
        try bench.commit()
        #expect(try bench.hub("show", "main:new.txt").text == "new")
        let subjects = try bench.hub("log", "--first-parent", "-3", "--format=%s", "main").lines
        #expect(subjects == ["Sync", "Reject \(ids[1])", "Merge proposal/\(ids[0])"])
        try bench.expectSound()
    }

    @Test("what the settings of a bare repository protect takes no commit")
    func protected() throws {
        let bench = try Bench(settings: "publish: pull-request\n")
        let main = try bench.hub("rev-parse", "main").text
        try bench.commit()
        #expect(try bench.hub("rev-parse", "main", "flow/sync^").lines == [main, main])
        #expect(try bench.hub("show", "flow/sync:new.txt").text == "new")
        try bench.expectSound()
    }
}
