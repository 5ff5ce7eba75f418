/// Lengths of time as people write them: `90s`, `1h30m`, `200ms`, `7d`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Seconds; nil for text that is no length of time or one of more than a hundred years.
    ///
    /// Whole numbers with their units, the larger first, each unit at most once; a number alone has
    /// no unit and is refused.
    package static func seconds(_ text: String) -> Double? {
        var rest = Substring(text)
        var milliseconds = 0
        var last = -1
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= 12, let number = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            guard let unit = units.firstIndex(where: { $0.name == letters }), unit > last else {
                return nil
            }
            last = unit
            let (product, overflow) = number.multipliedReportingOverflow(
                by: units[unit].milliseconds)
            guard !overflow, product <= limit else { return nil }
            milliseconds += product
        }
        guard last >= 0, milliseconds <= limit else { return nil }
        return Double(milliseconds) / 1_000
    }

    /// The length as text that is read as the same: `604800` is `7d`.
    package static func text(seconds: Double) -> String {
        var rest = Int((seconds * 1_000).rounded())
        var text = ""
        for (name, milliseconds) in units where rest >= milliseconds {
            text += "\(rest / milliseconds)\(name)"
            rest %= milliseconds
        }
        return text.isEmpty ? "0s" : text
    }

    private static let limit = 36_525 * 86_400_000

    static func duration(_ seconds: Double) -> Duration {
        .milliseconds(Int((seconds * 1_000).rounded()))
    }
}
