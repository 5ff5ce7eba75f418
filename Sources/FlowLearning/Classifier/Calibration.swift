/// How decisions become probabilities.
enum Calibration: Sendable, Hashable {
    /// A sigmoid for each column of each member, made to sum to 1, then the members' mean:
    /// scikit-learn's `CalibratedClassifierCV(method='sigmoid', ensemble=True)`.
    case sigmoids([[Sigmoid]])
    /// One softmax over the decisions of the only member. `isFitted`: whether its sharpness was
    /// fitted to held-out rows; else it is 1 and the probabilities mean little more than an order.
    case softmax(sharpness: Double, isFitted: Bool)

    /// One probability a label from the decisions, member after member.
    func probabilities(_ decisions: [Double]) -> [Double] {
        switch self {
        case .sigmoids(let sigmoids):
            let columns = sigmoids[0].count
            var sums = [Double](repeating: 0, count: columns == 1 ? 2 : columns)
            for (member, own) in sigmoids.enumerated() {
                Self.add(own, decisions[(member * columns)..<((member + 1) * columns)], &sums)
            }
            for place in sums.indices { sums[place] /= Double(sigmoids.count) }
            return sums
        case .softmax(let sharpness, _):
            return Softmax.probabilities(Self.perLabel(decisions), sharpness: sharpness)
        }
    }

    /// The decision for each label; two labels share one column, with opposite signs.
    static func perLabel(_ decisions: [Double]) -> [Double] {
        decisions.count == 1 ? [-decisions[0], decisions[0]] : decisions
    }

    /// Adds a member's probabilities, which sum to 1.
    private static func add(
        _ sigmoids: [Sigmoid], _ decisions: ArraySlice<Double>, _ sums: inout [Double]
    ) {
        let raw = zip(sigmoids, decisions).map { $0.probability($1) }
        if raw.count == 1 {
            sums[0] += 1 - raw[0]
            sums[1] += raw[0]
            return
        }
        let sum = raw.reduce(0, +)
        for place in sums.indices {
            sums[place] += sum > 0 ? raw[place] / sum : 1 / Double(raw.count)
        }
    }
}
