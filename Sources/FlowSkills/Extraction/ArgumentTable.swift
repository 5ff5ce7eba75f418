internal import FlowJSON

/// The arguments and outputs of one step over many executions: a column for each place in them.
struct ArgumentTable {
    struct Column {
        /// As `MemberPath` writes it.
        let path: String
        /// By execution the number of the value; -1: it is not there.
        var values: [Int32]

        var present: Int { values.count { $0 >= 0 } }
    }

    private(set) var columns: [Column] = []
    private var places: [String: Int] = [:]
    let executions: Int
    private static let mostColumns = 64
    private static let depth = 4

    init(executions: Int) { self.executions = executions }

    /// Adds the value of one execution, each member of objects in a column of its own; lists are
    /// values.
    mutating func add(_ value: JSON, of execution: Int, _ known: inout KnownValues) {
        if let object = value.objectValue, object.isEmpty { return }
        add(value, at: "", depth: 0, execution, &known)
    }

    private mutating func add(
        _ value: JSON, at path: String, depth: Int, _ execution: Int, _ known: inout KnownValues
    ) {
        if let object = value.objectValue, !object.isEmpty, depth < Self.depth {
            for (key, member) in object.members {
                add(
                    member, at: MemberPath.joined(path, key), depth: depth + 1, execution, &known)
            }
            return
        }
        let place: Int
        if let old = places[path] {
            place = old
        } else {
            guard columns.count < Self.mostColumns else { return }
            place = columns.count
            places[path] = place
            columns.append(
                Column(path: path, values: Array(repeating: -1, count: executions)))
        }
        columns[place].values[execution] = known.number(of: value)
    }
}

/// Equal values have one number.
struct KnownValues {
    private(set) var values: [JSON] = []
    private var numbers: [String: Int32] = [:]

    mutating func number(of value: JSON) -> Int32 {
        let text = value.canonical
        if let known = numbers[text] { return known }
        let fresh = Int32(values.count)
        numbers[text] = fresh
        values.append(value)
        return fresh
    }

    subscript(number: Int32) -> JSON { values[Int(number)] }
}

extension ArgumentTable.Column {
    /// The values seen, in the order of the executions.
    var distinct: [Int32] {
        var seen: Set<Int32> = []
        return values.filter { $0 >= 0 && seen.insert($0).inserted }
    }

    /// The value that it always has, but for one execution in fifty: there another step was taken for
    /// this one.
    var constant: Int32? {
        var counts: [Int32: Int] = [:]
        for value in values where value >= 0 { counts[value, default: 0] += 1 }
        return counts.first { $0.value * 50 >= present * 49 }?.key
    }

    /// Whether this column's value is that of another: in nine of ten executions at least that have
    /// both, which are half of its own at least, and not by chance (5 %), as values that do not vary
    /// much would be.
    func follows(_ other: ArgumentTable.Column) -> Bool {
        var (both, equal) = (0, 0)
        for (own, value) in zip(values, other.values) where own >= 0 && value >= 0 {
            both += 1
            if own == value { equal += 1 }
        }
        guard both >= 2, both * 2 >= present, equal * 10 >= both * 9 else { return false }
        return Chance.isUnlikely(equal, of: both, chance: chance(with: other))
    }

    /// How often the two would be equal if each kept its values in another order.
    private func chance(with other: ArgumentTable.Column) -> Double {
        func shares(_ values: [Int32]) -> [Int32: Double] {
            var counts: [Int32: Double] = [:]
            for value in values where value >= 0 { counts[value, default: 0] += 1 }
            let total = counts.values.reduce(0, +)
            return counts.mapValues { $0 / total }
        }
        let theirs = shares(other.values)
        // added in one order, so that the sum is the same each time
        return shares(values).map { $0.value * theirs[$0.key, default: 0] }.sorted().reduce(0, +)
    }
}
