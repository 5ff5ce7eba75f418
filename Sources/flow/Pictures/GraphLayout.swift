/// Where the boxes and lines of a graph stand: layers from left to right, or turned from top to bottom, by
/// the longest path from a start, the order within a layer by barycentres (Sugiyama, Tagawa, Toda 1981), the heights by
/// least squares. The same graph gives the same picture.
///
/// Costs O((nodes + needs + bends) log) with a bounded number of sweeps; long lines beyond the
/// budget of bends run straight.
struct GraphLayout {
    struct Size { let width, height: Double }
    struct Point { let x, y: Double }
    struct Box {
        var x = 0.0, y = 0.0
        let width, height: Double
        var middle: Double { y + height / 2 }
        /// With the axes exchanged.
        var turned: Box { Box(x: y, y: x, width: height, height: width) }
    }
    /// A line between two boxes, by their places.
    struct Line {
        let from, to: Int
        /// From the right side of one box to the left side of the other; between the first and the
        /// second it bends, then it is level to the third, and so on. Turned, from the lower side of
        /// one to the upper side of the other, and upright where it was level.
        let points: [Point]
    }
    struct Gaps {
        /// Between boxes of one layer, between a line and its neighbours, between layers.
        let boxes, lines, layers: Double
    }

    private(set) var boxes: [Box]
    private(set) var lines: [Line] = []
    private(set) var width = 0.0
    private(set) var height = 0.0
    private(set) var layerCount = 0
    /// Whether layers go from top to bottom.
    let isTurned: Bool

    /// Bends that lines may have together; what is more would make the picture grow faster than
    /// the graph.
    static let bendBudget = 40_000

    /// - Parameters:
    ///   - needs: of each node, the places of others, each once, without a cycle.
    ///   - page: layers go from top to bottom where they would be wider than this and are narrower so.
    init(_ sizes: [Size], needs: [[Int]], gaps: Gaps, page: Double = .infinity) {
        boxes = sizes.map { Box(width: $0.width, height: $0.height) }
        var isAlone = needs.map(\.isEmpty)
        for needed in needs { for need in needed { isAlone[need] = false } }
        var layers = Layers(needs, alone: isAlone, heights: sizes.map(\.height), gaps)
        isTurned = Self.isNarrower(turned: layers, sizes, gaps, page)
        if isTurned {
            layers = Layers(needs, alone: isAlone, heights: sizes.map(\.width), gaps)
            boxes = boxes.map(\.turned)
        }
        layers.arrange()
        layerCount = layers.members.count
        place(layers, gaps)
        if isTurned { turn() }
        placeAlone(sizes.indices.filter { isAlone[$0] }, gaps)
    }

    /// Tells from the layers, before the costly arranging.
    private static func isNarrower(
        turned layers: Layers, _ sizes: [Size], _ gaps: Gaps, _ page: Double
    ) -> Bool {
        let nodes = layers.members.map { $0.filter { $0 < sizes.count }.map { sizes[$0].width } }
        let level = nodes.reduce(0) { $0 + ($1.max() ?? 0) + gaps.layers }
        let turned = nodes.map { $0.reduce(0) { $0 + $1 + gaps.boxes } }.max() ?? 0
        return level > page && turned < level
    }

    // MARK: Coordinates

    private mutating func place(_ layers: Layers, _ gaps: Gaps) {
        var x = 0.0
        let top = layers.tops.min() ?? 0
        var columns: [(left: Double, right: Double)] = []
        for members in layers.members {
            let widest = members.map { $0 < boxes.count ? boxes[$0].width : 0 }.max() ?? 0
            for member in members where member < boxes.count {
                boxes[member].x = x + (widest - boxes[member].width) / 2
                boxes[member].y = layers.tops[member] - top
                height = max(height, boxes[member].y + boxes[member].height)
            }
            columns.append((x, x + widest))
            x += widest + gaps.layers
        }
        width = max(0, x - gaps.layers)
        for path in layers.paths {
            let (from, to) = (path.from, path.to)
            let start = columns[layers.layer[from]].right
            let end = columns[layers.layer[to]].left
            var points = [
                Point(x: boxes[from].x + boxes[from].width, y: boxes[from].middle),
                Point(x: start, y: boxes[from].middle),
            ]
            for bend in path.bends {
                let y = layers.middle(of: bend) - top
                height = max(height, y)
                let column = columns[layers.layer[bend]]
                points += [Point(x: column.left, y: y), Point(x: column.right, y: y)]
            }
            points += [
                Point(x: end, y: boxes[to].middle), Point(x: boxes[to].x, y: boxes[to].middle),
            ]
            lines.append(Line(from: from, to: to, points: points))
        }
    }

    private mutating func turn() {
        boxes = boxes.map(\.turned)
        lines = lines.map { line in
            Line(
                from: line.from, to: line.to, points: line.points.map { Point(x: $0.y, y: $0.x) })
        }
        (width, height) = (height, width)
    }

    /// Nodes that nobody waits for and that wait for nobody stand in rows beneath the others.
    private mutating func placeAlone(_ alone: [Int], _ gaps: Gaps) {
        guard !alone.isEmpty else { return }
        let widest = alone.map { boxes[$0].width }.max() ?? 0
        let tallest = alone.map { boxes[$0].height }.max() ?? 0
        let gap = gaps.boxes * 1.5
        let area = Double(alone.count) * (widest + gap) * (tallest + gaps.boxes)
        let room = max(width, (area * 1.6).squareRoot(), widest)
        let columns = max(1, Int((room + gap) / (widest + gap)))
        let top = height > 0 ? height + gaps.boxes * 2 : 0
        for (number, place) in alone.enumerated() {
            boxes[place].x = Double(number % columns) * (widest + gap)
            boxes[place].y = top + Double(number / columns) * (tallest + gaps.boxes)
            width = max(width, boxes[place].x + boxes[place].width)
            height = max(height, boxes[place].y + tallest)
        }
    }
}
