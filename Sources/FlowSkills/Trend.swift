/// Whether an error comes more or less often than it did, as whoever counted it has found.
package struct Trend: Sendable, Hashable {
    package enum Way: String, Sendable, Hashable {
        case increasing, decreasing
        /// Or nothing that the counts support.
        case stable
    }

    package let way: Way
    /// Errors that the last 7 closed days would have had, were those of 30 spread evenly.
    package let expected7d: Double

    package init(_ way: Way, expected7d: Double) {
        self.way = way
        self.expected7d = expected7d
    }
}
