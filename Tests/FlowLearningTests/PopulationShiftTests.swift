import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("the population stability index")
struct PopulationShiftTests {
    @Test("by hand: half a count is in each cell")
    func byHand() throws {
        let shift = try #require(PopulationShift(["a": 9, "b": 9], ["a": 14, "b": 4]))
        // p = 0.5, 0.5; q = 14.5 / 19, 4.5 / 19: Σ (q - p) ln (q / p)
        #expect(abs(shift.index - 0.307_89) < 1e-4, "\(shift.index)")
        #expect(shift.isBeyond(0.2) == (shift.noise < 0.307_89))
        // χ²(1) is below 3.84 in 95 of 100 cases.
        #expect(abs(shift.noise - 3.84 * (1.0 / 18 + 1.0 / 18)) < 0.02, "\(shift.noise)")
    }

    @Test("nothing is compared where a side is empty or there is one kind")
    func nothing() {
        #expect(PopulationShift([String: Int](), ["a": 3]) == nil)
        #expect(PopulationShift(["a": 3], [:]) == nil)
        #expect(PopulationShift(["a": 3], ["a": 9]) == nil)
        #expect(PopulationShift(["a": 3], ["b": 9]) != nil)
    }

    @Test("draws from one distribution are seldom beyond, however few; another distribution is")
    func chance() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        func draw(_ count: Int, _ kinds: Int) -> [Int: Int] {
            (0..<count).reduce(into: [:]) { counts, _ in
                counts[Int.random(in: 0..<kinds, using: &generator), default: 0] += 1
            }
        }
        for count in [20, 200] {
            let beyond = (0..<400).count { _ in
                PopulationShift(draw(count, 10), draw(count, 10))?.isBeyond(0.2) ?? false
            }
            #expect(beyond < 60, "\(beyond) of 400 with \(count), seed \(seed)")
        }
        let moved = try #require(PopulationShift(draw(200, 10), draw(200, 4)))
        #expect(moved.isBeyond(0.2))
    }
}
