/// Probabilities from the decisions of all labels at once: softmax(sharpness * decisions).
enum Softmax {
    static func probabilities(_ decisions: [Double], sharpness: Double) -> [Double] {
        let highest = decisions.max() ?? 0
        let raised = decisions.map { FixedMath.exp(sharpness * ($0 - highest)) }
        let sum = raised.reduce(0, +)
        return raised.map { $0 / sum }
    }

    /// The sharpness (1 / temperature) under which the labels of held-out rows are likeliest.
    ///
    /// The targets are Platt's, for many labels: (n + 1) / (n + k) for the row's own label and
    /// 1 / (n + k) for each other, n rows, k labels; so rows that are all right do not make it
    /// infinite. The loss is convex in the sharpness: Newton's method within 0.01 … 100.
    static func fit(_ decisions: [[Double]], labels: [Int]) -> Double {
        guard let classes = decisions.first?.count else { return 1 }
        let low = 1 / Double(labels.count + classes)
        let high = Double(labels.count + 1) * low
        var sharpness = 1.0
        for _ in 0..<100 {
            var (slope, curvature) = (0.0, 1e-12)
            for (row, label) in zip(decisions, labels) {
                let p = probabilities(row, sharpness: sharpness)
                let mean = zip(p, row).reduce(0) { $0 + $1.0 * $1.1 }
                let sum = row.reduce(0, +)
                slope += mean - (low * (sum - row[label]) + high * row[label])
                curvature += zip(p, row).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
            }
            let next = min(100, max(0.01, sharpness - slope / curvature, sharpness / 2))
            let limited = min(next, sharpness * 2)
            if abs(limited - sharpness) <= 1e-12 * sharpness { break }
            sharpness = limited
        }
        return sharpness
    }
}
