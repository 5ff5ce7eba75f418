/// One column of a linear support vector machine: the weights that tell its rows from all others.
///
/// Dual coordinate descent for the squared hinge loss with a cost of each row's own (Hsieh, Chang,
/// Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM",
/// ICML 2008, Algorithm 3, with its shrinking). It minimises
/// w·w / 2 + sum of cost × max(0, 1 - sign × w·x)², where x has a last feature of value 1, the
/// intercept, which is regularised like the others. The optimum is unique.
///
/// Sums are taken in one fixed order and rows are visited in an order that comes from a fixed seed,
/// so the result is the same bits for the same calls, on every processor.
struct DualDescent {
    /// What is known of one row in one column; 32 bytes, so that a visit touches one cache line.
    private struct Dual {
        /// +1 or -1.
        var sign = 0.0
        var alpha = 0.0
        /// 1 / (2 × cost).
        var diagonal = 0.0
        /// What a step along this coordinate is divided by: x·x + diagonal.
        var curvature = 1.0
    }

    /// The most passes over the rows; a column that needs more is left as it is then.
    private static let mostPasses = 10_000

    private let rows: SparseRows
    private let features: Int
    private var duals: [Dual]
    /// By feature, then the intercept.
    private(set) var weights: [Double]

    /// Starts from zero. Takes 32 bytes a row and 8 a feature; no row is copied.
    init(_ rows: SparseRows, features: Int) {
        self.rows = rows
        self.features = features
        duals = Array(repeating: Dual(), count: rows.count)
        weights = Array(repeating: 0, count: features + 1)
    }

    /// x·x of each row, the intercept's 1 among it.
    static func squaredLengths(_ rows: SparseRows) -> [Double] {
        (0..<rows.count).map { row in
            rows.values[rows.starts[row]..<rows.starts[row + 1]]
                .reduce(1) { $0 + Double($1) * Double($1) }
        }
    }

    /// How far a row is on the positive side.
    func decision(_ row: Int) -> Double {
        rows.columns.withUnsafeBufferPointer { columns in
            rows.values.withUnsafeBufferPointer { values in
                weights.withUnsafeBufferPointer { weights in
                    Self.product(columns, values, rows.starts[row]..<rows.starts[row + 1], weights)
                }
            }
        }
    }

    /// Finds the optimum over the rows `chosen`, from where the last call ended.
    ///
    /// `costs` and `isPositive` are asked for chosen rows only; costs are above zero. It ends when
    /// the projected gradients of all rows lie within `tolerance` of each other.
    /// - Returns: whether the tolerance was reached.
    mutating func solve(
        _ chosen: [Int32], squaredLengths: [Double], costs: (Int) -> Double,
        isPositive: (Int) -> Bool, tolerance: Double
    ) -> Bool {
        var fresh = Array(repeating: Dual(), count: rows.count)
        for row in chosen.map({ Int($0) }) {
            let diagonal = 0.5 / costs(row)
            fresh[row] = Dual(
                sign: isPositive(row) ? 1 : -1, alpha: duals[row].alpha, diagonal: diagonal,
                curvature: squaredLengths[row] + diagonal)
        }
        duals = fresh
        return descend(chosen, tolerance)
    }

    // MARK: the loop over rows

    /// Buffers without bounds checks: every row is one of `rows`, whose starts, columns and values
    /// fit each other, and every column is below `features`, the intercept's place in `weights`.
    private mutating func descend(_ chosen: [Int32], _ tolerance: Double) -> Bool {
        var order = chosen
        let (rows, features) = (rows, features)
        weights = Array(repeating: 0, count: features + 1)
        return rows.starts.withUnsafeBufferPointer { starts in
            rows.columns.withUnsafeBufferPointer { columns in
                rows.values.withUnsafeBufferPointer { values in
                    duals.withUnsafeMutableBufferPointer { duals in
                        weights.withUnsafeMutableBufferPointer { weights in
                            order.withUnsafeMutableBufferPointer { order in
                                let descent = Buffers(
                                    starts: starts, columns: columns, values: values, duals: duals,
                                    weights: weights, order: order)
                                descent.addAll(chosen)
                                let isSettled = descent.run(tolerance, passes: Self.mostPasses)
                                descent.addAll(chosen)
                                return isSettled
                            }
                        }
                    }
                }
            }
        }
    }

