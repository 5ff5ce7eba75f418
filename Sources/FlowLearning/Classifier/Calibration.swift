/// How decisions become probabilities.
enum Calibration: Sendable, Hashable {
    /// A sigmoid for each column of each member, made to sum to 1, then the members' mean:
    /// scikit-learn's `CalibratedClassifierCV(method='sigmoid', ensemble=True)`.
    case sigmoids([[Sigmoid]])
    /// One softmax over the decisions of the only member. `isFitted`: whether its sharpness was
    /// fitted to held-out rows; else it is 1 and the probabilities mean little more than an order.
    case softmax(sharpness: Double, isFitted: Bool)

    /// One probability a label from each member's decisions.
    func probabilities(_ decisions: [[Double]]) -> [Double] {
        switch self {
        case .sigmoids(let sigmoids):
            var sums = Self.normalised(sigmoids[0], decisions[0])
            for member in 1..<sigmoids.count {
                let more = Self.normalised(sigmoids[member], decisions[member])
                for place in sums.indices { sums[place] += more[place] }
            }
            return sums.map { $0 / Double(sigmoids.count) }
        case .softmax(let sharpness, _):
            return Softmax.probabilities(Self.perLabel(decisions[0]), sharpness: sharpness)
        }
    }

    /// The decision for each label; two labels share one column, with opposite signs.
    static func perLabel(_ decisions: [Double]) -> [Double] {
        decisions.count == 1 ? [-decisions[0], decisions[0]] : decisions
    }

    private static func normalised(_ sigmoids: [Sigmoid], _ decisions: [Double]) -> [Double] {
        let raw = zip(sigmoids, decisions).map { $0.probability($1) }
        if raw.count == 1 { return [1 - raw[0], raw[0]] }
        let sum = raw.reduce(0, +)
        return sum > 0
            ? raw.map { $0 / sum } : raw.map { _ in 1 / Double(raw.count) }
    }
}
