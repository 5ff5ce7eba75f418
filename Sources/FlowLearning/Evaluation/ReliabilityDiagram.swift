internal import FlowSVG

/// The reliability diagram of an evaluation: for each bin of the probability how often the answers
/// in it were right (bars) against how probable they were said to be (the diagonal), and how many
/// answers there are in it (the row of bars below).
enum ReliabilityDiagram {
    private static let (left, top, side) = (54.0, 46.0, 300.0)
    private static let below = 60.0
    private static let rules = """
        .right{fill:#4a78b8;fill-opacity:.75}.said{fill:none;stroke:#b3261e;stroke-width:2}\
        .rows{fill:#999}.frame{fill:none;stroke:#8c959f}\
        .perfect{fill:none;stroke:#444;stroke-dasharray:5 4}

        """

    static func svg(_ evaluation: Evaluation) -> String {
        let error = Figure.text(evaluation.calibrationError)
        let about = "\(evaluation.rows) rows, 15 equal-width bins"
        var picture = SVGText()
        picture.add(words: "Calibration error \(error)", x: left, y: 20, style: "head")
        picture.add(words: about, x: left, y: 38, style: "sub")
        axes(&picture)
        let most = evaluation.calibration.bins.map(\.rows).max() ?? 0
        for bin in evaluation.calibration.bins where bin.rows > 0 {
            add(bin, most: most, &picture)
        }
        let (low, high) = (SVGText.number(top + side), SVGText.number(top))
        picture.add(
            path: "M\(SVGText.number(left)) \(low)L\(SVGText.number(left + side)) \(high)",
            style: "perfect")
        var file = SVGFile(
            title: "Reliability diagram",
            description: "Expected calibration error \(error) of \(about)",
            width: left + side + 24, height: top + side + below + 62)
        file.rules = rules
        file.content = picture
        return file.text
    }

    private static func axes(_ picture: inout SVGText) {
        picture.add(box: left, top, side, side, style: "frame")
        for tenth in stride(from: 0, through: 10, by: 2) {
            let share = Double(tenth) / 10
            let words = tenth == 10 ? "1" : tenth == 0 ? "0" : "0.\(tenth)"
            picture.add(
                words: words, x: left - 6, y: top + side * (1 - share) + 4, style: "small end")
            picture.add(
                words: words, x: left + side * share, y: top + side + below + 22,
                style: "small mid")
        }
        let middle = top + side / 2
        picture.add("<g transform=\"rotate(-90 14 \(SVGText.number(middle)))\">")
        picture.add(words: "share of right answers", x: 14, y: middle, style: "small mid")
        picture.add("</g>\n")
        picture.add(
            words: "probability of the answer", x: left + side / 2, y: top + side + below + 42,
            style: "small mid")
        picture.add(words: "rows", x: left - 6, y: top + side + below, style: "note end")
    }

    private static func add(_ bin: Calibrated.Bin, most: Int, _ picture: inout SVGText) {
        let x = left + side * bin.from
        let width = side * (bin.to - bin.from)
        let height = side * bin.accuracy
        let y = SVGText.number(top + side * (1 - bin.probability))
        let rows = (below - 12) * Double(bin.rows) / Double(max(1, most))
        picture.add("<g>")
        picture.add(title: [
            "\(Figure.text(bin.from)) to \(Figure.text(bin.to)): \(bin.rows) rows, said "
                + "\(Figure.text(bin.probability)), right \(Figure.text(bin.accuracy))"
        ])
        picture.add(box: x + 1, top + side - height, width - 2, height, style: "right")
        picture.add(
            path: "M\(SVGText.number(x + 1)) \(y)H\(SVGText.number(x + width - 1))", style: "said")
        picture.add(box: x + 1, top + side + below - rows, width - 2, rows, style: "rows")
        picture.add("</g>\n")
    }
}
