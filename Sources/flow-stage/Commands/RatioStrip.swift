internal import FlowStages
internal import Glibc

/// A rate ratio and its interval as a small bar on a logarithmic scale: `├─●──┤┊ │   `, where `┊` is
/// half of the errors and `│` all of them.
enum RatioStrip {
    /// The logarithms of the ends, by 2: a sixteenth of the errors and four times as many.
    private static let (low, high) = (-4, 2)

    static func width(cells octave: Int) -> Int { (high - low) * octave + 1 }

    /// - Parameter octave: characters from one ratio to its double.
    static func text(_ ratio: SkillDesk.Ratio?, cells octave: Int) -> String {
        let width = width(cells: octave)
        var line = [Character](repeating: " ", count: width)
        line[(-1 - low) * octave] = "┊"
        line[-low * octave] = "│"
        guard let ratio else { return String(line) }
        let (from, to) = (place(ratio.low, octave), place(ratio.high, octave))
        for cell in max(0, from)...max(0, min(width - 1, to)) { line[cell] = "─" }
        line[max(0, min(width - 1, from))] = from < 0 ? "◂" : "├"
        line[max(0, min(width - 1, to))] = to >= width ? "▸" : "┤"
        if let value = ratio.value {
            line[max(0, min(width - 1, place(value, octave)))] = "●"
        }
        return String(line)
    }

    /// What stands under it.
    static func scale(cells octave: Int) -> String {
        var line = ""
        for (step, mark) in ["⅛", "¼", "½", "1", "2", "4"].enumerated() {
            line = line.padded((step + 1) * octave) + mark
        }
        return line
    }

    /// The cell of a ratio; outside of the strip where it does not reach so far.
    private static func place(_ ratio: Double, _ octave: Int) -> Int {
        guard ratio > 0 else { return -1 }
        let place = ((log2(ratio) - Double(low)) * Double(octave)).rounded()
        return Int(min(Double(width(cells: octave)), max(-1, place)))
    }
}
