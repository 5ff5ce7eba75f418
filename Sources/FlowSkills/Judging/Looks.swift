/// The days after deployment on which a skill is judged, and what of the 5 % each may spend.
///
/// Looking again and again finds an effect where there is none. The smallest p/share over the looks
/// so far is a valid p-value, by the union bound, as the shares add up to 1.
enum Looks {
    static let all: [(days: Int, share: Double)] = [(7, 0.05), (14, 0.15), (28, 0.80)]

    /// The last day that counts.
    static let end = 28

    /// The looks that have been reached.
    static func reached(_ closedDays: Int) -> [(days: Int, share: Double)] {
        all.filter { $0.days <= closedDays }
    }
}
