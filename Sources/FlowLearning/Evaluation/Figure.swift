/// Figures as sentences and tables show them.
package enum Figure {
    /// Four digits behind the point: `0.9120`.
    package static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "–" }
        let digits = String(Int((abs(value) * 10_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        let sign = value < 0 && digits != "0" ? "-" : ""
        return sign + padded.dropLast(4) + "." + padded.suffix(4)
    }

    /// Whole percent: `82 %`.
    package static func percent(_ share: Double) -> String {
        "\(Int((share * 100).rounded())) %"
    }
}
