import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

/// Where `Scripts/setup test` puts statsmodels.
private let oracle = Path.join(BuiltPrograms.checkout, ".build/oracles/bin/python3")

@Suite("The test of two rates against statsmodels")
struct RateTestOracleTests {
    /// Reads `[before, after, ratio]` a line, writes p.
    static let program = """
        import json, sys
        from statsmodels.stats.rates import test_poisson_2indep
        for line in sys.stdin:
            before, after, ratio = json.loads(line)
            result = test_poisson_2indep(
                after, ratio, before, 1, value=1, method="cond-midp", compare="ratio",
                alternative="smaller")
            print(repr(float(result.pvalue)))
        """

    @Test(
        "mid-p values of 1,000 random tables are statsmodels' to 1e-6",
        .enabled(if: Files.isExecutable(oracle), "Scripts/setup test could not install statsmodels")
    )
    func agrees() throws {
        let seed: UInt64 = 6
        var draw = SeededGenerator(seed: seed)
        let tables = (0..<1000).map { _ in
            (
                before: Int.random(in: 0...120, using: &draw),
                after: Int.random(in: 0...120, using: &draw),
                ratio: Double.random(in: 0.05...4, using: &draw)
            )
        }
        let input = tables.map { "[\($0.before), \($0.after), \($0.ratio)]\n" }.joined()
        let python = TestProgram(oracle, in: "/")
        let lines = try python("-c", Self.program, input: input).checked().output
            .split(separator: "\n")
        #expect(lines.count == tables.count)
        for (table, line) in zip(tables, lines) {
            let p = RateTest.midP(
                before: Double(table.before), after: Double(table.after), ratio: table.ratio)
            let theirs = try #require(Double(line))
            #expect(abs(p - theirs) <= 1e-6, "seed \(seed): \(table): \(p), not \(theirs)")
        }
    }
}
