/// Four columns of a linear support vector machine, each the weights that tell its rows from all
/// others.
///
/// Dual coordinate descent for the squared hinge loss with a cost of each row's own (Hsieh, Chang,
/// Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM",
/// ICML 2008, Algorithm 3, with its shrinking). For each column it minimises
/// w·w / 2 + sum of cost × max(0, 1 - sign × w·x)², where x has a last feature of value 1, the
/// intercept, which is regularised like the others. The optimum is unique.
///
/// The columns share a walk: where a row's terms lie far apart in memory, fetching them is what a
/// visit costs, and the weights of a term come together. Each is arithmetic of its own. A column
/// that is settled rests while others go on. Four is between what two sorts of data want: two
/// columns walk past fewer rows that only one of them needs, eight fetch less.
///
/// Sums are taken in one fixed order and rows are visited in an order that comes from a fixed seed,
/// so the result is the same bits for the same calls, on every processor.
struct DualDescent {
    /// A number for each column: 32 bytes.
    typealias Lanes = SIMD4<Double>
    typealias Mask = SIMDMask<SIMD4<Int64>>

    /// What is asked of the rows; all of it is shared by the descents of one machine.
    struct Rows: Sendable {
        let sparse: SparseRows
        let labels: [Int32]
        /// 1 / (2 × cost) of each row, before what its label multiplies it with.
        let slacks: [Double]
        /// x·x of each row, the intercept's 1 among it.
        let squaredLengths: [Double]

        init(_ sparse: SparseRows, labels: [Int], costs: [Double]) {
            self.sparse = sparse
            self.labels = labels.map { Int32($0) }
            slacks = costs.map { 0.5 / $0 }
            squaredLengths = (0..<sparse.count).map { row in
                sparse.values[sparse.starts[row]..<sparse.starts[row + 1]]
                    .reduce(1) { $0 + Double($1) * Double($1) }
            }
        }
    }

    /// The most passes over the rows; a column that needs more is left as it is then.
    private static let mostPasses = 10_000

    private let rows: Rows
    /// The label of the first column; the next have the next.
    private let first: Int
    /// Which columns there are: the last descent of a machine may have fewer than four.
    private let isUsed: Mask
    private var alphas: [Lanes]
    /// By feature, then the intercept.
    private(set) var weights: [Lanes]

    /// Starts from zero. Takes 32 bytes a row and as many a feature; no row is copied.
    init(_ rows: Rows, features: Int, labels: Range<Int>) {
        self.rows = rows
        first = labels.lowerBound
        isUsed = Lanes(0, 1, 2, 3) .< Double(labels.count)
        alphas = Array(repeating: .zero, count: rows.sparse.count)
        weights = Array(repeating: .zero, count: features + 1)
    }

    /// How far a row is on each column's positive side.
    func decisions(_ row: Int) -> Lanes {
        let sparse = rows.sparse
        return sparse.columns.withUnsafeBufferPointer { columns in
            sparse.values.withUnsafeBufferPointer { values in
                weights.withUnsafeBufferPointer { weights in
                    Self.product(
                        columns, values, sparse.starts[row]..<sparse.starts[row + 1], weights)
                }
            }
        }
    }

    /// Finds the optimum over the rows `chosen`, from where the last call ended.
    ///
    /// What a row's cost is multiplied with is in `own` for the column of its label, in `others` for
    /// each other; above zero. A column ends when the projected gradients of all rows lie within
    /// `tolerance` of each other.
    /// - Returns: whether all columns reached the tolerance.
    mutating func solve(_ chosen: [Int32], own: Lanes, others: Lanes, tolerance: Double) -> Bool {
        var alphas = Array(repeating: Lanes.zero, count: self.alphas.count)
        for row in chosen { alphas[Int(row)] = self.alphas[Int(row)] }
        self.alphas = alphas
        let signs = Self.table(of: Lanes(repeating: 1), Lanes(repeating: -1))
        let slacks = Self.table(of: 1 / own, 1 / others)
        return descend(chosen, signs, slacks, tolerance)
    }

    /// Of a row of each column's label, then of a row of none: what it has in each column.
    private static func table(of own: Lanes, _ others: Lanes) -> [Lanes] {
        (0...Lanes.scalarCount).map { lane in
            var values = others
            if lane < Lanes.scalarCount { values[lane] = own[lane] }
            return values
        }
    }

    // MARK: the loop over rows