    private struct Buffers {
        let starts: UnsafeBufferPointer<Int>
        let columns: UnsafeBufferPointer<Int32>
        let values: UnsafeBufferPointer<Float>
        let duals: UnsafeMutableBufferPointer<Dual>
        let weights: UnsafeMutableBufferPointer<Double>
        let order: UnsafeMutableBufferPointer<Int32>

        /// The weights that belong to the alphas there are. Steps leave rounding behind them; this
        /// leaves 0 for a term that no row with an alpha has.
        func addAll(_ chosen: [Int32]) {
            weights.update(repeating: 0)
            for row in chosen where duals[Int(row)].alpha > 0 {
                add(duals[Int(row)].alpha * duals[Int(row)].sign, Int(row))
            }
        }

        func run(_ tolerance: Double, passes: Int) -> Bool {
            var random = Permutation()
            var active = order.count
            // A row at its bound whose gradient is above the last pass's highest is left out.
            var highest = Double.infinity
            for _ in 0..<passes {
                random.shuffle(order, active)
                let wasWhole = active == order.count
                let (most, least) = pass(&active, leavingAbove: highest)
                if most - least <= tolerance {
                    if wasWhole && active == order.count { return true }
                    // Settled among the active rows; now all of them, to see whether they agree.
                    active = order.count
                    highest = .infinity
                } else {
                    highest = most > 0 ? most : .infinity
                }
            }
            return false
        }

        /// Visits the first `active` rows of the order once; those left out go behind them.
        @inline(__always)
        private func pass(_ active: inout Int, leavingAbove highest: Double) -> (Double, Double) {
            var (most, least) = (-Double.infinity, Double.infinity)
            var place = 0
            while place < active {
                let row = Int(order[place])
                let dual = duals[row]
                let range = starts[row]..<starts[row + 1]
                let product = DualDescent.product(
                    columns, values, range, UnsafeBufferPointer(weights))
                let gradient = dual.sign * product - 1 + dual.alpha * dual.diagonal
                var projected = gradient
                if dual.alpha == 0 {
                    if gradient > highest {
                        active -= 1
                        order.swapAt(place, active)
                        continue
                    }
                    projected = min(gradient, 0)
                }
                most = max(most, projected)
                least = min(least, projected)
                if abs(projected) > 1e-14 {
                    let next = max(0, dual.alpha - gradient / dual.curvature)
                    duals[row].alpha = next
                    add((next - dual.alpha) * dual.sign, row)
                }
                place += 1
            }
            return (most, least)
        }

        @inline(__always)
        private func add(_ step: Double, _ row: Int) {
            for place in starts[row]..<starts[row + 1] {
                weights[Int(columns[place])] += step * Double(values[place])
            }
            weights[weights.count - 1] += step
        }
    }

    /// w·x in four sums, so that one addition need not wait for the last.
    @inline(__always)
    private static func product(
        _ columns: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Float>,
        _ range: Range<Int>, _ weights: UnsafeBufferPointer<Double>
    ) -> Double {
        var (a, b, c, d) = (weights[weights.count - 1], 0.0, 0.0, 0.0)
        var place = range.lowerBound
        while place + 4 <= range.upperBound {
            a += weights[Int(columns[place])] * Double(values[place])
            b += weights[Int(columns[place + 1])] * Double(values[place + 1])
            c += weights[Int(columns[place + 2])] * Double(values[place + 2])
            d += weights[Int(columns[place + 3])] * Double(values[place + 3])
            place += 4
        }
        while place < range.upperBound {
            a += weights[Int(columns[place])] * Double(values[place])
            place += 1
        }
        return (a + b) + (c + d)
    }
}

/// Orders of rows from a fixed seed (SplitMix64; Steele, Lea and Flood, OOPSLA 2014).
private struct Permutation {
    private var state: UInt64 = 0x5EED

    /// Shuffles the first `count` (Fisher and Yates), drawing places by multiplication (Lemire 2019,
    /// without his rejection: a bias of count / 2³² in an order is no matter).
    mutating func shuffle(_ order: UnsafeMutableBufferPointer<Int32>, _ count: Int) {
        var place = 0
        while place + 1 < count {
            let drawn = ((next() >> 32) &* UInt64(count - place)) >> 32
            order.swapAt(place, place + Int(drawn))
            place += 1
        }
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
