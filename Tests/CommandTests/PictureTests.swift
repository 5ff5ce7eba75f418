import FlowEngine
import FlowJSON
import FlowSVG
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

@testable import flow

/// `flow graph` in its three languages. Pictures are checked as other programs read them.
@Suite struct PictureTests {
    @Test(
        "an SVG is well-formed XML in which each node and each need stands once, and no boxes overlap",
        .enabled(if: Python.isThere, "python3 is not installed"),
        arguments: [1, 12, 40, 149, 150, 700])
    func graphs(_ count: Int) throws {
        let seed = UInt64(count)
        let (picture, edges) = try Drawn.layered(count, seed: seed)
        let svg = SVGDrawing.text(of: picture)
        #expect(svg == SVGDrawing.text(of: try Drawn.layered(count, seed: seed).picture))
        let seen = try Drawn.parse(svg)
        #expect(seen["nodes"]?.arrayValue?.count == count)
        #expect(seen["ids"]?.intValue == count, "seed \(seed)")
        #expect(seen["edges"]?.intValue == edges)
        #expect(seen["overlaps"] == [], "seed \(seed)")
        #expect(seen["outside"] == [], "seed \(seed)")
        #expect(seen["crossed"] == [], "a line runs through a box; seed \(seed)")
        #expect(seen["foreign"] == [])
    }

