import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// Random changes to everything that a result depends on, each judged by a model that knows all that
/// was ever kept; `FLOW_SOAK` tries many more.
@Suite struct RandomCacheTests {
    private static let steps =
        Environment["FLOW_SOAK"].map { max(6000, Int($0) ?? 0) } ?? 250

    @Test("no false hit, no needless run, and every miss names exactly what changed")
    func trial() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var trial = try CacheTrial(seed: seed)
        for _ in 0..<Self.steps {
            try trial.step()
            guard trial.mistakes.isEmpty else { break }
        }
        print("cache trial, seed \(seed): \(trial.summary)")
        #expect(trial.mistakes == [], "seed \(seed)")
        #expect(trial.hits > Self.steps / 10 && trial.misses > Self.steps / 10)
    }
}

/// One course of changes and runs.
struct CacheTrial {
    private let bench: CacheBench
    private var generator: SeededGenerator
    /// What the outputs of each state were, by the state.
    private var kept: [State: [String: OutputFile]] = [:]
    /// The state of each leg's last time.
    private var last: [String: State] = [:]
    private(set) var mistakes: [String] = []
    private(set) var hits = 0
    private(set) var misses = 0
    private var atOnce = 0
    private var mended = 0
    private var done: [String] = []

    /// All that the result depends on: the fields, by the names that a miss gives them.
    private typealias State = [String: String]

    private struct OutputFile: Equatable {
        let text: String
        let mode: UInt32
    }

    private static let texts = ["a", "b", "c", "", "longer text"]
    private static let files = [
        "src/a.c", "src/b.c", "src/deep/c.c", "src/deep/er/d e.c", "src/é.c", "config",
    ]
    private static let actionFiles = ["act/action.yaml", "act/run.sh", "act/lib/.x"]

    init(seed: UInt64) throws {
        bench = try CacheBench()
        generator = SeededGenerator(seed: seed)
        for path in Self.files + Self.actionFiles { try bench.write(path, "a") }
    }

    var summary: String {
        "\(hits) hits (\(atOnce) at once), \(misses) misses (\(mended) of damaged objects)"
    }

    private mutating func any<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    // MARK: One step

    mutating func step() throws {
        done = []
        for _ in 0..<any([0, 1, 1, 1, 2, 4]) { try change() }
        if chance(20) { try harm() }
        if chance(10) { bench.reopen() }
        bench.leg = any(["", "", "x"])
        try run()
        // Until the records of the files have settled.
        if chance(10), bench.inputs == ["config", "src/a.c"] {
            done = []
            let before = atOnce
            let start = SystemClock().monotonic()
            while atOnce == before, mistakes.isEmpty,
                SystemClock().monotonic() - start < 50_000_000
            { try run() }
        }
    }

    private mutating func run() throws {
        let state = try state()
        let needsDamaged = try damaged(state)
        let fails = chance(5)
        let made = chance(90) ? made(of: state) : made(of: state).filter { $0.key != "out/deep/b" }
        let outcome = try bench.run {
            if fails { return nil }
            for (path, file) in made { try bench.write(path, file.text, mode: file.mode) }
            return ["digest": .string(made["out/a"]?.text ?? "")]
        }
        if outcome.ran { misses += 1 } else { hits += 1 }
        if outcome.atOnce { atOnce += 1 }
        judge(outcome, state, needsDamaged)
        guard !outcome.ran || !fails else { return }
        if outcome.ran { kept[state] = try onDisk() }
        last[bench.leg] = state
        for (path, file) in kept[state] ?? [:] where try onDisk()[path] != file {
            wrong("\(path) is not as it was kept")
        }
    }