    /// Buffers without bounds checks: every row is one of `rows`, whose starts, columns and values
    /// fit each other, and every column is below the intercept's place in `weights`.
    private mutating func descend(
        _ chosen: [Int32], _ signs: [Lanes], _ slacks: [Lanes], _ tolerance: Double
    ) -> Bool {
        var order = chosen
        let (rows, first, isUsed) = (rows, first, isUsed)
        return rows.sparse.starts.withUnsafeBufferPointer { starts in
            rows.sparse.columns.withUnsafeBufferPointer { columns in
                rows.sparse.values.withUnsafeBufferPointer { values in
                    alphas.withUnsafeMutableBufferPointer { alphas in
                        weights.withUnsafeMutableBufferPointer { weights in
                            order.withUnsafeMutableBufferPointer { order in
                                let descent = Buffers(
                                    rows: rows, first: first, signs: signs, slacks: slacks,
                                    starts: starts, columns: columns, values: values,
                                    alphas: alphas, weights: weights, order: order)
                                descent.addAll(chosen)
                                let isSettled = descent.run(
                                    tolerance, isUsed, passes: Self.mostPasses)
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
        let rows: Rows
        let first: Int
        let signs: [Lanes]
        let slacks: [Lanes]
        let starts: UnsafeBufferPointer<Int>
        let columns: UnsafeBufferPointer<Int32>
        let values: UnsafeBufferPointer<Float>
        let alphas: UnsafeMutableBufferPointer<Lanes>
        let weights: UnsafeMutableBufferPointer<Lanes>
        let order: UnsafeMutableBufferPointer<Int32>

        /// The weights that belong to the alphas there are. Steps leave rounding behind them; this
        /// leaves 0 for a term that no row with an alpha has.
        func addAll(_ chosen: [Int32]) {
            weights.update(repeating: .zero)
            for row in chosen.map({ Int($0) }) where alphas[row] != .zero {
                add(alphas[row] * signs[kind(row)], row)
            }
        }

        func run(_ tolerance: Double, _ isUsed: Mask, passes: Int) -> Bool {
            var random = Permutation()
            var active = order.count
            // Columns that are not done, and those of them that do not rest until the next pass over
            // all rows.
            var (isOpen, isAwake) = (isUsed, isUsed)
            // A row at its bound whose gradient is above the last pass's highest is left out.
            var highest = Lanes(repeating: .infinity)
            for _ in 0..<passes {
                random.shuffle(order, active)
                let wasWhole = active == order.count
                let (most, least) = pass(&active, leavingAbove: highest, isAwake)
                let isUnsettled = (most - least) .> tolerance
                if wasWhole && active == order.count {
                    isOpen = isOpen .& isUnsettled
                    guard any(isOpen) else { return true }
                }
                isAwake = isAwake .& isUnsettled
                if any(isAwake) {
                    highest = most.replacing(with: .infinity, where: most .<= 0)
                } else {
                    // Settled among the active rows; now all of them, to see whether they agree.
                    active = order.count
                    highest = Lanes(repeating: .infinity)
                    isAwake = isOpen
                }
            }
            return false
        }

        /// Visits the first `active` rows of the order once; those left out go behind them.
        @inline(__always)
        private func pass(
            _ active: inout Int, leavingAbove highest: Lanes, _ isAwake: Mask
        ) -> (most: Lanes, least: Lanes) {
            var most = Lanes(repeating: -.infinity)
            var least = Lanes(repeating: .infinity)
            var place = 0
            while place < active {
                let row = Int(order[place])
                let kind = kind(row)
                let alpha = alphas[row]
                let sign = signs[kind]
                let slack = slacks[kind] * rows.slacks[row]
                let product = DualDescent.product(
                    columns, values, starts[row]..<starts[row + 1], UnsafeBufferPointer(weights))
                let gradient = sign * product - 1 + alpha * slack
                let isAtBound = alpha .== 0
                let counts = isAwake .& .!(isAtBound .& (gradient .> highest))
                guard any(counts) else {
                    active -= 1
                    order.swapAt(place, active)
                    continue
                }
                let projected = gradient.replacing(
                    with: 0, where: isAtBound .& (gradient .> 0))
                most.replace(with: projected, where: counts .& (projected .> most))
                least.replace(with: projected, where: counts .& (projected .< least))
                let isMoving = counts .& ((projected .> 1e-14) .| (projected .< -1e-14))
                if any(isMoving) {
                    let step = alpha - gradient / (slack + rows.squaredLengths[row])
                    let next = alpha.replacing(
                        with: step.replacing(with: 0, where: step .< 0), where: isMoving)
                    alphas[row] = next
                    add((next - alpha) * sign, row)
                }
                place += 1
            }
            return (most, least)
        }

        /// Which column is that of the row's label; the number of columns for none.
        @inline(__always)
        private func kind(_ row: Int) -> Int {
            let lane = Int(rows.labels[row]) - first
            return lane >= 0 && lane < Lanes.scalarCount ? lane : Lanes.scalarCount
        }

        @inline(__always)
        private func add(_ step: Lanes, _ row: Int) {
            for place in starts[row]..<starts[row + 1] {
                weights[Int(columns[place])] += step * Double(values[place])
            }
            weights[weights.count - 1] += step
        }
    }

    /// w·x in two sums, so that one addition need not wait for the last.
    @inline(__always)
    private static func product(
        _ columns: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Float>,
        _ range: Range<Int>, _ weights: UnsafeBufferPointer<Lanes>
    ) -> Lanes {
        var (a, b) = (weights[weights.count - 1], Lanes.zero)
        var place = range.lowerBound
        while place + 2 <= range.upperBound {
            a += weights[Int(columns[place])] * Double(values[place])
            b += weights[Int(columns[place + 1])] * Double(values[place + 1])
            place += 2
        }
        if place < range.upperBound {
            a += weights[Int(columns[place])] * Double(values[place])
        }
        return a + b
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
