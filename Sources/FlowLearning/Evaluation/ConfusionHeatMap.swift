internal import FlowSVG

/// The confusion matrix of an evaluation as a heat map: a row for each true label, a column for each
/// answer, the darker the larger its share of the row.
enum ConfusionHeatMap {
    /// Labels that one picture shows: those with the most wrong answers.
    static let mostLabels = 40
    /// Cells up to so many labels have their number in them.
    private static let numbered = 16
    private static let rules = """
        .hit{fill:#2e6b3a}.miss{fill:#b3261e}.frame{fill:none;stroke:#8c959f}.light{fill:#fff}

        """

    static func svg(_ evaluation: Evaluation) -> String {
        let labels = shown(evaluation)
        let cell = labels.count > numbered ? 16.0 : 28.0
        let (left, top) = (230.0, 70.0)
        let side = cell * Double(labels.count)
        let rest = evaluation.labels.count - labels.count
        let lines =
            ["rows: what it is; columns: what was answered, by the numbers of the rows"]
            + (rest > 0 ? ["without \(rest) labels with fewer mistakes"] : [])
        var file = SVGFile(
            title: "Confusion matrix", description: lines.joined(separator: "; "),
            width: max(520, left + side + 24), height: top + side + 24)
        file.rules = rules
        var picture = SVGText()
        picture.add(words: file.title, x: 16, y: 22, style: "head")
        for (place, line) in lines.enumerated() {
            picture.add(words: line, x: 16, y: 38 + 14 * Double(place), style: "note")
        }
        for (place, label) in labels.enumerated() {
            let middle = cell * (Double(place) + 0.5)
            let name = SVGText.cut(label.label, width: left - 50, size: 11)
            picture.add(
                words: "\(name)  \(place + 1)", x: left - 6, y: top + middle + 4,
                style: "small end")
            picture.add(
                words: "\(place + 1)", x: left + middle, y: top - 6,
                style: cell < 20 ? "tiny mid" : "small mid")
        }
        add(cells(evaluation, labels), labels, cell, (left, top), &picture)
        picture.add(box: left, top, side, side, style: "frame")
        file.content = picture
        return file.text
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
        _ origin: (x: Double, y: Double), _ picture: inout SVGText
    ) {
        for cell in cells {
            let truth = labels[cell.row]
            let share = Double(cell.count) / Double(max(1, truth.support))
            let opacity = SVGText.number(max(0.1, share))
            let (x, y) = (
                origin.x + size * Double(cell.column), origin.y + size * Double(cell.row)
            )
            picture.add("<g>")
            picture.add(title: [
                "\(truth.label) answered with \(labels[cell.column].label): \(cell.count) of "
                    + "\(truth.support)"
            ])
            picture.add(
                box: x, y, size, size, style: cell.row == cell.column ? "hit" : "miss",
                more: " fill-opacity=\"\(opacity)\"")
            picture.add("</g>\n")
            guard labels.count <= numbered else { continue }
            picture.add(
                words: "\(cell.count)", x: x + size / 2, y: y + size / 2 + 4,
                style: share > 0.5 ? "mid light" : "mid")
        }
    }
}