    private mutating func judge(
        _ outcome: CacheBench.Outcome, _ state: State, _ damaged: String?
    ) {
        let known = kept[state]
        let came = outcome.ran ? outcome.misses : ["found \(outcome.from ?? "")"]
        if outcome.foreseen != came { wrong("\(outcome.foreseen) was foreseen, and \(came) came") }
        if !outcome.ran {
            if known == nil { wrong("a false hit") }
            let text = known?["out/a"]?.text
            if outcome.outputs["digest"]?.stringValue != text { wrong("a wrong output") }
            if damaged != nil { wrong("a hit with a damaged object") }
            return
        }
        if known != nil, damaged == nil { wrong("a needless run: \(outcome.misses)") }
        let expected: [String]
        if known != nil, let damaged {
            mended += 1
            expected = ["outputs: \(damaged) (its kept content is missing or damaged)"]
        } else if let then = last[bench.leg] {
            expected = Self.changes(then, state)
        } else {
            expected = [CacheMiss.first]
        }
        if outcome.misses != expected { wrong("it names \(outcome.misses), not \(expected)") }
    }

    private mutating func wrong(_ what: String) {
        mistakes.append("\(what), after \(done.joined(separator: ", "))")
    }

    private static func changes(_ then: State, _ now: State) -> [String] {
        Set(then.keys).union(now.keys).filter { then[$0] != now[$0] }.map { name in
            guard name.contains(": ") else { return name }
            return name
                + (then[name] == nil ? " (added)" : now[name] == nil ? " (removed)" : " (changed)")
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: The model

    private func state() throws -> State {
        var state: State = ["leg": bench.leg]
        switch bench.program {
        case .script(let text, let shell): (state["run"], state["shell"]) = (text, "\(shell)")
        case .arguments(let words): state["run"] = "\(words)"
        case .stage(let name): state["action"] = name
        case .action(let folder, let command):
            state["action"] = "\(folder) \(command)"
            for path in Self.actionFiles { state["action: \(path)"] = try content(path) }
        }
        for (name, value) in bench.input.members { state["with.\(name)"] = value.text() }
        for (name, value) in bench.environment { state["env.\(name)"] = value }
        for (name, value) in bench.passed where ["A", "B"].contains(name) {
            state["env-pass.\(name)"] = value
        }
        if !bench.workingFolder.isEmpty { state["working-directory"] = bench.workingFolder }
        if !bench.key.isNull { state["key"] = bench.key.text() }
        if !bench.outputs.isEmpty { state["cache.outputs"] = "\(bench.outputs)" }
        for path in Self.files + ["src/renamed.c"] {
            let isInput = bench.inputs.contains {
                $0 == path || path.hasPrefix($0.prefix { $0 != "*" }) && $0.hasSuffix("**")
            }
            if isInput { state["inputs: \(path)"] = try content(path) }
        }
        return state
    }

    private func content(_ path: String) throws -> String? {
        guard let mode = Files.mode(bench.path(path)) else { return nil }
        return "\(mode) " + (bench.text(path) ?? "")
    }

    /// What the command makes: files that show all that it saw.
    private func made(of state: State) -> [String: OutputFile] {
        let text = state.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "\n")
        return [
            "out/a": OutputFile(text: SHA256.hex(text.utf8), mode: 0o644),
            "out/deep/b": OutputFile(text: SHA256.hex("b\(text)".utf8), mode: 0o755),
            "out/same": OutputFile(text: "always", mode: 0o644),
        ]
    }

    private func onDisk() throws -> [String: OutputFile] {
        var files: [String: OutputFile] = [:]
        let globs = bench.outputs
        for path in ["out/a", "out/deep/b", "out/same", "out/own"] {
            guard globs.contains("out/**") || globs.contains(path),
                let text = bench.text(path), let mode = Files.mode(bench.path(path))
            else { continue }
            files[path] = OutputFile(text: text, mode: mode)
        }
        return files
    }

    /// The first file that would have to be restored from an object that is not right.
    private func damaged(_ state: State) throws -> String? {
        let now = try onDisk()
        for (path, file) in (kept[state] ?? [:]).sorted(by: { $0.key < $1.key })
        where now[path]?.text != file.text {
            let bytes = try? Files.read(object(file.text))
            if bytes != Array(file.text.utf8) { return path }
        }
        return nil
    }

    private func object(_ text: String) -> String {
        let name = SHA256.hex(text.utf8)
        return Path.join(bench.state.path, "objects/\(name.prefix(2))/\(name.dropFirst(2))")
    }

    // MARK: Changes

    private mutating func change() throws {
        switch Int.random(in: 0..<13, using: &generator) {
        case 0:
            bench.program = any([
                .script("make", shell: .sh), .script("make", shell: .bash),
                .script("make all", shell: .sh), .arguments(["make"]),
                .action(folder: "act", command: ["run.sh"]),
                .action(folder: "act", command: ["run.sh"]), .stage("skills/mine"),
            ])
            done.append("program \(bench.program)")
        case 1:
            bench.input[any(["limit", "mode"])] = any([1, "x", [1, 2], nil, ["a": 1]])
            done.append("with \(bench.input)")
        case 2:
            bench.environment[any(["MODE", "OPT", "X"])] = any(["a", "b", nil])
            done.append("env \(bench.environment)")
        case 3:
            bench.passed[any(["A", "B", "NOT"])] = any(["a", "b", nil])
            done.append("env-pass \(bench.passed)")
        case 4:
            bench.key = any([nil, 1, "1", ["a": 1]])
            done.append("key \(bench.key)")
        case 5:
            bench.workingFolder = any(["", "src"])
            done.append("folder \(bench.workingFolder)")
        case 6:
            bench.inputs = any([
                ["src/**", "config"], ["config", "src/a.c"], ["src/**"], ["config", "src/**"],
                ["config", "src/a.c"],
            ])
            done.append("inputs \(bench.inputs)")
        case 7:
            bench.outputs = any([["out/**"], ["out/**"], ["out/a", "out/same"]])
            done.append("outputs \(bench.outputs)")
        default: try changeFile()
        }
    }

    private mutating func changeFile() throws {
        let path = any(Self.files + Self.files + Self.actionFiles)
        let place = bench.path(path)
        let text = any(Self.texts)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0, 1:
            try bench.write(path, text)
            done.append("\(path) = \(text)")
        case 2:
            // In place, as an editor does: the same file, maybe of the same size.
            Self.overwrite(place, text)
            done.append("\(path) overwritten with \(text)")
        case 3:
            try Files.remove(place)
            done.append("\(path) removed")
        case 4:
            guard Files.exists(place) else { return }
            try Files.setMode(place, any([0o644, 0o755, 0o600]))
            done.append("\(path) mode")
        case 5:
            // Touched, or copied and back: no change.
            guard let text = bench.text(path), let mode = Files.mode(place) else { return }
            try bench.write(path, text, mode: mode)
            done.append("\(path) touched")
        default:
            guard Files.exists(place) else { return }
            try Files.move(place, to: bench.path("src/renamed.c"))
            done.append("\(path) renamed")
        }
    }

    /// Writes into the file that is there, or makes one.
    private static func overwrite(_ path: String, _ text: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    /// Harms what the last command made, or what is kept of it.
    private mutating func harm() throws {
        let path = any(["out/a", "out/deep/b", "out/same", "out/own"])
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            try Files.remove(bench.path(path))
            done.append("\(path) removed")
        case 1:
            try bench.write(path, any(Self.texts))
            done.append("\(path) edited")
        case 2:
            guard Files.exists(bench.path(path)) else { return }
            try Files.setMode(bench.path(path), 0o600)
            done.append("\(path) mode")
        case 3:
            try Files.remove(bench.path("out"))
            done.append("out removed")
        default:
            guard let file = kept.isEmpty ? nil : any(Array(kept.values)).values.first else {
                return
            }
            let object = object(file.text)
            guard Files.exists(object) else { return }
            let damage = any([nil, "", String(file.text.reversed())])
            if let damage { try Files.write(damage, to: object) } else { try Files.remove(object) }
            done.append("the object of \(file.text.prefix(8)) damaged")
        }
    }
}
