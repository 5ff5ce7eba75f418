/// A text as the terms it has, by column, and their weights.
struct SparseRow: Sendable, Hashable {
    /// Ascending, each once.
    var columns: [Int32] = []
    /// Single precision: half the memory, and what it costs in a probability is below 1e-7.
    var values: [Float] = []
}

/// The rows of a training, one after the other in one buffer: 8 bytes an entry.
struct SparseRows: Sendable {
    /// Where each row begins, and where the last one ends.
    private(set) var starts = [0]
    private(set) var columns: [Int32] = []
    private(set) var values: [Float] = []

    var count: Int { starts.count - 1 }

    init() {}

    init(_ rows: [SparseRow]) { for row in rows { append(row) } }

    mutating func append(_ row: SparseRow) {
        columns += row.columns
        values += row.values
        starts.append(columns.count)
    }
}
