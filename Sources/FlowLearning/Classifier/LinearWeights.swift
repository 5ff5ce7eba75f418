/// The weights of one linear classifier: how much each term speaks for each label.
struct LinearWeights: Sendable, Hashable {
    /// Labels, at least 2. With 2 there is one column, which speaks for the second label.
    let classes: Int
    let features: Int
    /// By feature, then by column: a text touches only the lines of its terms.
    let coefficients: [Float]
    /// By column.
    let intercepts: [Double]

    var columns: Int { classes == 2 ? 1 : classes }

    /// How far the text is on each column's side: its weights times the row, plus the intercept.
    func decisions(_ row: SparseRow) -> [Double] {
        var result = intercepts
        let columns = columns
        result.withUnsafeMutableBufferPointer { result in
            coefficients.withUnsafeBufferPointer { coefficients in
                // In bounds: a row's columns are features, each of which has `columns` coefficients.
                for (feature, value) in zip(row.columns, row.values) {
                    let start = Int(feature) * columns
                    let value = Double(value)
                    for column in 0..<columns {
                        result[column] += value * Double(coefficients[start + column])
                    }
                }
            }
        }
        return result
    }

    /// What one feature adds to the decision for a label.
    func coefficient(_ feature: Int, for label: Int) -> Double {
        classes == 2
            ? Double(coefficients[feature]) * (label == 1 ? 1 : -1)
            : Double(coefficients[feature * columns + label])
    }
}
