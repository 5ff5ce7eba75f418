/// One row of a CSV file under the first, which names its cells.
enum TableRow {
    /// The cells that are not empty, with their names: an empty one says nothing.
    /// - Throws: a sentence where the row has more or fewer cells than the first.
    static func cells(_ row: [String], under head: [String]) throws(LineMistake)
        -> [(name: String, text: String)]
    {
        guard row.count == head.count else {
            throw LineMistake(
                "the row has \(row.count) fields and the first has \(head.count); a field with a "
                    + "comma or a newline stands in double quotes")
        }
        return zip(head, row).filter { !$1.isEmpty }.map { ($0, $1) }
    }
}
