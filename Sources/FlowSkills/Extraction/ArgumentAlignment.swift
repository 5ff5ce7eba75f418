internal import FlowJSON

/// Finds out from many executions of a pattern which arguments are always the same, which a caller
/// must give, and which an earlier step gives.
///
/// Costs, for m executions of steps with c arguments and outputs, O(c² · m); m is bounded by the
/// caller.
struct ArgumentAlignment {
    private(set) var parameters: [Procedure.Parameter] = []
    /// By step.
    private(set) var arguments: [[Procedure.Argument]] = []

    private var known = KnownValues()
    private var inputs: [ArgumentTable] = []
    private var outputs: [ArgumentTable] = []
    /// Columns whose source is known, in the order of the steps.
    private var settled: [(column: ArgumentTable.Column, source: Procedure.Source)] = []
    private let ids: [String]
    private let mask: ValueMask
    private static let mostExamples = 3
    private static let longestExample = 200

    /// - Parameters:
    ///   - executions: The place in the log of each step; -1: it is not there.
    ///   - ids: Of the steps.
    ///   - mask: A value with something private in it is never kept: a caller must give it.
    init(
        _ log: ExecutionLog, _ executions: [PatternMatcher.Occurrence], _ pattern: StepPattern,
        ids: [String], mask: ValueMask
    ) {
        self.ids = ids
        self.mask = mask
        for slot in pattern.steps.indices {
            var input = ArgumentTable(executions: executions.count)
            var output = ArgumentTable(executions: executions.count)
            for (number, places) in executions.enumerated() where places[slot] >= 0 {
                let place = Int(places[slot])
                if let value = log.arguments(of: place) { input.add(value, of: number, &known) }
                if let value = log.output(of: place) { output.add(value, of: number, &known) }
            }
            inputs.append(input)
            outputs.append(output)
        }
        for (slot, step) in pattern.steps.enumerated() {
            let there = executions.count { $0[slot] >= 0 }
            arguments.append(
                inputs[slot].columns.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
                    .compactMap { settle($0, slot, there: there, isOptional: step.isOptional) })
        }
    }

    /// Finds the source of one column. One that few executions have is none of the pattern.
    private mutating func settle(
        _ column: ArgumentTable.Column, _ slot: Int, there: Int, isOptional: Bool
    ) -> Procedure.Argument? {
        let present = column.present
        guard present * 5 >= there else { return nil }
        let source = source(of: column, slot, there: there, isOptional: isOptional)
        settled.append((column, source))
        return Procedure.Argument(path: column.path, source: source)
    }

    private mutating func source(
        of column: ArgumentTable.Column, _ slot: Int, there: Int, isOptional: Bool
    ) -> Procedure.Source {
        let distinct = column.distinct
        // what was seen once may be different next time
        if let value = column.constant, column.present * 50 >= there * 49, there > 1,
            mask.isPublic(known[value], named: column.path)
        {
            return .literal(known[value])
        }
        if distinct.count > 1 {
            for (other, source) in settled where column.follows(other) {
                if case .literal = source { continue }
                return source
            }
            for earlier in (0..<slot).reversed() {
                for other in outputs[earlier].columns where column.follows(other) {
                    return .output(step: ids[earlier], path: other.path)
                }
            }
        }
        let name = name(for: column.path, slot)
        parameters.append(
            parameter(name, column, isRequired: column.present == there && !isOptional && there > 1)
        )
        return .parameter(name)
    }

    /// The last name of the path; with the step's before it where that is taken.
    private func name(for path: String, _ slot: Int) -> String {
        let taken = Set(parameters.map(\.name))
        let last = MemberPath.names(path).last { !$0.isEmpty } ?? "input"
        let short = Slug.make(last, separator: "_", limit: 40)
        let long = ids[slot] + "_" + short
        var name = taken.contains(short) ? long : short
        var number = 2
        while taken.contains(name) {
            name = "\(long)_\(number)"
            number += 1
        }
        return name
    }

    private func parameter(
        _ name: String, _ column: ArgumentTable.Column, isRequired: Bool
    ) -> Procedure.Parameter {
        let values = column.distinct.map { known[$0] }
        let isPublic = values.allSatisfy { mask.isPublic($0, named: column.path) }
        var seen: Set<JSON> = []
        let shown = values.map { mask.masked($0, named: column.path) }
            .filter { seen.insert($0).inserted }
        let numbers = values.compactMap(\.doubleValue)
        let isNumeric = !numbers.isEmpty && numbers.count == values.count
        var range: ClosedRange<Double>?
        if isNumeric, isPublic, let least = numbers.min(), let most = numbers.max() {
            range = least...most
        }
        return Procedure.Parameter(
            name: name, type: Self.type(values), isRequired: isRequired,
            // a bare nil would be JSON's null here
            fallback: values.count == 1 && isPublic ? .some(values[0]) : .none,
            examples: Array(
                shown.lazy.filter { $0.text().utf8.count <= Self.longestExample }
                    .prefix(Self.mostExamples)),
            range: range, distinct: values.count)
    }

    private static func type(_ values: [JSON]) -> String {
        let names = Set(values.map(\.typeName)).subtracting(["null"])
        if names.count == 1, let name = names.first { return name }
        return names == ["integer", "number"] ? "number" : "any"
    }
}
