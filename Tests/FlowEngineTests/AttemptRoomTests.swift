import FlowEngine
import FlowSystem
import Testing

/// `--max-parallel` bounds how many attempts run at once, `resources: {cpus}` shares the processors.
@Suite struct AttemptRoomTests {
    /// What starts in each second; every attempt takes one.
    private static func rounds(
        _ nodes: String, attempts: Int, processors: Int
    ) throws -> [[String]] {
        var simulation = try Simulation("flow: 1\nnodes:\n\(nodes)\n")
        simulation.capacity = attempts
        simulation.processors = processors
        let trace = try simulation.run()
        #expect(trace.runner.violations == [])
        let times = Set(trace.runner.started.map(\.time)).sorted()
        return times.map { time in
            trace.runner.started.filter { $0.time == time }.map(\.name)
        }
    }

    private static func nodes(_ names: String, _ cpus: Int?) -> String {
        let resources = cpus.map { ", resources: {cpus: \($0)}" } ?? ""
        return names.map { "  \($0): {run: [do]\(resources)}" }.joined(separator: "\n")
    }

    @Test("more attempts than processors are allowed to those that do not say what they take")
    func many() throws {
        let rounds = try Self.rounds(Self.nodes("abcdef", nil), attempts: 5, processors: 2)
        #expect(rounds.map(\.count) == [5, 1])
    }

    @Test("however many attempts may run, cpus are those of the machine", arguments: [3, 8, 200])
    func packing(_ attempts: Int) throws {
        #expect(
            try Self.rounds(Self.nodes("abcde", 1), attempts: attempts, processors: 2)
                == [["a", "b"], ["c", "d"], ["e"]])
        #expect(
            try Self.rounds(Self.nodes("abc", 2), attempts: attempts, processors: 3)
                == [["a"], ["b"], ["c"]])
    }

    @Test("few attempts do not make the machine smaller")
    func few() throws {
        #expect(
            try Self.rounds(Self.nodes("abc", 4), attempts: 2, processors: 8)
                == [["a", "b"], ["c"]])
    }

    @Test("what wants more than there is runs alone, and is not overtaken for ever")
    func large() throws {
        let nodes = Self.nodes("ab", 1) + "\n" + Self.nodes("c", 9) + "\n" + Self.nodes("de", 1)
        #expect(
            try Self.rounds(nodes, attempts: 4, processors: 3) == [["a", "b"], ["c"], ["d", "e"]])
    }

    @Test("as many attempts as processors: one that takes two leaves no room beside it")
    func usual() throws {
        let nodes = Self.nodes("a", 2) + "\n" + Self.nodes("bc", nil)
        #expect(try Self.rounds(nodes, attempts: 2, processors: 2) == [["a"], ["b", "c"]])
    }
}
