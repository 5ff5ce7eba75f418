/// The reliability diagram of an evaluation: for each bin of the probability how often the answers
/// in it were right (bars) against how probable they were said to be (the diagonal), and how many
/// answers there are in it (the row of bars below).
enum ReliabilityDiagram {
    private static let (left, top, side) = (54.0, 46.0, 300.0)
    private static let below = 60.0

    static func svg(_ evaluation: Evaluation) -> String {
        var picture = PictureText(
            width: left + side + 24, height: top + side + below + 62, title: "Reliability diagram")
        picture.add(
            words: "Reliability: expected calibration error "
                + Figure.text(evaluation.calibrationError), x: left, y: 20,
            more: "font-size=\"13\" font-weight=\"bold\"")
        picture.add(
            words: "\(evaluation.rows) rows, 15 equal-width bins", x: left, y: 36,
            more: "fill=\"#555\"")
        axes(&picture)
        let most = evaluation.calibration.bins.map(\.rows).max() ?? 0
        for bin in evaluation.calibration.bins where bin.rows > 0 {
            add(bin, most: most, &picture)
        }
        picture.add(
            line: left, top + side, to: left + side, top,
            more: "stroke=\"#444\" stroke-dasharray=\"5 4\"")
        return picture.text
    }

    private static func axes(_ picture: inout PictureText) {
        picture.add(box: left, top, side, side, more: "fill=\"none\" stroke=\"#999\"")
        for tenth in stride(from: 0, through: 10, by: 2) {
            let share = Double(tenth) / 10
            let words = tenth == 10 ? "1" : tenth == 0 ? "0" : "0.\(tenth)"
            picture.add(
                words: words, x: left - 6, y: top + side * (1 - share) + 4, anchor: "end")
            picture.add(
                words: words, x: left + side * share, y: top + side + below + 22,
                anchor: "middle")
        }
        picture.add(
            words: "share of right answers", x: 14, y: top + side / 2, anchor: "middle",
            more: "transform=\"rotate(-90 14 \(PictureText.number(top + side / 2)))\"")
        picture.add(
            words: "probability of the answer", x: left + side / 2, y: top + side + below + 42,
            anchor: "middle")
        picture.add(
            words: "rows", x: left - 6, y: top + side + below, anchor: "end", more: "fill=\"#555\"")
    }

    private static func add(_ bin: Calibrated.Bin, most: Int, _ picture: inout PictureText) {
        let x = left + side * bin.from
        let width = side * (bin.to - bin.from)
        let height = side * bin.accuracy
        let tip =
            "\(Figure.text(bin.from)) to \(Figure.text(bin.to)): \(bin.rows) rows, said "
            + "\(Figure.text(bin.probability)), right \(Figure.text(bin.accuracy))"
        picture.add(
            box: x + 1, top + side - height, width - 2, height,
            more: "fill=\"#4a78b8\" fill-opacity=\"0.75\"", tip: tip)
        let y = top + side * (1 - bin.probability)
        picture.add(
            line: x + 1, y, to: x + width - 1, y, more: "stroke=\"#b3261e\" stroke-width=\"2\"")
        let rows = (below - 12) * Double(bin.rows) / Double(max(1, most))
        picture.add(
            box: x + 1, top + side + below - rows, width - 2, rows, more: "fill=\"#999\"", tip: tip)
    }
}
