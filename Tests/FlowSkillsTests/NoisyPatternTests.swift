import FlowTestSupport
import Testing

@testable import FlowSkills

/// What a log with noise in it still says.
@Suite("Patterns in noise")
struct NoisyPatternTests {
    @Test(
        "noise takes out of all steps as many; what is left out more than that is optional",
        arguments: [
            // all alike, however few that is
            ([9, 10, 9, 10], 10, ""), ([60, 55, 62, 58], 100, ""),
            // one of few executions that lacks a step says nothing, half of them do
            ([10, 9, 10, 10], 10, ""), ([10, 5, 10, 10], 10, "1"),
            ([95, 50, 92, 35, 94], 100, "1 3"), ([62, 30, 58, 60], 100, "1"),
            // what is left out more seldom than in one of five is required, also without noise
            ([1000, 940, 1000, 1000], 1000, ""), ([1000, 790, 1000, 1000], 1000, "1"),
            // three steps are left in any case
            ([100, 10, 10, 10], 100, "3"), ([100, 1, 1], 100, ""),
        ] as [([Int], Int, String)])
    func optional(counts: [Int], executions: Int, optional: String) {
        let found = StepShares(counts: counts, executions: executions).optional(required: 3)
        let shown = found.indices.filter { found[$0] }.map(String.init)
        #expect(shown.joined(separator: " ") == optional)
    }

    @Test("many steps need more to call one of them optional")
    func multiplicity() {
        func isOptional(of steps: Int) -> Bool {
            let counts = [5] + Array(repeating: 9, count: steps - 1)
            return StepShares(counts: counts, executions: 10).optional(required: 3)[0]
        }
        #expect(isOptional(of: 4) && !isOptional(of: 4000))
    }

    /// The patterns of a log in which these runs do these steps.
    private func patterns(_ runs: [[Int]]) -> [String] {
        var reader = EventLogReader()
        reader.begin("log")
        for (number, run) in runs.enumerated() {
            for (seq, step) in run.enumerated() {
                let line =
                    #"{"run":"\#(number)","seq":\#(seq),"type":"tool.called","name":"\#(step)"}"#
                reader.add(Array((line + "\n").utf8))
            }
        }
        reader.end()
        return Extraction(reader.finish().log).procedures.map { procedure in
            procedure.steps.map { $0.name + ($0.isOptional ? "?" : "") }.joined(separator: " ")
        }
    }

    @Test(
        "a step at which runs fail is a step of the procedure, however many fail there",
        arguments: [4, 2], [true, false])
    func failing(_ stride: Int, _ isTold: Bool) throws {
        var reader = EventLogReader()
        reader.begin("log")
        func add(_ line: String) { reader.add(Array((line + "\n").utf8)) }
        for run in 0..<40 {
            let isFailing = run % stride == 0
            for (seq, name) in ["checkout", "build", "review", "publish"].enumerated() {
                let hasFailed = isFailing && name == "publish"
                if hasFailed && !isTold { continue }
                add(
                    #"{"run":"\#(run)","seq":\#(seq),"type":"tool.called","name":"\#(name)","#
                        + #""status":"\#(hasFailed ? "failure" : "success")"}"#)
            }
            add(
                #"{"run":"\#(run)","seq":9,"type":"run.finished","#
                    + #""status":"\#(isFailing ? "failure" : "success")"}"#)
        }
        reader.end()
        let found = Extraction(reader.finish().log).procedures
        let procedure = try #require(found.first)
        #expect(found.count == 1)
        #expect(procedure.steps.map(\.name) == ["checkout", "build", "review", "publish"])
        #expect(procedure.steps.allSatisfy { !$0.isOptional })
        #expect(procedure.evidence.begun == 40)
        #expect(procedure.evidence.support == 40 - 40 / stride)
        #expect(procedure.evidence.success?.succeeded == 40 - 40 / stride)
    }

    @Test("of options side by side each is found")
    func neighbours() {
        let runs: [[Int]] = (0..<24).map { number in
            [0, 1] + (number % 2 == 0 ? [2] : []) + (number % 3 == 0 ? [3] : []) + [4, 5]
        }
        #expect(patterns(runs) == ["0 1 2? 3? 4 5"])
    }

    @Test("a step that changes places with the next at times is required, and stands there once")
    func moved() {
        let runs: [[Int]] = (0..<24).map { number in
            var run = [0, 1, 2, 3, 4]
            if number % 3 == 0 { run.swapAt(number / 3 % 4, number / 3 % 4 + 1) }
            return run
        }
        #expect(patterns(runs) == ["0 1 2 3 4"])
    }

    @Test("a habit that begins like a frequent one is not taken for that one gone wrong")
    func shared() {
        let runs = (0..<140).map { number in
            [0, 1, 2] + (number % 7 == 0 ? [3, 4, 5] : [6, 7])
        }
        #expect(Set(patterns(runs)) == ["0 1 2 6 7", "0 1 2 3 4 5"])
    }

    @Test("with two steps in five wrong a pattern is whole, no fragment stands beside it")
    func noisy() {
        let seed: UInt64 = 20_261_201
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        func other() -> Int { Int.random(in: 7..<27, using: &draw) }
        let runs: [[Int]] = (0..<300).map { _ in
            var run = [other()]
            for step in 0..<7 {
                if step == 3, Bool.random(using: &draw) { continue }
                switch Int.random(in: 0..<10, using: &draw) {
                case 0: continue
                case 1: run.append(other())
                case 2: run += [other(), step]
                case 3: run.insert(step, at: run.count - 1)
                default: run.append(step)
                }
            }
            return run + [other()]
        }
        #expect(patterns(runs) == ["0 1 2 3? 4 5 6"])
    }
}
