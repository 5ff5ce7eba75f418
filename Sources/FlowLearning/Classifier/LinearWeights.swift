/// The weights of linear classifiers that learned the same labels: how much each term speaks for
/// each label.
struct LinearWeights: Sendable, Hashable {
    /// Labels, at least 2. With 2 there is one column, which speaks for the second label.
    let classes: Int
    let features: Int
    /// How many classifiers there are.
    let members: Int
    /// By feature, then by member, then by column: a text touches only the lines of its terms, and
    /// each once.
    let coefficients: [Float]
    /// By member, then by column.
    let intercepts: [Double]

    var columns: Int { classes == 2 ? 1 : classes }

    /// How far the text is on each column's side, member after member: its weights times the row,
    /// plus the intercept.
    func decisions(_ row: SparseRow) -> [Double] {
        var result = intercepts
        let width = intercepts.count
        result.withUnsafeMutableBufferPointer { result in
            coefficients.withUnsafeBufferPointer { coefficients in
                // In bounds: a row's columns are features, each of which has `width` coefficients.
                func line(_ place: Int) -> (UnsafePointer<Float>, Double) {
                    // There is a line, so there is an address.
                    let start = coefficients.baseAddress.unsafelyUnwrapped
                    return (start + Int(row.columns[place]) * width, Double(row.values[place]))
                }
                // Four terms a round, added one after the other: a sum is fetched once for them.
                var place = 0
                while place + 4 <= row.columns.count {
                    let (a, u) = line(place)
                    let (b, v) = line(place + 1)
                    let (c, w) = line(place + 2)
                    let (d, x) = line(place + 3)
                    for at in 0..<width {
                        let sum = result[at] + u * Double(a[at]) + v * Double(b[at])
                        result[at] = sum + w * Double(c[at]) + x * Double(d[at])
                    }
                    place += 4
                }
                while place < row.columns.count {
                    let (a, u) = line(place)
                    for at in 0..<width { result[at] += u * Double(a[at]) }
                    place += 1
                }
            }
        }
        return result
    }

    /// What one feature adds to the decision for a label, the members' mean.
    func coefficient(_ feature: Int, for label: Int) -> Double {
        let column = classes == 2 ? 0 : label
        let sum = (0..<members).reduce(0) {
            $0 + Double(coefficients[feature * intercepts.count + $1 * columns + column])
        }
        return (classes == 2 && label == 0 ? -sum : sum) / Double(members)
    }
}
