internal import FlowJSON

/// How probable answers were said to be, against how often they were right, in bins.
package struct Calibrated: Sendable, Hashable {
    /// Probabilities above `from` up to and with `to`.
    package struct Bin: Sendable, Hashable {
        package let from: Double
        package let to: Double
        package fileprivate(set) var rows = 0
        package fileprivate(set) var right = 0
        fileprivate var sum = 0.0

        /// The mean of what was said; 0 without rows.
        package var probability: Double { rows == 0 ? 0 : sum / Double(rows) }
        /// The share that was right; 0 without rows.
        package var accuracy: Double { rows == 0 ? 0 : Double(right) / Double(rows) }
    }

    /// 15 equal-width ones from 0 to 1; the first holds 0 too.
    package let bins: [Bin]
    package let expectedError: Double

    private static let count = 15

    init(_ answers: [Evaluation.Answer]) {
        let width = 1 / Double(Self.count)
        var bins = (0..<Self.count).map {
            Bin(from: Double($0) * width, to: Double($0 + 1) * width)
        }
        for answer in answers {
            let place = Int((answer.probability * Double(Self.count)).rounded(.up)) - 1
            let bin = min(Self.count - 1, max(0, place))
            bins[bin].rows += 1
            bins[bin].right += answer.isRight ? 1 : 0
            bins[bin].sum += answer.probability
        }
        self.bins = bins
        let distance = bins.reduce(0) { $0 + abs(Double($1.right) - $1.sum) }
        expectedError = answers.isEmpty ? 0 : distance / Double(answers.count)
    }

    /// The bins that have rows: `[{from, to, rows, probability, accuracy}]`.
    var json: JSON {
        .array(
            bins.filter { $0.rows > 0 }.map {
                [
                    "from": .number($0.from), "to": .number($0.to), "rows": .integer($0.rows),
                    "probability": .number($0.probability), "accuracy": .number($0.accuracy),
                ]
            })
    }
}
