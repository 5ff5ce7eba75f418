internal import FlowJSON
internal import FlowSpec

/// The legs of a matrix whose axes are known.
struct MatrixExpansion {
    let legs: [(key: String, values: JSON)]
    let maxParallel: Int?
    let failFast: Bool

    /// The data of `node.expanded`.
    var data: JSONObject {
        var data: JSONObject = [
            "legs": .array(legs.map { ["key": .string($0.key), "matrix": $0.values] }),
            "fail_fast": .bool(failFast),
        ]
        if let maxParallel { data["max_parallel"] = .integer(maxParallel) }
        return data
    }
}

extension ContextBuilder {
    /// Evaluates a matrix: the product of its axes in order, less `exclude`, with `include` as on
    /// GitHub (an entry extends every combination whose own values it does not change, else it is a
    /// leg of its own).
    func expand(
        _ matrix: Matrix, _ node: Node, _ place: Int, _ state: RunState
    ) throws(ExpressionError) -> MatrixExpansion {
        let context = try context(node, state, place: place)
        var combinations = try product(matrix.axes, context, node)
        if let exclude = try objects(matrix.exclude, "exclude", context, node) {
            combinations.removeAll { combination in
                exclude.contains { entry in entry.members.allSatisfy { combination[$0] == $1 } }
            }
        }
        if let include = try objects(matrix.include, "include", context, node) {
            combinations = including(include, in: combinations, axes: matrix.axes.map(\.name))
        }
        if let batch = try count(matrix.batch, "batch", context, node) {
            combinations = batches(of: batch, combinations)
        }
        return MatrixExpansion(
            legs: try keyed(combinations, matrix, node, state, place),
            maxParallel: try count(matrix.maxParallel, "max-parallel", context, node),
            failFast: try matrix.failFast.evaluate(in: context).expressionTruth)
    }

    /// A whole number from 1; nil where none is given.
    private func count(
        _ template: Template?, _ name: String, _ context: EvaluationContext, _ node: Node
    ) throws(ExpressionError) -> Int? {
        guard let value = try template?.evaluate(in: context), !value.isNull else { return nil }
        guard let number = value.intValue, number >= 1 else {
            throw ExpressionError(
                kind: .evaluation,
                message: "\(name) of \(node.id) must be a whole number from 1, "
                    + "but is \(value.text())")
        }
        return number
    }

    /// Combinations of one axis whose values are lists of up to `size` of the items.
    private func batches(of size: Int, _ combinations: [JSONObject]) -> [JSONObject] {
        stride(from: 0, to: combinations.count, by: size).map { start in
            let part = combinations[start..<min(start + size, combinations.count)]
            let axis = part.first?.keys.first ?? ""
            return [axis: .array(part.map { $0[axis] ?? .null })]
        }
    }

    private func product(_ axes: [Variable], _ context: EvaluationContext, _ node: Node)
        throws(ExpressionError) -> [JSONObject]
    {
        guard !axes.isEmpty else { return [] }
        var combinations = [JSONObject()]
        for axis in axes {
            let value = try axis.value.evaluate(in: context)
            guard let values = value.arrayValue else {
                throw ExpressionError(
                    kind: .evaluation,
                    message: "matrix.\(axis.name) of \(node.id) must be a list, "
                        + "but is of type \(value.typeName)")
            }
            guard
                combinations.count.multipliedReportingOverflow(by: values.count).overflow == false,
                combinations.count * values.count <= Matrix.mostLegs
            else {
                throw ExpressionError(
                    kind: .evaluation,
                    message:
                        "the matrix of \(node.id) would have more than \(Matrix.mostLegs) legs: "
                        + "\(combinations.count) combinations times the \(values.count) values of "
                        + "\(axis.name)")
            }
            combinations = combinations.flatMap { combination in
                values.map { value in
                    var longer = combination
                    longer[axis.name] = value
                    return longer
                }
            }
        }
        return combinations
    }

    private func objects(
        _ template: Template?, _ name: String, _ context: EvaluationContext, _ node: Node
    ) throws(ExpressionError) -> [JSONObject]? {
        guard let value = try template?.evaluate(in: context) else { return nil }
        let objects = value.arrayValue?.compactMap(\.objectValue)
        guard let objects, objects.count == value.arrayValue?.count else {
            throw ExpressionError(
                kind: .evaluation, message: "matrix.\(name) of \(node.id) must be a list of objects"
            )
        }
        return objects
    }

    private func including(
        _ include: [JSONObject], in combinations: [JSONObject], axes: [String]
    ) -> [JSONObject] {
        var result = combinations
        var added: [JSONObject] = []
        for entry in include {
            let own = entry.members.filter { axes.contains($0.0) }
            let matching = combinations.indices.filter { place in
                own.allSatisfy { combinations[place][$0.0] == $0.1 }
            }
            if matching.isEmpty {
                added.append(entry)
            } else {
                for place in matching {
                    for (name, value) in entry.members { result[place][name] = value }
                }
            }
        }
        return result + added
    }

    private func keyed(
        _ combinations: [JSONObject], _ matrix: Matrix, _ node: Node, _ state: RunState,
        _ place: Int
    ) throws(ExpressionError) -> [(key: String, values: JSON)] {
        var taken: Set<String> = []
        var count: [String: Int] = [:]
        var legs: [(key: String, values: JSON)] = []
        let base = try context(node, state, place: place)
        let key = matrix.key
        for (number, combination) in combinations.enumerated() {
            var text =
                matrix.batch == nil
                ? combination.values.map(\.environmentText).joined(separator: ", ")
                : "batch \(number + 1)"
            if let key {
                var context = base
                context.values["matrix"] = .object(combination)
                text = try key.evaluate(in: context).expressionText
            }
            if key != nil, taken.contains(text) {
                throw ExpressionError(
                    kind: .evaluation,
                    message: "two legs of \(node.id) have the same key '\(text)'; "
                        + "make strategy.key tell them apart")
            }
            // Equal legs are counted; a value may look like a count.
            var unique = text
            while !taken.insert(unique).inserted {
                count[text, default: 1] += 1
                unique = "\(text) #\(count[text, default: 1])"
            }
            legs.append((unique, .object(combination)))
        }
        return legs
    }
}
