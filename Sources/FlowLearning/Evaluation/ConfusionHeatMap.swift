/// The confusion matrix of an evaluation as a heat map: a row for each true label, a column for each
/// answer, the darker the larger its share of the row.
enum ConfusionHeatMap {
    /// Labels that one picture shows: those with the most wrong answers.
    static let mostLabels = 40
    /// Cells up to so many labels have their number in them.
    private static let numbered = 16

    static func svg(_ evaluation: Evaluation) -> String {
        let labels = shown(evaluation)
        let cell = labels.count > numbered ? 16.0 : 28.0
        let (left, top) = (230.0, 70.0)
        let side = cell * Double(labels.count)
        var picture = PictureText(
            width: max(520, left + side + 24), height: top + side + 24, title: "Confusion matrix")
        picture.add(
            words: "Confusion matrix", x: 16, y: 22, more: "font-size=\"13\" font-weight=\"bold\"")
        let rest = evaluation.labels.count - labels.count
        picture.add(
            words: "rows: what it is; columns: what was answered, by the numbers of the rows"
                + (rest > 0 ? "; without \(rest) labels with fewer mistakes" : ""),
            x: 16, y: 38, more: "fill=\"#555\"")
        for (place, label) in labels.enumerated() {
            let middle = cell * (Double(place) + 0.5)
            picture.add(
                words: "\(label.label)  \(place + 1)", x: left - 6, y: top + middle + 4,
                anchor: "end", most: 34)
            picture.add(
                words: "\(place + 1)", x: left + middle, y: top - 6, anchor: "middle",
                more: cell < 20 ? "font-size=\"8\"" : "")
        }
        add(cells(evaluation, labels), labels, cell, (left, top), &picture)
        picture.add(box: left, top, side, side, more: "fill=\"none\" stroke=\"#999\"")
        return picture.text
    }

    /// In the order of the labels.
    private static func shown(_ evaluation: Evaluation) -> [Evaluation.Label] {
        guard evaluation.labels.count > mostLabels else { return evaluation.labels }
        var mistakes: [String: Int] = [:]
        for confusion in evaluation.confusions {
            mistakes[confusion.truth, default: 0] += confusion.count
            mistakes[confusion.answer, default: 0] += confusion.count
        }
        let order = evaluation.labels.indices.sorted {
            let (one, other) = (
                mistakes[evaluation.labels[$0].label] ?? 0,
                mistakes[evaluation.labels[$1].label] ?? 0
            )
            return one != other ? one > other : $0 < $1
        }
        return order.prefix(mostLabels).sorted().map { evaluation.labels[$0] }
    }

    private struct Cell {
        let row: Int
        let column: Int
        let count: Int
    }

    private static func cells(_ evaluation: Evaluation, _ labels: [Evaluation.Label]) -> [Cell] {
        let places = Dictionary(
            labels.enumerated().map { ($1.label, $0) }, uniquingKeysWith: { first, _ in first })
        let right = labels.enumerated().filter { $0.element.right > 0 }.map {
            Cell(row: $0.offset, column: $0.offset, count: $0.element.right)
        }
        return right
            + evaluation.confusions.compactMap { confusion in
                guard let row = places[confusion.truth], let column = places[confusion.answer]
                else { return nil }
                return Cell(row: row, column: column, count: confusion.count)
            }
    }

    private static func add(
        _ cells: [Cell], _ labels: [Evaluation.Label], _ size: Double,
        _ origin: (x: Double, y: Double), _ picture: inout PictureText
    ) {
        for cell in cells {
            let truth = labels[cell.row]
            let share = Double(cell.count) / Double(max(1, truth.support))
            let opacity = PictureText.number(max(0.1, share))
            let (x, y) = (
                origin.x + size * Double(cell.column), origin.y + size * Double(cell.row)
            )
            picture.add(
                box: x, y, size, size,
                more: "fill=\"\(cell.row == cell.column ? "#2e6b3a" : "#b3261e")\""
                    + " fill-opacity=\"\(opacity)\"",
                tip: "\(truth.label) answered with \(labels[cell.column].label): \(cell.count) of "
                    + "\(truth.support)")
            guard labels.count <= numbered else { continue }
            picture.add(
                words: "\(cell.count)", x: x + size / 2, y: y + size / 2 + 4, anchor: "middle",
                more: "fill=\"\(share > 0.5 ? "#fff" : "#000")\"")
        }
    }
}
