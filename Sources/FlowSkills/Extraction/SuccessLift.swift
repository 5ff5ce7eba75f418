internal import FlowStatistics
internal import Glibc

/// Whether runs that follow a procedure succeed more often than the others.
///
/// Two tests must both say so. One compares runs of like length, since a run that fails early has had
/// time for little: Fisher's exact test in strata of length, one-sided. There a run follows the
/// procedure if it completed it, or began it and had a step of it fail. The other compares all runs
/// that began it with all that did not, whatever became of it, so that a procedure which breaks runs
/// gains nothing from those it did not break. Each alone keeps its level, so the larger p does.
package struct SuccessLift: Sendable, Hashable {
    package struct Share: Sendable, Hashable {
        package let runs: Int
        package let succeeded: Int
        /// nil: there are no such runs.
        package var rate: Double? { runs == 0 ? nil : Double(succeeded) / Double(runs) }
    }

    /// Runs that follow it, of those whose end is known.
    package let following: Share
    /// All other runs whose end is known.
    package let others: Share
    /// The larger p-value of the two tests; 1 where nothing can be compared.
    package let p: Double
    /// Whether the procedure may be offered as one that raises success: Benjamini and Hochberg at 5 %
    /// over all procedures of the extraction.
    package internal(set) var isRaising = false

    /// The rate of those that follow it over that of the others; nil where that is none or 0.
    package var ratio: Double? {
        guard let rate = following.rate, let other = others.rate, other > 0 else { return nil }
        return rate / other
    }

    /// A run whose end is known.
    struct Run {
        let isFollowing: Bool
        let hasBegun: Bool
        let hasSucceeded: Bool
        let stratum: Int
    }

    /// Of runs that nobody compared.
    static let unknown = SuccessLift(
        following: Share(runs: 0, succeeded: 0), others: Share(runs: 0, succeeded: 0), p: 1)

    init(following: Share, others: Share, p: Double, isRaising: Bool = false) {
        self.following = following
        self.others = others
        self.p = p
        self.isRaising = isRaising
    }

    init(_ runs: some Sequence<Run>, strata: Int) {
        var byLength = Array(repeating: Table(), count: max(1, strata))
        var begun = Table()
        for run in runs {
            byLength[run.stratum].add(run.isFollowing, run.hasSucceeded)
            begun.add(run.hasBegun, run.hasSucceeded)
        }
        let all = byLength.reduce(Table()) { $0 + $1 }
        following = Share(runs: all.exposed, succeeded: all.both)
        others = Share(runs: all.total - all.exposed, succeeded: all.succeeded - all.both)
        p = max(Table.p(byLength), Table.p([begun]))
    }

    /// The strata of runs by length: ten with about as many runs in each.
    static func strata(_ lengths: [Int]) -> (of: [Int], count: Int) {
        let sorted = lengths.sorted()
        let cuts = sorted.isEmpty ? [] : (1..<10).map { sorted[$0 * sorted.count / 10] }
        return (lengths.map { length in cuts.count { $0 <= length } }, cuts.count + 1)
    }
}

/// A table of two by two: exposed or not, succeeded or not.
private struct Table {
    var total = 0
    var exposed = 0
    var succeeded = 0
    var both = 0

    mutating func add(_ isExposed: Bool, _ hasSucceeded: Bool) {
        total += 1
        if isExposed { exposed += 1 }
        if hasSucceeded { succeeded += 1 }
        if isExposed, hasSucceeded { both += 1 }
    }

    static func + (one: Table, other: Table) -> Table {
        Table(
            total: one.total + other.total, exposed: one.exposed + other.exposed,
            succeeded: one.succeeded + other.succeeded, both: one.both + other.both)
    }

    private var least: Int { max(0, exposed + succeeded - total) }
    private var most: Int { min(exposed, succeeded) }

    /// P(this many successes of exposed ones or more), with the margins of each stratum given: exact
    /// where that is quick, by Mantel and Haenszel's normal approximation with a correction for
    /// continuity beyond.
    static func p(_ strata: [Table]) -> Double {
        let telling = strata.filter { $0.most > $0.least }
        guard !telling.isEmpty else { return 1 }
        let observed = telling.reduce(0) { $0 + $1.both }
        let width = telling.reduce(1) { $0 + $1.most - $1.least }
        if width <= 2000 || telling.count == 1 { return exact(telling, observed) }
        var (mean, variance) = (0.0, 0.0)
        for table in telling {
            let (n, m, k) = (Double(table.total), Double(table.exposed), Double(table.succeeded))
            mean += m * k / n
            variance += m * k * (n - m) * (n - k) / (n * n * (n - 1))
        }
        return StandardNormal.cumulative(-(Double(observed) - 0.5 - mean) / variance.squareRoot())
    }

    private static func exact(_ tables: [Table], _ observed: Int) -> Double {
        var sum: [Double] = [1]
        var least = 0
        for table in tables {
            let own = table.probabilities
            var next = [Double](repeating: 0, count: sum.count + own.count - 1)
            for (place, p) in sum.enumerated() where p > 0 {
                for (other, q) in own.enumerated() { next[place + other] += p * q }
            }
            sum = next
            least += table.least
        }
        return min(1, sum.dropFirst(max(0, observed - least)).reduce(0, +))
    }

    /// The hypergeometric distribution from `least` to `most`.
    private var probabilities: [Double] {
        func choose(_ n: Int, _ k: Int) -> Double {
            Gamma.logarithm(Double(n + 1)) - Gamma.logarithm(Double(k + 1))
                - Gamma.logarithm(Double(n - k + 1))
        }
        let all = choose(total, exposed)
        return (least...most).map {
            exp(choose(succeeded, $0) + choose(total - succeeded, exposed - $0) - all)
        }
    }
}
