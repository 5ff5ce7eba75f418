/// Counts as bars in one line of text.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// One character a count, the largest the highest; a dot for none.
    static func text(_ counts: [Int]) -> String {
        let most = counts.max() ?? 0
        return String(
            counts.map { count in
                count == 0 ? "·" : bars[(count * bars.count - 1) / most]
            })
    }
}
