/// The procedure of Benjamini and Hochberg (1995) for many tests at once.
package enum FalseDiscovery {
    /// Which hypotheses are rejected so that at most `level` of the rejections are wrong on
    /// average: those up to the largest k with p₍ₖ₎ ≤ k·level/n. Ties are treated alike; the order
    /// of the input does not matter. Costs O(n log n).
    package static func rejected(_ p: [Double], level: Double) -> [Bool] {
        let sorted = p.sorted()
        let count = Double(p.count)
        let last = sorted.indices.last { sorted[$0] <= Double($0 + 1) * level / count }
        guard let last else { return p.map { _ in false } }
        return p.map { $0 <= sorted[last] }
    }
}
