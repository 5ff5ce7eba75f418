import FlowTestSupport
import Testing

@testable import FlowStore

/// How long nodes take.
@Suite struct DurationTests {
    @Test("the first durations count alike, later ones follow what changes, workflows stand apart")
    func mean() throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        #expect(try store.durations(of: "w") == [:])
        for value in [100, 200, 300] { try store.keep(durations: ["a/b": value], of: "w") }
        #expect(try store.durations(of: "w") == ["a/b": 200])
        try store.keep(durations: ["a/b": 7, "c": 1], of: "other")
        for _ in 0..<30 { try store.keep(durations: ["a/b": 1000, "c": 0], of: "w") }
        let kept = try sandbox.store().durations(of: "w")
        #expect(kept["c"] == 0)
        #expect((995...1000).contains(kept["a/b"] ?? 0))
        #expect(try store.durations(of: "other") == ["a/b": 7, "c": 1])
    }

    @Test("ten thousand nodes are kept and read in one go")
    func many() throws {
        let store = try Sandbox().store()
        let all = Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("node-\($0)", $0) })
        try store.keep(durations: all, of: "w")
        #expect(try store.durations(of: "w") == all)
    }
}
