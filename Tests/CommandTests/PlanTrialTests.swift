import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow plan`, and then `flow run`, over random changes to a repository with caches: the run must do
/// what was said. `FLOW_SOAK` tries many more.
@Suite struct PlanTrialTests {
    private static let steps = Environment["FLOW_SOAK"].map { max(400, Int($0) ?? 0) } ?? 24

    @Test("a run does what its plan said, and a plan leaves open only what a command decides")
    func trial() throws {
        let seed = Environment["FLOW_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...(.max))
        var trial = try PlanTrial(seed: seed)
        for _ in 0..<Self.steps {
            try trial.step()
            guard trial.mistakes.isEmpty else { break }
        }
        print("plan trial, seed \(seed): \(trial.summary)")
        #expect(trial.mistakes == [], "seed \(seed)")
        #expect(trial.told["cached", default: 0] > Self.steps, "seed \(seed)")
    }
}

/// One course of changes, plans and runs.
struct PlanTrial {
    private let folder = Result { try TemporaryFolder() }
    private let flow: TestProgram
    private var generator: SeededGenerator
    private var done: [String] = []
    private(set) var mistakes: [String] = []
    /// How often each fate was told.
    private(set) var told: [String: Int] = [:]

    // What the next workflow and its params are.
    private var version: [String: Int] = [:]
    private var params = ["mode": "fast", "deep": "false", "limit": "2", "list": #"["a", "b"]"#]
    private var only: [String] = []

    private static let files = ["src/a.c", "src/b.c", "src/deep/c.c", "conf"]

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        flow = Demo.flow(in: try folder.get().path)
        for path in Self.files { try write(path, "a") }
        try write(
            "inner.yaml",
            """
            flow: 1
            params: {n: {type: integer}, mode: {type: string}}
            nodes:
              first:
                cache: {}
                env: {N: "${{ params.n }}"}
                run: echo "twice=$N$N" >> "$FLOW_OUTPUT"
              second:
                cache: {key: "${{ params.mode }}"}
                run: echo "mode=known" >> "$FLOW_OUTPUT"
              third: {needs: first, cache: {}, if: params.mode != 'off', run: [echo, "${{ needs.first.outputs.twice }}"]}
            outputs: {twice: "${{ needs.first.outputs.twice }}", mode: "${{ needs.second.outputs.mode }}"}
            """)
        try write("act/action.yaml", "inputs: {text: {type: string}}\nrun: [./do.sh]\n")
        try write("act/do.sh", "#!/bin/sh\necho \"said=$FLOW_NODE\" >> \"$FLOW_OUTPUT\"\n")
        try Files.setMode(path("act/do.sh"), 0o755)
    }

    var summary: String {
        told.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
    }

    private func path(_ name: String) throws -> String { try folder.get().at(name) }

    private func write(_ name: String, _ text: String) throws {
        try folder.get().write(name, text)
    }

    private func version(_ node: String) -> Int { version[node, default: 0] }

    /// Every node says its version, so that each can be changed alone.
    private var workflow: String {
        """
        flow: 1
        name: trial
        params:
          mode: {type: string}
          deep: {type: boolean}
          limit: {type: integer}
          list: {type: array}
        env: {MODE: "${{ params.mode }}"}
        nodes:
          lint: {cache: {inputs: ["src/**", conf]}, run: "echo \(version("lint"))"}
          build:
            cache: {inputs: ["src/**"], outputs: ["out/**"]}
            outputs: {n: {type: integer}}
            run: |
              mkdir -p out/sub; cat src/*.c > out/all || true; cp out/all out/sub/copy
              echo "n=$(ls src | wc -l)" >> "$FLOW_OUTPUT"; echo \(version("build"))
          pack:
            needs: build
            cache: {inputs: ["out/**", "!out/all"], outputs: [pkg/one], key: "${{ params.limit }}"}
            run: "mkdir -p pkg; cat out/sub/copy > pkg/one; echo \(version("pack"))"
          sum: {needs: pack, cache: {inputs: [pkg, conf]}, run: "echo \(version("sum"))"}
          count:
            needs: build
            cache: {}
            env: {N: "${{ needs.build.outputs.n }}"}
            outputs: {list: {type: array}, big: {type: boolean}}
            run: |
              echo "list=[$N, 7]" >> "$FLOW_OUTPUT"; echo "big=$([ "$N" -gt 2 ] && echo true || echo false)" >> "$FLOW_OUTPUT"
              echo \(version("count"))
          many:
            strategy: {matrix: {k: "${{ params.list }}"}}
            cache: {inputs: ["src/${{ matrix.k }}.c"]}
            run: [echo, "${{ matrix.k }}", "\(version("many"))"]
          fan:
            needs: count
            strategy: {matrix: {k: "${{ needs.count.outputs.list }}"}}
            cache: {}
            run: [echo, "${{ matrix.k }}", "\(version("fan"))"]
          sub:
            needs: count
            uses: ./inner.yaml
            with: {n: "${{ needs.count.outputs.list[0] }}", mode: "${{ params.mode }}"}
          after: {needs: sub, if: needs.sub.outputs.twice != '33', cache: {}, run: "echo \(version("after"))"}
          known: {needs: sub, if: needs.sub.outputs.mode == 'known', cache: {}, run: "echo \(version("known"))"}
          deep: {needs: count, if: params.deep && needs.count.outputs.big, cache: {}, run: "echo \(version("deep"))"}
          tail: {needs: deep, cache: {}, run: "echo \(version("tail"))"}
          always: {needs: deep, if: always(), cache: {}, run: "echo \(version("always"))"}
          rescue: {needs: [deep, pack], if: failure(), run: echo rescue}
          act: {uses: ./act, with: {text: "${{ params.mode }}"}, cache: {}}
          plain: {needs: act, run: "test ! -e broken; echo \(version("plain"))"}
          behind: {needs: plain, cache: {inputs: [conf]}, run: "echo \(version("behind"))"}
          beside: {needs: plain, cache: {}, run: "echo \(version("beside"))"}
          hash: {needs: pack, env: {H: "${{ hashFiles('pkg/*') }}"}, cache: {}, run: "echo \(version("hash"))"}

        """
    }

    // MARK: One step

    mutating func step() throws {
        done = []
        only = []
        for _ in 0..<Int.random(in: 0...3, using: &generator) { try change() }
        try write("w.yaml", workflow)
        var words = ["w.yaml"]
        for (name, value) in params.sorted(by: { $0.key < $1.key }) {
            words += ["-p", "\(name)=\(value)"]
        }
        words += only.flatMap { ["--from", $0] }
        let plan = try flow.run(["plan"] + words + ["--json"]).checked().jsonLines
        let run = try flow.run(["run"] + words)
        guard [0, 1].contains(run.exit) else { return wrong("the run ended with \(run)") }
        try judge(plan, PlanTrialRun(try flow("events", "last").checked().jsonLines))
    }

    private mutating func wrong(_ what: String) {
        mistakes.append("\(what), after \(done.joined(separator: ", ")); \(params)")
    }

    private mutating func any<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    private mutating func change() throws {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...2:
            let file = any(Self.files)
            let text = any(["a", "b", "c"])
            try write(file, text)
            done.append("\(file) = \(text)")
        case 3:
            let file = any(Self.files)
            try Files.remove(path(file))
            done.append("\(file) removed")
        case 4:
            let file = any(["out", "pkg", "out/all", "out/sub", "pkg/one"])
            try Files.remove(path(file))
            done.append("\(file) removed")
        case 5:
            guard Files.exists(try path("out/sub")) else { return }
            try write("out/sub/copy", "edited")
            done.append("out edited")
        case 6:
            let node = any([
                "lint", "build", "pack", "sum", "count", "many", "fan", "after", "tail", "always",
                "plain", "behind", "beside", "hash", "known",
            ])
            version[node] = any([0, 1, 2])
            done.append("version of \(node)")
        case 7: params["mode"] = any(["fast", "slow", "off"])
        case 8: params["deep"] = any(["true", "false"])
        case 9: params["list"] = any([#"["a", "b"]"#, #"["b", "c", "a"]"#, "[]"])
        case 10:
            only = any([[], ["count"], ["pack", "act"]])
            done.append("from \(only)")
        default: try harm()
        }
    }

    private mutating func harm() throws {
        if Files.exists(try path("broken")) {
            try Files.remove(path("broken"))
        } else if any([true, false]) {
            try write("broken", "")
            done.append("broken")
        } else {
            let objects = try path(".flow/objects")
            let found = Glob.files("*/*", below: objects)
            guard !found.isEmpty else { return }
            let object = any(found)
            try Files.write("damaged", to: Path.join(objects, object))
            done.append("object \(object.prefix(5)) damaged")
        }
    }

    // MARK: What was said and what came

    private mutating func judge(_ plan: [JSON], _ run: PlanTrialRun) throws {
        var needs: [String: [String]] = [:]
        for node in plan {
            let path = node["node"]?.stringValue ?? ""
            needs[path] = (node["needs"]?.arrayValue ?? []).compactMap(\.stringValue)
            if path.contains("/") { needs[path]?.append("count") }
            if path == "sub" { needs[path]?.append("sub/first") }
        }
        needs["sub"] = ["count"]
        for node in plan {
            let path = node["node"]?.stringValue ?? ""
            let above = Self.above(path, needs)
            // A plan takes it that what runs succeeds.
            if above.contains(where: run.failed.contains) { continue }
            let legs = node["legs"]?.arrayValue ?? []
            for said in legs.isEmpty ? [node] : legs {
                let fate = said["fate"]?.stringValue ?? ""
                told[fate, default: 0] += 1
                let name = path + (said["leg"]?.stringValue.map { "[\($0)]" } ?? "")
                let came = run.ends[name] ?? run.ends[path] ?? "nothing"
                check(name, fate, said, came)
                // What restored files come to is not hashed before they are there.
                let isHash = said["why"]?.stringValue?.hasSuffix("hashFiles()") == true
                if fate == "depends", !isHash, !above.contains(where: run.ran.contains) {
                    wrong("\(name) is left open, although nothing ran before it: \(said.text())")
                }
            }
        }
    }

    private mutating func check(_ name: String, _ fate: String, _ said: JSON, _ came: String) {
        let changes = (said["changes"]?.arrayValue ?? []).compactMap(\.stringValue)
        switch fate {
        case "runs" where name == "sub": break
        case "runs" where !changes.isEmpty:
            if came != "ran: \(changes)" { wrong("\(name): \(said.text()), but it \(came)") }
        case "runs": if !came.hasPrefix("ran") { wrong("\(name) runs, but it \(came)") }
        case "cached":
            let run = came.split(separator: " ").last ?? ""
            if !came.hasPrefix("cached"), !came.isEmpty {
                wrong("\(name) is cached, but it \(came)")
            } else if said["why"]?.stringValue?.hasSuffix(run) != true {
                wrong("\(name): \(said.text()), but it was \(came)")
            }
        case "skipped" where name.contains("/"):
            if !["nothing", "skipped"].contains(came) {
                wrong("\(name) is skipped, but it \(came)")
            }
        case "skipped": if came != "skipped" { wrong("\(name) is skipped, but it \(came)") }
        case "empty": if came != "nothing" { wrong("\(name) is empty, but it \(came)") }
        case "depends": break
        default: wrong("\(name) has the fate \(fate)")
        }
    }

    /// All that stands above a node.
    private static func above(_ path: String, _ needs: [String: [String]]) -> Set<String> {
        var seen: Set<String> = []
        var open = needs[path] ?? []
        while let next = open.popLast() {
            guard seen.insert(next).inserted else { continue }
            open += needs[next] ?? []
            // What is inside a workflow stands above what needs it.
            open += needs.keys.filter { $0.hasPrefix(next + "/") }
        }
        return seen
    }
}

/// What came of each node and leg of a run.
struct PlanTrialRun {
    private(set) var ends: [String: String] = [:]
    /// Nodes of which something ran, or failed.
    private(set) var ran: Set<String> = []
    private(set) var failed: Set<String> = []

    init(_ events: [JSON]) {
        var keys: [String: [String]] = [:]
        for event in events {
            guard let node = event["node"]?.stringValue, let data = event["data"] else { continue }
            switch event["type"]?.stringValue {
            case "node.expanded":
                keys[node] = (data["legs"]?.arrayValue ?? []).compactMap { $0["key"]?.stringValue }
            case "attempt.finished":
                let leg = event["leg"]?.intValue.flatMap { keys[node]?[$0] }
                let name = node + (leg.map { "[\($0)]" } ?? "")
                if let run = data["cached_from"]?.stringValue {
                    ends[name] = "cached \(run)"
                } else {
                    let misses = data["cache_misses"]?.arrayValue?.compactMap(\.stringValue)
                    ends[name] = "ran" + (misses.map { ": \($0)" } ?? "")
                    ran.insert(node)
                }
            case "node.finished":
                if data["result"] == "skipped" { ends[node] = "skipped" }
                // Of one without a matrix nothing else may stand there.
                if let run = data["cached_from"]?.stringValue, keys[node] == nil {
                    ends[node] = "cached \(run)"
                }
                if data["result"] == "failure" { failed.insert(node) }
            default: break
            }
        }
    }
}
