import FlowStatistics
import Testing

/// Values of SciPy 1.17 (`scipy.stats.beta`, `.t`, `.norm`, `scipy.special.gammaln`), 15 digits.
@Suite struct DistributionTests {
    private func expect(_ value: Double, _ oracle: Double, within error: Double = 1e-12) {
        #expect(abs(value - oracle) <= error * max(1, abs(oracle)), "\(value) is not \(oracle)")
    }

    @Test("Beta's cumulative probabilities are SciPy's")
    func beta() {
        expect(BetaDistribution(0.5, 0.5).cumulative(0.3), 0.36901011956554536)
        expect(BetaDistribution(3, 11).cumulative(0.5), 0.98876953125)
        expect(BetaDistribution(84, 43).cumulative(0.6), 0.0743213004578467)
        expect(BetaDistribution(1000.5, 998.25).cumulative(0.49), 0.17246614806055105)
        expect(BetaDistribution(0.05, 7).cumulative(0.001), 0.7985246662663213)
        expect(BetaDistribution(0.5, 12.5).quantile(0.975), 0.18530593831248504, within: 1e-10)
        expect(BetaDistribution(84.5, 43.5).quantile(0.025), 0.5762110973809542, within: 1e-10)
        expect(BetaDistribution(1, 30).quantile(0.2), 0.007410524033695074, within: 1e-10)
    }

    @Test("a Beta without weight on one side has all of it on the other")
    func emptySides() {
        #expect(BetaDistribution(0, 3).cumulative(0.2) == 1)
        #expect(BetaDistribution(3, 0).cumulative(0.2) == 0)
        #expect(BetaDistribution(3, 0).cumulative(1) == 1)
    }

    @Test("Student's t is SciPy's, also with part of a degree of freedom")
    func studentT() {
        expect(StudentT(degreesOfFreedom: 1).cumulative(-3), 0.10241638234956672)
        expect(StudentT(degreesOfFreedom: 6.5).cumulative(2.2), 0.9666676165968294)
        expect(StudentT(degreesOfFreedom: 42).cumulative(-1.96), 0.028326389283415365)
        expect(StudentT(degreesOfFreedom: 6.5).quantile(0.975), 2.4020020079102764, within: 1e-10)
        expect(StudentT(degreesOfFreedom: 2000).quantile(0.975), 1.9611508260994377, within: 1e-10)
    }

    @Test("the normal distribution is SciPy's, and infinite at its ends")
    func normal() {
        expect(StandardNormal.cumulative(-6), 9.865876450376946e-10)
        expect(StandardNormal.cumulative(-1.5), 0.06680720126885807)
        expect(StandardNormal.cumulative(0.3), 0.6179114221889526)
        expect(StandardNormal.quantile(1e-09), -5.9978070150076865)
        expect(StandardNormal.quantile(0.025), -1.9599639845400545)
        expect(StandardNormal.quantile(0.7), 0.5244005127080407)
        expect(Gamma.logarithm(0.3), 1.0957979948180756)
        expect(Gamma.logarithm(1234.5), 7550.550901077894)
        #expect(StandardNormal.quantile(0) == -.infinity)
        #expect(StandardNormal.quantile(1) == .infinity)
        #expect(StandardNormal.cumulative(.infinity) == 1)
    }

    @Test("the mean over a normal variable is exact for its moments")
    func quadrature() {
        func moment(_ power: Int) -> Double {
            GaussHermite.mean(around: 0, deviation: 1) { x in
                (0..<power).reduce(1.0) { value, _ in value * x }
            }
        }
        let moments: [Double] = [1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945]
        for (power, exact) in moments.enumerated() { expect(moment(power), exact, within: 1e-10) }
        expect(GaussHermite.mean(around: 2, deviation: 3) { $0 * $0 }, 13)
    }

    @Test("Benjamini and Hochberg's procedure rejects what its definition rejects")
    func falseDiscovery() {
        let p = [0.01, 0.02, 0.03, 0.04, 0.9]
        #expect(FalseDiscovery.rejected(p, level: 0.05) == [true, true, true, true, false])
        // None is below its own bound, k · 0.05/5, before the fourth: that one takes them all along.
        #expect(
            FalseDiscovery.rejected([0.04, 0.035, 0.9, 0.03, 0.025], level: 0.05)
                == [true, true, false, true, true])
        #expect(FalseDiscovery.rejected([0.06, 0.2], level: 0.05) == [false, false])
        #expect(FalseDiscovery.rejected([], level: 0.05).isEmpty)
        #expect(FalseDiscovery.rejected([.infinity, 0.01], level: 0.05) == [false, true])
    }
}
