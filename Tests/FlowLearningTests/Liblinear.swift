import CLinear

@testable import FlowLearning

/// LIBLINEAR's dual coordinate descent, for tests to hold the classifier against. Not for two
/// threads at once: it draws from the process's `rand()`.
enum Liblinear {
    /// The weights of one column with the intercept last, by solver 1 with C = 1. A row that counts
    /// twice must stand there twice, for it knows no weights of rows.
    static func weights(
        _ rows: [SparseRow], isPositive: [Bool], positiveCost: Double, features: Int,
        tolerance: Double
    ) -> [Double] {
        var nodes: [feature_node] = []
        var starts: [Int] = []
        // It takes the label it meets first for the positive one.
        let order = rows.indices.sorted { isPositive[$0] && !isPositive[$1] }
        for place in order {
            starts.append(nodes.count)
            for (column, value) in zip(rows[place].columns, rows[place].values) {
                nodes.append(feature_node(index: column + 1, value: Double(value)))
            }
            nodes.append(feature_node(index: Int32(features + 1), value: 1))
            nodes.append(feature_node(index: -1, value: 0))
        }
        var labels = order.map { isPositive[$0] ? 1.0 : -1 }
        var (names, costs) = ([Int32(1), -1], [positiveCost, 1])
        set_print_string_function { _ in }
        return nodes.withUnsafeMutableBufferPointer { nodes in
            var lines = starts.map { start in nodes.baseAddress.map { $0 + start } }
            return lines.withUnsafeMutableBufferPointer { lines in
                labels.withUnsafeMutableBufferPointer { labels in
                    names.withUnsafeMutableBufferPointer { names in
                        costs.withUnsafeMutableBufferPointer { costs in
                            var problem = problem(
                                l: Int32(order.count), n: Int32(features + 1),
                                y: labels.baseAddress,
                                x: lines.baseAddress, bias: 1)
                            var parameter = parameter(
                                solver_type: Int32(L2R_L2LOSS_SVC_DUAL), eps: tolerance, C: 1,
                                nr_weight: 2, weight_label: names.baseAddress,
                                weight: costs.baseAddress, p: 0.1, init_sol: nil)
                            var model = CLinear.train(&problem, &parameter)
                            defer { free_and_destroy_model(&model) }
                            return (0...features).map { model?.pointee.w[$0] ?? .nan }
                        }
                    }
                }
            }
        }
    }
}
