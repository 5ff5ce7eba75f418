internal import FlowSystem
internal import CLinear
internal import Glibc

/// A linear support vector machine, one label against the rest, as scikit-learn's
/// `LinearSVC(class_weight='balanced')` finds it.
///
/// It is LIBLINEAR's solver 1 (dual coordinate descent for the squared hinge loss; Hsieh et al.,
/// ICML 2008) run to a tolerance of 1e-10. The optimum is unique, so neither the solver nor its
/// random order shows in the weights above that.
enum LinearSVM {
    private static let tolerance = 1e-10

    /// LIBLINEAR draws from the process's `rand()` and prints through a global function: one
    /// training at a time.
    private static let turn = PosixMutex(())

    struct Result: Sendable {
        let weights: LinearWeights
        /// Whether a label reached LIBLINEAR's limit of 1000 passes before the tolerance.
        let reachedLimit: Bool
    }

    /// Fits rows of `features` columns to labels from 0 to `classes` - 1, each of which must occur.
    ///
    /// `copies` says as how many rows each counts. The bias is a feature of value 1 and regularised.
    static func fit(
        _ rows: [SparseRow], labels: [Int], copies: [Int], classes: Int, features: Int,
        cost: Double
    ) -> Result {
        var problem = Problem(features: features)
        // Classes in ascending order: LIBLINEAR numbers them by first appearance.
        for place in labels.indices.sorted(by: { (labels[$0], $0) < (labels[$1], $1) }) {
            for _ in 0..<copies[place] { problem.append(rows[place], label: labels[place]) }
        }
        return turn.withLock { _ in
            problem.solve(classes: classes, cost: cost, tolerance: tolerance)
        }
    }

    /// Each class's weight: rows / (classes * rows of the class).
    static func balance(_ labels: [Int], copies: [Int], classes: Int) -> [Double] {
        var counts = [Double](repeating: 0, count: classes)
        for (label, count) in zip(labels, copies) { counts[label] += Double(count) }
        let all = counts.reduce(0, +)
        return counts.map { all / (Double(classes) * $0) }
    }
}

/// Set by LIBLINEAR's only sign that it gave up: what it prints.
private let limitReached = PosixMutex(false)

/// Rows in LIBLINEAR's shape.
private struct Problem {
    let features: Int
    private var nodes: [feature_node] = []
    private var starts: [Int] = []
    private var labels: [Double] = []

    init(features: Int) { self.features = features }

    mutating func append(_ row: SparseRow, label: Int) {
        starts.append(nodes.count)
        labels.append(Double(label))
        for (column, value) in zip(row.columns, row.values) {
            nodes.append(feature_node(index: column + 1, value: value))
        }
        nodes.append(feature_node(index: Int32(features + 1), value: 1))
        nodes.append(feature_node(index: -1, value: 0))
    }

    /// The only place that hands memory to LIBLINEAR and takes it back.
    mutating func solve(classes: Int, cost: Double, tolerance: Double) -> LinearSVM.Result {
        let whole = labels.map { Int($0) }
        var weights = LinearSVM.balance(
            whole, copies: Array(repeating: 1, count: whole.count), classes: classes)
        var names = (0..<Int32(classes)).map(\.self)
        let starts = starts
        let features = features
        let count = Int32(labels.count)
        return nodes.withUnsafeMutableBufferPointer { nodes in
            var rows = starts.map { start in nodes.baseAddress.map { $0 + start } }
            return rows.withUnsafeMutableBufferPointer { rows in
                labels.withUnsafeMutableBufferPointer { labels in
                    names.withUnsafeMutableBufferPointer { names in
                        weights.withUnsafeMutableBufferPointer { weights in
                            var problem = problem(
                                l: count, n: Int32(features + 1), y: labels.baseAddress,
                                x: rows.baseAddress, bias: 1)
                            var parameter = parameter(
                                solver_type: Int32(L2R_L2LOSS_SVC_DUAL), eps: tolerance,
                                C: cost, nr_weight: Int32(classes),
                                weight_label: names.baseAddress, weight: weights.baseAddress,
                                p: 0.1, init_sol: nil)
                            return Self.train(&problem, &parameter, classes, features)
                        }
                    }
                }
            }
        }
    }

    private static func train(
        _ problem: inout CLinear.problem, _ parameter: inout CLinear.parameter, _ classes: Int,
        _ features: Int
    ) -> LinearSVM.Result {
        set_print_string_function { text in
            guard let text, strstr(text, "WARNING") != nil else { return }
            limitReached.withLock { $0 = true }
        }
        limitReached.withLock { $0 = false }
        srand(1)
        var model = CLinear.train(&problem, &parameter)
        defer { free_and_destroy_model(&model) }
        guard let model, let found = model.pointee.w else {
            fatalError("LIBLINEAR always gives a model")
        }
        var order = [Int32](repeating: 0, count: classes)
        get_labels(model, &order)
        let columns = classes == 2 ? 1 : classes
        // With two classes LIBLINEAR's one column speaks for the first; ours for the second.
        let sign: Double = classes == 2 && order[0] == 0 ? -1 : 1
        var values = [Double](repeating: 0, count: (features + 1) * columns)
        for feature in 0...features {
            for column in 0..<columns {
                let target = classes == 2 ? 0 : Int(order[column])
                values[feature * columns + target] = sign * found[feature * columns + column]
            }
        }
        return LinearSVM.Result(
            weights: LinearWeights(
                classes: classes, features: features,
                coefficients: Array(values[..<(features * columns)]),
                intercepts: Array(values[(features * columns)...])),
            reachedLimit: limitReached.withLock { $0 })
    }
}
