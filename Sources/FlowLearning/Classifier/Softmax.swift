internal import FlowSystem

/// Probabilities from the decisions of all labels at once: softmax(sharpness * decisions).
enum Softmax {
    static func probabilities(_ decisions: [Double], sharpness: Double) -> [Double] {
        let highest = decisions.max() ?? 0
        let raised = decisions.map { FixedMath.exp(sharpness * ($0 - highest)) }
        let sum = raised.reduce(0, +)
        return raised.map { $0 / sum }
    }

    /// The sharpness (1 / temperature; Guo et al., ICML 2017) under which the labels of `count`
    /// held-out rows are likeliest. `decisions` gives a row's decisions, one a label, its label and
    /// its weight.
    ///
    /// The targets are Platt's, for many labels: (n + 1) / (n + k) for the row's own label and
    /// 1 / (n + k) for each other, n rows, k labels; so rows that are all right do not make it
    /// infinite. The loss is convex in the sharpness: Newton's method within 0.01 … 100. Rows are
    /// summed up in blocks of one size, so `threads` change no bit.
    static func fit(
        _ count: Int, threads: Int = 1,
        _ decisions: @Sendable (Int) -> (row: [Double], label: Int, weight: Double)
    ) -> Double {
        guard count > 0 else { return 1 }
        let classes = decisions(0).row.count
        let low = 1 / Double(count + classes)
        let high = Double(count + 1) * low
        var sharpness = 1.0
        for _ in 0..<100 {
            let now = sharpness
            let blocks = PosixMutex(
                Array(repeating: (0.0, 0.0), count: (count + blockSize - 1) / blockSize))
            Thread.forEach((count + blockSize - 1) / blockSize, threads: threads) { block in
                var (slope, curvature) = (0.0, 0.0)
                for place in (block * blockSize)..<min(count, (block + 1) * blockSize) {
                    let (row, label, weight) = decisions(place)
                    let p = probabilities(row, sharpness: now)
                    let mean = zip(p, row).reduce(0) { $0 + $1.0 * $1.1 }
                    let others = row.reduce(0, +) - row[label]
                    slope += weight * (mean - (low * others + high * row[label]))
                    curvature +=
                        weight * zip(p, row).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
                }
                blocks.withLock { $0[block] = (slope, curvature) }
            }
            let (slope, curvature) = blocks.withLock {
                $0.reduce((0, 1e-12)) { ($0.0 + $1.0, $0.1 + $1.1) }
            }
            let next = min(100, max(0.01, sharpness - slope / curvature, sharpness / 2))
            let limited = min(next, sharpness * 2)
            if abs(limited - sharpness) <= 1e-12 * sharpness { break }
            sharpness = limited
        }
        return sharpness
    }

    private static let blockSize = 512
}