    @Test("needs go from left to right, and a node without any stands beneath the others")
    func layers() {
        let sizes = (0..<5).map { _ in GraphLayout.Size(width: 50, height: 20) }
        let layout = GraphLayout(
            sizes, needs: [[], [0], [0, 1], [], [2]],
            gaps: .init(boxes: 10, lines: 5, layers: 30))
        let x = layout.boxes.map(\.x)
        #expect(x[0] < x[1] && x[1] < x[2] && x[2] < x[4])
        #expect(
            layout.boxes[3].y >= layout.boxes.indices.filter { $0 != 3 }.map {
                layout.boxes[$0].y + layout.boxes[$0].height
            }.max() ?? 0)
        #expect(layout.layerCount == 4)
    }

    private static let long = [
        "A name of a node that is very long, as people write them who come from other tools",
        "a-very-long-identifier-without-any-blank-that-goes-on-and-on-and-on-and-on",
        String(repeating: "W", count: 60), String(repeating: "数据清洗", count: 20),
        "مرحبا بالعالم نص طويل من اليمين إلى اليسار", "short", "emoji 🚀🚀🚀 Straße",
    ]

    @Test(
        "no text reaches out of the picture, and no title out of its box",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func texts() throws {
        let svg = SVGDrawing.text(of: try Drawn.picture(titles: Self.long))
        let seen = try Drawn.parse(svg)
        let width = try #require(seen["width"]?.doubleValue)
        let texts = try #require(seen["texts"]?.arrayValue)
        #expect(texts.count > Self.long.count * 2)
        for text in texts {
            let words = text.arrayValue?[2].stringValue ?? ""
            let look = text.arrayValue?[1].stringValue ?? ""
            let size = look == "head" ? 17 * SVGText.bold : 12
            let end = (text.arrayValue?[0].doubleValue ?? 0) + SVGText.width(words, size: size)
            #expect(end <= width, "\(words)")
        }
        #expect(seen["overlaps"] == [] && seen["outside"] == [])
        for title in GraphSection(try Drawn.picture(titles: Self.long)).titles {
            #expect(title.allSatisfy { SVGText.width($0, size: 12) <= 200 }, "\(title)")
        }
    }

    @Test("a graph too wide for a page goes from top to bottom, a wide layer does not")
    func turned() throws {
        func graph(_ need: (Int) -> String) throws -> GraphLayout {
            let nodes = (0..<30).map { "  node-\($0): {needs: [\(need($0))], run: echo}\n" }
            let text = "flow: 1\nname: w\nnodes:\n" + nodes.joined()
            return GraphSection(Picture(try Drawn.read(text), subtitles: [])).layout
        }
        let chain = try graph { $0 == 0 ? "" : "node-\($0 - 1)" }
        #expect(chain.isTurned && chain.width < GraphSection.pageWidth)
        let y = chain.boxes.map(\.y)
        #expect(zip(y, y.dropFirst()).allSatisfy { $0 + 30 < $1 })
        let fan = try graph { $0 == 0 ? "" : "node-0" }
        #expect(!fan.isTurned && fan.width < 300)
    }

    @Test("a large graph is drawn whole, and lines beyond the budget of bends run straight")
    func large() throws {
        let count = 6_000
        let (picture, edges) = try Drawn.layered(count, seed: 1)
        let svg = SVGDrawing.text(of: picture)
        #expect(svg.utf8.count < 800 * (count + edges))
        #expect(GraphSection(picture).layout.lines.count == edges)
        let bends = GraphSection(picture).layout.lines.reduce(0) { $0 + $1.points.count / 2 - 2 }
        #expect(bends <= GraphLayout.bendBudget)
    }

    @Test("text of others has no effect in a picture", arguments: Drawn.Language.allCases)
    func hostile(_ language: Drawn.Language) throws {
        // A name takes no expression.
        let titles =
            Hostile.messages.filter { !$0.contains("${{") } + [
                "]]>", "</title></svg>", "&#x41;", "a\"b'c",
            ]
        let picture = try Drawn.picture(titles: titles)
        let text = language.text(of: picture)
        #expect(Hostile.effect(in: text) == nil)
        guard language == .svg, Python.isThere else { return }
        let seen = try Drawn.parse(text)
        #expect(seen["foreign"] == [])
        #expect(seen["ids"]?.intValue == titles.count)
        let shown = (seen["tooltips"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(shown.contains { $0.contains("</title></svg>") })
        #expect(shown.contains { $0.contains("&#x41;") })
    }

    @Test("a gate and a workflow have shapes of their own", arguments: Drawn.Language.allCases)
    func shapes(_ language: Drawn.Language) {
        let text = language.text(of: Drawn.shapes)
        switch language {
        case .mermaid:
            #expect(text.contains("n1{{\"gate\"}}") && text.contains("n2[[\"deploy\"]]"))
        case .dot:
            #expect(text.contains("n1 [label=\"gate\", shape=octagon]"))
            #expect(text.contains("n2 [label=\"deploy\", peripheries=2]"))
        case .svg:
            let gate = text.split(separator: "data-node=\"gate\"").last ?? ""
            #expect(gate.prefix { $0 != "\n" }.contains("<path d=\"M"))
        }
    }

    @Test("the picture in the documentation is the one that is drawn today")
    func documented() throws {
        let flow = TestProgram(BuiltPrograms.flow, in: BuiltPrograms.checkout)
        let drawn = try flow("graph", "workflows/integrate.yaml", "--format", "svg").checked()
        let path = Path.join(BuiltPrograms.checkout, "docs/integrate.svg")
        #expect(
            try Files.text(path) == drawn.output,
            "flow graph workflows/integrate.yaml --format svg > docs/integrate.svg")
    }

    // MARK: Timelines

    @Test(
        "bars stand in the order of their attempts and inside the axis",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func bars() throws {
        let svg = try Drawn.run(Drawn.story)
        let seen = try Drawn.parse(svg)
        #expect(seen["misplaced"] == [])
        #expect(seen["foreign"] == [])
        let rows = try #require(seen["rows"]?.objectValue)
        #expect(
            rows.keys == [
                "a", "legs", "legs.0", "legs.1", "deploy", "deploy/build", "deploy/test", "many",
                "many.0", "many.0/build", "many.1", "many.1/build", "gate", "cached", "skipped",
                "open", "late",
            ])
        #expect(rows["a"] == ["failure", "failure", "success"])
        #expect(rows["legs.1"] == ["failure"])
        #expect(rows["deploy/build"] == ["success"])
        #expect(rows["cached"] == ["cached"])
        #expect(rows["open"] == ["running"])
        #expect(rows["skipped"] == [])
        #expect(rows["late"] == [])
    }

    @Test("a run that goes on ends now; one whose flow was killed ends with its last event")
    func end() throws {
        let events = Drawn.events(Drawn.story)
        let now = Timestamp(microseconds: (events.last?.time.microseconds ?? 0) + 5_000_000)
        let live = Timeline(events, of: try Drawn.workflow, now: now)
        #expect(live.end == now.microseconds)
        #expect(live["open"]?.look == .running)
        let dead = Timeline(events, of: try Drawn.workflow, now: nil)
        #expect(dead.end == events.last?.time.microseconds)
        #expect(dead["open"]?.look == .lost)
    }

    @Test("an attempt whose end was not seen ends where its flow's last event stands")
    func lost() throws {
        let events = Drawn.events([
            (0, "run.started", nil, nil, [:]), (0, "node.ready", "a", nil, [:]),
            (1, "attempt.started", "a", nil, [:]), (4, "attempt.started", "open", nil, [:]),
            (9_000, "run.resumed", nil, nil, [:]),
            (9_000, "attempt.finished", "a", nil, ["lost": true]),
            (9_001, "attempt.started", "a", nil, [:]),
            (9_002, "attempt.finished", "a", nil, ["result": "success"]),
        ])
        let timeline = Timeline(events, of: try Drawn.workflow, now: nil)
        let bars = try #require(timeline["a"]?.legs.first?.bars)
        #expect(bars.map(\.look) == [.lost, .success])
        #expect(bars.map { ($0.end - $0.start) / 1_000_000 } == [3, 1])
        let scale = TimeScale(timeline, width: 600)
        #expect(scale.breaks.map(\.length) == [8_996_000_000])
        #expect(scale.x(bars[0].end) - scale.x(bars[0].start) > 200)
        #expect(abs(scale.x(timeline.end) - 600) < 0.01)
    }

    @Test(
        "of a large matrix some legs have rows, those that failed among them; one row sums the rest"
    )
    func manyLegs() throws {
        var story: [Drawn.Moment] = [
            (0, "node.ready", "legs", nil, ["legs": 300]),
            (
                0, "node.expanded", "legs", nil,
                ["legs": .array((0..<300).map { ["key": .string("k\($0)")] })]
            ),
        ]
        for leg in 0..<300 {
            let result: JSON = leg == 250 ? "failure" : "success"
            story.append((leg, "attempt.started", "legs", leg, [:]))
            story.append((leg + 1, "attempt.finished", "legs", leg, ["result": result]))
        }
        let timeline = Timeline(Drawn.events(story), of: try Drawn.workflow, now: nil)
        let rows = TimelineRow.all(of: timeline).filter { $0.path.hasPrefix("legs") }
        #expect(rows.count == TimelineRow.legLimit + 2)
        #expect(rows.contains { $0.path == "legs.250" && $0.look == .failure })
        #expect(rows.last?.title == "288 more legs")
    }

    static let labels: [(seconds: Int64, label: String)] = [
        (0, "0"), (1, "1 s"), (90, "1 min 30 s"), (3_600, "1 h"), (5_400, "1 h 30 min"),
        (86_400, "1 d"), (108_000, "1 d 6 h"),
    ]

    @Test("moments of the axis are named in the largest units", arguments: labels)
    func label(_ seconds: Int64, _ label: String) {
        #expect(TimeScale.label(seconds * 1_000_000) == label)
    }

    @Test("ticks are round, apart, and few", arguments: [5, 900, 61_000, 4_000_000, 9_000_000_000])
    func ticks(_ milliseconds: Int) throws {
        let events = Drawn.events(
            [(0, "run.started", nil, nil, [:]), (milliseconds, "run.finished", nil, nil, [:])],
            unit: 1_000)
        let timeline = Timeline(events, of: try Drawn.workflow, now: nil)
        let ticks = TimeScale(timeline, width: 1_000).ticks
        #expect((3...12).contains(ticks.count), "\(ticks)")
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1.x - $0.x > 70 })
    }
}
