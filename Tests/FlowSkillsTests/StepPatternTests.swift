import FlowTestSupport
import Testing

@testable import FlowSkills

@Suite("Patterns of steps")
struct StepPatternTests {
    @Test("a run of one step a hundred thousand times is no harder than another")
    func deep() {
        let steps = [Int32](repeating: 0, count: 100_000)
        let index = RepeatIndex(steps: steps, starts: [0, 100_000], symbols: 1)
        var count = 0
        index.forEachRepeat(length: 3, support: 1) { one in
            count += 1
            #expect(Int(one.occurrences) == 100_001 - Int(one.length))
        }
        #expect(count == 99_997)
    }

    @Test(
        "what repeats a pattern is that pattern",
        arguments: [
            ([1, 2, 3], [1, 2, 3]), ([1, 2, 3, 1, 2, 3], [1, 2, 3]),
            ([1, 2, 3, 1, 2, 3, 1], [1, 2, 3]), ([1, 1, 1], [1]),
            ([1, 2, 3, 1, 2], [1, 2, 3]),
            ([1, 2, 3, 4, 1], [1, 2, 3, 4, 1]),
        ] as [([Int32], [Int32])])
    func root(word: [Int32], root: [Int32]) {
        #expect(StepPattern(word).root.symbols == root)
    }
}
