/// A number as a bar of text.
enum Bar {
    private static let eighths = Array("▏▎▍▌▋▊▉█")

    /// A bar of at most `width` characters for a share from 0 to 1; the least that is there shows.
    static func text(_ share: Double, width: Int) -> String {
        let part = min(max(share, 0), 1) * Double(width * 8)
        guard part > 0 else { return "" }
        let count = max(1, Int(part.rounded()))
        let rest = count % 8
        return String(repeating: "█", count: count / 8)
            + (rest > 0 ? String(eighths[rest - 1]) : "")
    }

    /// `12 %`, or `0.4 %` below one.
    static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return tenths > 0 && tenths < 10 ? "0.\(tenths) %" : "\(Int((share * 100).rounded())) %"
    }
}
