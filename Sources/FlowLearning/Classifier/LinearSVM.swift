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
        /// The kept parts are its members, in their order.
        let weights: LinearWeights
        let held: HeldDecisions
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
    private let rows: DualDescent.Rows

    init(
        _ rows: SparseRows, labels: [Int], weights: [Double], classes: Int, features: Int,
        cost: Double, balance: Balance = .labels
    ) {
        self.rows = DualDescent.Rows(rows, labels: labels, costs: weights.map { cost * $0 })
        self.labels = labels
        self.weights = weights
        self.classes = classes
        self.features = features
        self.cost = cost
        self.balance = balance
    }

    /// With two classes one column tells the second from the first.
    var columns: Int { classes == 2 ? 1 : classes }

    /// Fits all parts, four columns at a time; `folds` is the fold of each row.
    ///
    /// Columns start each part from the last kept one, which changes only how long it takes.
    /// Neither `threads` nor the order in which columns are done changes a bit of the result.
    /// `progress` is told, from any thread but one at a time, how many columns are done.
    func fit(
        _ parts: [Part], folds: [Int], threads: Int = 1,
        progress: @Sendable (Int) -> Void = { _ in }
    ) -> Result {
        let chosen = parts.map { part in
            labels.indices.filter { part.heldOut != folds[$0] }.map { Int32($0) }
        }
        let balances = chosen.map(factors)
        let outside = parts.map { part in
            labels.indices.filter { part.heldOut == folds[$0] }
        }
        let sums = PosixMutex(
            Gathered(
                parts.count(where: \.isKept), columns, features,
                HeldDecisions(outside, columns: columns, rows: labels.count)))
        let lanes = DualDescent.Lanes.scalarCount
        Thread.forEach((columns + lanes - 1) / lanes, threads: threads) { block in
            let own = (block * lanes)..<min(columns, (block + 1) * lanes)
            // With two classes the only column is the second's.
            let targets = columns == 1 ? 1..<2 : own
            var descent = DualDescent(rows, features: features, labels: targets)
            var last: DualDescent?
            var kept: [[DualDescent.Lanes]] = []
            var decisions: [(row: Int, lanes: DualDescent.Lanes)] = []
            var reachedLimit = false
            for (place, part) in parts.enumerated() {
                if let last { descent = last }
                let factors = factors(targets, balances[place])
                let isSettled = descent.solve(
                    chosen[place], own: factors.own, others: factors.others,
                    tolerance: part.tolerance)
                if !isSettled { reachedLimit = true }
                decisions += outside[place].map { ($0, descent.decisions($0)) }
                if part.isKept {
                    last = descent
                    kept.append(descent.weights)
                }
            }
            sums.withLock {
                $0.take(own, kept, decisions, reachedLimit)
                progress($0.done)
            }
        }
        return sums.withLock { gathered in
            Result(
                weights: LinearWeights(
                    classes: classes, features: features,
                    members: parts.count(where: \.isKept),
                    coefficients: gathered.coefficients, intercepts: gathered.intercepts),
                held: gathered.held, reachedLimit: gathered.reachedLimit)
        }
    }

    /// What the cost of a row is multiplied with: in the column of its own label, and in others'.
    private func factors(_ targets: Range<Int>, _ factors: [Double]) -> (
        own: DualDescent.Lanes, others: DualDescent.Lanes
    ) {
        var own = DualDescent.Lanes(repeating: 1)
        var others = own
        for (lane, target) in targets.enumerated() {
            if columns == 1 {
                (own[lane], others[lane]) = (factors[1], factors[0])
            } else if balance == .labels {
                // scikit-learn and LIBLINEAR weigh the column's own label only; the rest costs what
                // it costs.
                own[lane] = factors[target]
            } else {
                others[lane] = factors[target]
            }
        }
        return (own, others)
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

/// Decisions on rows by parts that held them out.
struct HeldDecisions: Sendable {
    private let columns: Int
    /// By row: where its decisions begin; -1 where no part held it out.
    private var starts: [Int]
    private var values: [Float]

    /// `outside`: the rows each part holds out; none is in two.
    fileprivate init(_ outside: [[Int]], columns: Int, rows: Int) {
        self.columns = columns
        starts = Array(repeating: -1, count: rows)
        var end = 0
        for row in outside.joined() {
            starts[row] = end
            end += columns
        }
        values = Array(repeating: 0, count: end)
    }

    /// By column; only of rows that were held out.
    func row(_ row: Int) -> ArraySlice<Float> { values[starts[row]..<(starts[row] + columns)] }

    fileprivate mutating func set(_ row: Int, _ own: Range<Int>, _ lanes: DualDescent.Lanes) {
        for (lane, column) in own.enumerated() { values[starts[row] + column] = Float(lanes[lane]) }
    }
}

/// What the columns have brought so far.
private struct Gathered {
    private(set) var coefficients: [Float]
    private(set) var intercepts: [Double]
    private(set) var held: HeldDecisions
    private(set) var reachedLimit = false
    private(set) var done = 0
    private let columns: Int

    init(_ kept: Int, _ columns: Int, _ features: Int, _ held: HeldDecisions) {
        self.columns = columns
        self.held = held
        coefficients = Array(repeating: 0, count: features * kept * columns)
        intercepts = Array(repeating: 0, count: kept * columns)
    }

    mutating func take(
        _ own: Range<Int>, _ weights: [[DualDescent.Lanes]],
        _ decisions: [(row: Int, lanes: DualDescent.Lanes)], _ gaveUp: Bool
    ) {
        for (member, found) in weights.enumerated() {
            let features = found.count - 1
            for feature in 0..<features {
                let start = feature * intercepts.count + member * columns
                for (lane, column) in own.enumerated() {
                    coefficients[start + column] = Float(found[feature][lane])
                }
            }
            for (lane, column) in own.enumerated() {
                intercepts[member * columns + column] = found[features][lane]
            }
        }
        for (row, lanes) in decisions { held.set(row, own, lanes) }
        reachedLimit = reachedLimit || gaveUp
        done += own.count
    }
}
