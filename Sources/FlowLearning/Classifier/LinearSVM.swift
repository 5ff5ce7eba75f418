internal import FlowSystem

/// A linear support vector machine, each label against the rest, as scikit-learn's
/// `LinearSVC(class_weight='balanced')` finds it.
struct LinearSVM: Sendable {
    /// What one fit leaves out and how exact it is.
    struct Part: Sendable {
        /// The fold whose rows it does not see; nil for none.
        let heldOut: Int?
        /// See `DualDescent.solve`; at 1e-8 decisions are right to about 1e-7.
        let tolerance: Double
        /// Whether its weights are wanted, or only its decisions on the fold it left out.
        let isKept: Bool
    }

    /// What the rows of a column's own label cost beside the others.
    enum Balance: Sendable, Hashable {
        /// Own rows cost rows / (classes × own rows) times as much as others: scikit-learn's
        /// `class_weight='balanced'`.
        case labels
        /// Others cost own / (own + 1000) of what own rows cost, but so much at least that all of
        /// them together weigh as much as all own rows do.
        ///
        /// So a label of few texts is not outvoted by the many that are not its own, and one of many
        /// is learned as it lies. With two labels it is `labels`.
        case columns
    }

    struct Result: Sendable {
        /// Of the kept parts, in their order.
        let weights: [LinearWeights]
        /// By row, then by column: the decision of the part that held the row out; 0 where none did.
        let held: [Float]
        /// Whether a column was given up before its tolerance.
        let reachedLimit: Bool
    }

    /// A number from 0 to `classes` - 1 for each row; each class must occur in every part.
    let labels: [Int]
    /// As how many rows each counts; above zero.
    let weights: [Double]
    let classes: Int
    let features: Int
    /// C: what an error costs against a large weight.
    let cost: Double
    let balance: Balance
    private let rows: SparseRows
    private let squaredLengths: [Double]

    init(
        _ rows: SparseRows, labels: [Int], weights: [Double], classes: Int, features: Int,
        cost: Double, balance: Balance = .labels
    ) {
        self.rows = rows
        self.labels = labels
        self.weights = weights
        self.classes = classes
        self.features = features
        self.cost = cost
        self.balance = balance
        squaredLengths = DualDescent.squaredLengths(rows)
    }

    /// With two classes one column tells the second from the first.
    var columns: Int { classes == 2 ? 1 : classes }

    /// Fits all parts, column by column; `folds` is the fold of each row.
    ///
    /// A column starts each part from the last kept one, which changes only how long it takes.
    /// Columns are independent, so neither `threads` nor their order changes a bit of the result.
    /// `progress` is told, from any thread but one at a time, how many columns are done.
    func fit(
        _ parts: [Part], folds: [Int], threads: Int = 1,
        progress: @Sendable (Int) -> Void = { _ in }
    ) -> Result {
        let chosen = parts.map { part in
            labels.indices.filter { part.heldOut != folds[$0] }.map { Int32($0) }
        }
        let balances = chosen.map(factors)
        let kept = parts.count(where: \.isKept)
        let sums = PosixMutex(Gathered(kept, columns, features, rows.count))
        Thread.forEach(columns, threads: threads) { column in
            let target = columns == 1 ? 1 : column
            var descent = DualDescent(rows, features: features)
            var found: [DualDescent] = []
            var decisions: [(Int, Double)] = []
            var reachedLimit = false
            for (place, part) in parts.enumerated() {
                if let last = found.last { descent = last }
                let isSettled = descent.solve(
                    chosen[place], squaredLengths: squaredLengths,
                    costs: { cost * weights[$0] * factor($0, target, balances[place]) },
                    isPositive: { labels[$0] == target }, tolerance: part.tolerance)
                if !isSettled { reachedLimit = true }
                for row in labels.indices where part.heldOut == folds[row] {
                    decisions.append((row, descent.decision(row)))
                }
                if part.isKept { found.append(descent) }
            }
            sums.withLock {
                $0.take(column, found.map(\.weights), decisions, reachedLimit)
                progress($0.done)
            }
        }
        return sums.withLock { gathered in
            Result(
                weights: gathered.coefficients.indices.map {
                    LinearWeights(
                        classes: classes, features: features,
                        coefficients: gathered.coefficients[$0],
                        intercepts: gathered.intercepts[$0])
                }, held: gathered.held, reachedLimit: gathered.reachedLimit)
        }
    }

    /// What a row's cost is multiplied with in the column of `target`.
    private func factor(_ row: Int, _ target: Int, _ factors: [Double]) -> Double {
        let isOwn = labels[row] == target
        if columns == 1 { return factors[labels[row]] }
        // scikit-learn and LIBLINEAR weigh the column's own label only; the rest costs what it costs.
        return balance == .labels ? (isOwn ? factors[target] : 1) : (isOwn ? 1 : factors[target])
    }

    /// A factor for each class, as `balance` says; rows are counted by their weights.
    func factors(_ chosen: [Int32]) -> [Double] {
        var sums = [Double](repeating: 0, count: classes)
        for row in chosen { sums[labels[Int(row)]] += weights[Int(row)] }
        let all = sums.reduce(0, +)
        if balance == .labels || columns == 1 {
            return sums.map { all / (Double(classes) * $0) }
        }
        return sums.map { min(1, max($0 / (all - $0), $0 / ($0 + 1000))) }
    }
}

/// What the columns have brought so far.
private struct Gathered {
    private(set) var coefficients: [[Float]]
    private(set) var intercepts: [[Double]]
    private(set) var held: [Float]
    private(set) var reachedLimit = false
    private(set) var done = 0
    private let columns: Int

    init(_ kept: Int, _ columns: Int, _ features: Int, _ rows: Int) {
        self.columns = columns
        coefficients = (0..<kept).map { _ in Array(repeating: 0, count: features * columns) }
        intercepts = (0..<kept).map { _ in Array(repeating: 0, count: columns) }
        held = Array(repeating: 0, count: rows * columns)
    }

    mutating func take(
        _ column: Int, _ weights: [[Double]], _ decisions: [(Int, Double)], _ gaveUp: Bool
    ) {
        for (member, found) in weights.enumerated() {
            for feature in 0..<(found.count - 1) {
                coefficients[member][feature * columns + column] = Float(found[feature])
            }
            intercepts[member][column] = found[found.count - 1]
        }
        for (row, decision) in decisions { held[row * columns + column] = Float(decision) }
        reachedLimit = reachedLimit || gaveUp
        done += 1
    }
}
