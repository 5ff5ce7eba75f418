import FlowJSON
import FlowSystem
import FlowTestSupport
import Synchronization
import Testing

/// `kill -9` of flow at a call of libgit2, or at a write within one, while it proposes, approves and
/// commits in a repository in which a person has work of their own.
///
/// `FLOW_SOAK` kills at every call and every write; else at one call in a hundred.
@Suite(.serialized) struct GitCrashTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let program = Path.join(BuiltPrograms.folder, "flow-stage")

    /// The library that stops a program at a call of libgit2 or at a write (`Tests/FaultyDisk`).
    private static func disturbance(_ wish: String) -> [String: String] {
        ["LD_PRELOAD": Path.join(BuiltPrograms.folder, "libFaultyDisk.so"), "FAULTY_DISK": wish]
    }

    /// Sanitizers want to be loaded first themselves. What else keeps the library from its work is a
    /// fault.
    private static let isSanitized: Bool = {
        let names = try? TestProgram("nm", in: "/")("-D", program).checked().lines
        return names?.contains { $0.hasSuffix(" __asan_init") || $0.hasSuffix(" __tsan_init") }
            ?? false
    }()

    /// What flow does in a trial, with the words of `flow-stage`.
    private enum Work: String, CaseIterable {
        case propose, approve, commit
    }

    /// A repository with open proposals, of which one is outdated, and what each work needs.
    private struct Start {
        let demo: Demo
        let id: String
        let inputs: [Work: JSON]
        /// A file that a person has changed and not added.
        static let edited = "workflows/retrain.yaml"

        init() throws {
            demo = try Demo(messages: ["order of customer refused", "disk is full", "no route"])
            try demo.integrate("-p", "top=2").checked()
            id = try #require(demo.proposals().first)
            let records = (0..<6).map { number -> JSON in
                [
                    "time": .string("2025-11-07T05:1\(number):00Z"), "level": "error",
                    "component": "app1", "message": "disk is full",
                ]
            }
            try Files.write(
                JSONLines.write(records), to: demo.at("datasets/samples/more.jsonl"))
            try demo.write("docs/old.md", "old\n")
            try demo.commitAll("more errors")
            try demo.integrate("--only", "mine").checked()
            let skills = try demo.events().output("candidates", of: "mine") ?? []
            inputs = [
                .propose: ["skills": skills], .commit: try Self.changes(demo),
            ]
            try Files.remove(demo.at(".flow"))
            // What a person has under way.
            try demo.write(Self.edited, "by hand\n")
            try demo.write("staged.txt", "staged\n")
            try demo.git("add", "staged.txt").checked()
            try demo.write("untracked.txt", "untracked\n")
        }

        private static func changes(_ demo: Demo) throws -> JSON {
            func blob(_ text: String) throws -> JSON {
                let made = try demo.git.run(["hash-object", "-w", "--stdin"], input: text)
                return .string(try made.checked().text)
            }
            func base(_ path: String) throws -> JSON {
                .string(try demo.git("rev-parse", "main:\(path)").text)
            }
            let changes: JSON = [
                ["path": "docs/new/page.md", "blob": try blob("new\n"), "base": nil],
                [
                    "path": "workflows/mine.yaml", "blob": try blob("flow: 1\n"),
                    "base": try base("workflows/mine.yaml"),
                ],
                ["path": "docs/old.md", "blob": nil, "base": try base("docs/old.md")],
            ]
            return ["changes": changes, "message": "Sync"]
        }
    }

    /// A copy of the repository in which one work is done.
    private struct Trial {
        let work: Work
        let demo: Demo
        private let folder: TemporaryFolder
        private let start: Start

        init(_ work: Work, _ start: Start) throws {
            self.work = work
            self.start = start
            demo = try Demo(copying: start.demo, inMemory: true)
            folder = try TemporaryFolder(inMemory: true)
            if let input = start.inputs[work] {
                try Files.write(input.bytes(), to: folder.at("input.json"))
            }
        }

        /// Does the work, disturbed as wished.
        func run(_ wish: String?) throws -> TestResult {
            for name in ["output", "events", "log"] { try Files.remove(folder.at(name)) }
            var program = TestProgram(
                GitCrashTests.program, in: demo.path,
                environment: [
                    "FLOW_WORKSPACE": demo.path, "FLOW_STATE": folder.at("state"),
                    "FLOW_NOW": Demo.now, "FLOW_RUN_ID": "r1", "FLOW_NODE": "node",
                    "FLOW_IDEMPOTENCY_KEY": "k1", "FLOW_INPUT": folder.at("input.json"),
                    "FLOW_OUTPUT": folder.at("output"), "FLOW_EVENTS": folder.at("events"),
                ])
            if let wish {
                program.environment.merge(GitCrashTests.disturbance(wish)) { $1 }
                program.environment["FAULTY_LOG"] = folder.at("log")
            }
            return try program.run(
                work == .approve ? ["command", "proposals", "approve", start.id] : ["git/\(work)"])
        }

        /// What the library has written of the last run.
        func log() -> String { (try? Files.text(folder.at("log"))) ?? "" }

        /// What must be the same in the end, whatever was killed.
        func end() throws -> [String] {
            let references = try demo.git(
                "for-each-ref", "--format=%(refname) %(tree)", "refs/heads"
            ).lines
            let commits = try demo.git("log", "--all", "--format=%s").lines.sorted()
            return references + commits
        }

        /// What is wrong after a crash and, `isDone`, after the work was done again.
        func faults(isDone: Bool) throws -> [String] {
            var faults: [String] = []
            let check = try demo.git("fsck", "--strict", "--no-dangling")
            if check.exit != 0 || check.errors.contains("error") { faults.append("\(check)") }
            let status = try demo.git("status", "--porcelain")
            if status.exit != 0 { faults.append("\(status)") }
            for (path, text) in [
                (Start.edited, "by hand\n"), ("staged.txt", "staged\n"),
                ("untracked.txt", "untracked\n"),
            ] where try demo.text(path) != text { faults.append("\(path) is lost") }
            guard isDone else { return faults }
            let expected = [" M \(Start.edited)", "?? untracked.txt", "A  staged.txt"]
            if status.lines.sorted() != expected { faults.append("status: \(status.output)") }
            for left in ["index.lock", "flow"] {
                let path = demo.at(".git/\(left)")
                let isThere = Files.exists(path) && (try? Files.list(path))?.isEmpty != true
                if isThere { faults.append("\(left) was left") }
            }
            let commit = try demo.git("commit", "-q", "-m", "by hand")
            let files = try demo.git("show", "--format=", "--name-only", "HEAD").lines
            if commit.exit != 0 || files != ["staged.txt"] { faults.append("\(commit) \(files)") }
            return faults
        }
    }

    @Test("the library that counts calls knows every function that flow calls of libgit2")
    func list() throws {
        let names = try TestProgram("nm", in: "/")("-D", Self.program).checked().lines.compactMap {
            line -> String? in
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == "U", words[1].hasPrefix("git_") else { return nil }
            return String(words[1].prefix { $0 != "@" })
        }
        let text = try Files.text(Path.join(BuiltPrograms.checkout, "Tests/FaultyDisk/calls.c"))
        #expect(!names.isEmpty)
        #expect(names.filter { !text.contains("PASSES(\"\($0)\")") } == [])
    }

    @Test(
        "killed anywhere, flow makes one commit and branch a key, and a person's work stays",
        .disabled(if: isSanitized, "a sanitizer must be loaded before all others"),
        arguments: Work.allCases)
    private func killed(_ work: Work) throws {
        let start = try Start()
        let undisturbed = try Trial(work, start)
        try undisturbed.run("call:1000000").checked()
        let calls = try #require(Int(undisturbed.log().prefix { $0 != " " }))
        let end = try undisturbed.end()
        #expect(try undisturbed.faults(isDone: true) == [])

        let step = Self.isSoak ? 1 : 100
        let first = Int.random(in: 0..<step)
        print("\(work): \(calls) calls of libgit2, killed at one in \(step), the first \(first)")
        let kills = Kills(work, start, end)
        let places = Mutex(Array(stride(from: first, to: calls, by: step)))
        try inParallel { _ in
            while let place = places.withLock({ $0.popLast() }) {
                _ = try kills.at("call:\(place)")
            }
        }
        let writes = Mutex(0)
        try inParallel { _ in
            var isKilled = true
            while isKilled {
                let write = writes.withLock { count in
                    count += 1
                    return count - 1
                }
                isKilled = try kills.at("kill:\(write)")
            }
        }
        kills.show()
        #expect(kills.faults == [])
    }

    /// Kills one work and looks what comes of it.
    private final class Kills: Sendable {
        private let work: Work
        private let start: Start
        private let end: [String]
        private let found = Mutex(Found())

        private struct Found {
            /// Kills by the function of libgit2 that was called.
            var histogram: [String: Int] = [:]
            var faults: [String] = []
        }

        /// - Parameter end: how the work ends that nobody disturbs.
        init(_ work: Work, _ start: Start, _ end: [String]) {
            self.work = work
            self.start = start
            self.end = end
        }

        var faults: [String] { found.withLock { $0.faults } }

        /// Kills the work at one place and does it again; false where it ended before that place.
        func at(_ wish: String) throws -> Bool {
            let trial = try Trial(work, start)
            if try trial.run(wish).exit != nil { return false }
            let name = wish.hasPrefix("call") ? trial.log().withoutNewline : "write"
            var faults = try trial.faults(isDone: false)
            let again = try trial.run(nil)
            if again.exit != 0 { faults.append("\(again)") }
            let end = try trial.end()
            if end != self.end { faults.append("another end: \(end)") }
            faults += try trial.faults(isDone: true)
            let all = faults.map { "\(wish) at \(name): \($0)" }
            found.withLock {
                $0.histogram[name, default: 0] += 1
                $0.faults += all
            }
            return true
        }

        func show() {
            let counts = found.withLock { $0.histogram }
                .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            print("\(work): \(counts.reduce(0) { $0 + $1.value }) kills")
            for (name, count) in counts { print("  \(count)\t\(name)") }
        }
    }
}

extension String {
    fileprivate var withoutNewline: String {
        var rest = self[...]
        while rest.last?.isNewline == true { rest.removeLast() }
        return String(rest)
    }
}
