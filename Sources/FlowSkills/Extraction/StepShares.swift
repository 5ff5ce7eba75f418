internal import FlowStatistics
internal import Glibc

/// In how many executions of a pattern each of its steps is.
///
/// Noise takes steps out too, of all about as many: a step that is required is there with the share `r`
/// that all such steps have together. One that is optional is also left out by itself, in one execution
/// in five or more: it is there with a share that is unknown, up to 0.8 `r`. Each step is what makes its
/// count more likely, averaged over the unknown share (Bayes factors: Kass and Raftery 1995), so that few
/// executions need no other rule than many.
struct StepShares {
    let counts: [Int]
    /// One at least.
    let executions: Int
    private static let mostThere = 0.8

    /// Which steps are optional, so that `required` of them, which are there most, are not.
    ///
    /// None is optional that is there more often than one that is not: of m steps m ways are tried, in
    /// O(m²).
    func optional(required: Int) -> [Bool] {
        var isOptional = counts.map { _ in false }
        guard required > 0, counts.count > required else { return isOptional }
        let order = counts.indices.sorted { (counts[$0], -$0) > (counts[$1], -$1) }
        var best: (likelihood: Double, required: Int) = (-.infinity, counts.count)
        var there = order[..<(required - 1)].reduce(0) { $0 + counts[$1] }
        for number in required...counts.count {
            there += counts[order[number - 1]]
            let all = number * executions
            let share = Double(there) / Double(all)
            // what is left out more seldom is required, however surely that is no noise
            let most = Self.mostThere * share * Double(executions)
            if number < counts.count, Double(counts[order[number]]) > most { continue }
            let likelihood =
                order[number...].reduce(logarithm(share, there, of: all) - choices(of: number)) {
                    $0 + optional(counts[$1], share)
                }
            if likelihood >= best.likelihood { best = (likelihood, number) }
        }
        for slot in order[best.required...] { isOptional[slot] = true }
        return isOptional
    }

    /// The logarithm of the number of ways to choose so many steps: all are together as likely
    /// beforehand as all ways to choose another number, so that among many steps none is optional by
    /// chance (Scott and Berger 2010).
    private func choices(of number: Int) -> Double {
        let all = Double(counts.count)
        return Gamma.logarithm(all + 1) - Gamma.logarithm(Double(number) + 1)
            - Gamma.logarithm(all - Double(number) + 1)
    }

    /// The logarithm of the likelihood of a share.
    private func logarithm(_ share: Double, _ count: Int, of all: Int) -> Double {
        (count > 0 ? Double(count) * log(share) : 0)
            + (count < all ? Double(all - count) * log(1 - share) : 0)
    }

    /// Likewise for a step that is optional.
    private func optional(_ count: Int, _ share: Double) -> Double {
        let (a, b) = (Double(count) + 1, Double(executions - count) + 1)
        let most = Self.mostThere * share
        return Gamma.logarithm(a) + Gamma.logarithm(b) - Gamma.logarithm(a + b)
            + log(BetaDistribution(a, b).cumulative(most) / most)
    }
}
