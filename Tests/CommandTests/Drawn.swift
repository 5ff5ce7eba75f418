import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

@testable import flow

/// Pictures for tests, and how another program reads them.
enum Drawn {
    enum Language: CaseIterable {
        case mermaid, dot, svg

        func text(of picture: Picture) -> String {
            switch self {
            case .mermaid: MermaidDrawing.text(of: picture)
            case .dot: DotDrawing.text(of: picture)
            case .svg: SVGDrawing.text(of: picture)
            }
        }
    }

    struct NoActions: ActionSource {
        func manifest(for reference: String) throws(ActionError) -> ActionManifest {
            throw ActionError("there are no actions")
        }
    }

    static func read(_ text: String) throws -> Workflow {
        try Workflow.read(Array(text.utf8), file: "w.yaml", actions: NoActions())
    }

    // MARK: Graphs

    /// A graph in layers in which each node needs up to three of the forty nodes before it.
    static func layered(_ count: Int, seed: UInt64) throws -> (picture: Picture, edges: Int) {
        var generator = SeededGenerator(seed: seed)
        var text = "flow: 1\nname: layered\nnodes:\n"
        var edges = 0
        for place in 0..<count {
            let nearest = max(0, place - 40)..<max(0, place - place % 5)
            let needs = Set((0..<3).compactMap { _ in nearest.randomElement(using: &generator) })
            edges += needs.count
            let names = needs.sorted().map { "node-\($0)" }.joined(separator: ", ")
            text += "  node-\(place): {needs: [\(names)], run: echo}\n"
        }
        return (Picture(try read(text), subtitles: []), edges)
    }

    static func picture(titles: [String]) throws -> Picture {
        let nodes = titles.enumerated().map { place, title in
            "  n\(place): {name: \(JSON.string(title).text()), run: echo}\n"
        }
        let name = JSON.string(titles.joined(separator: " ")).text()
        return Picture(
            try read("flow: 1\nname: \(name)\nnodes:\n" + nodes.joined()), subtitles: titles)
    }

    static let shapes: Picture = {
        func item(_ id: String, _ shape: Picture.Item.Shape) -> Picture.Item {
            Picture.Item(
                id: id, title: id, shape: shape, isMatrix: false, look: nil, facts: [id])
        }
        return Picture(
            title: "shapes", subtitles: [],
            items: [item("a", .command), item("gate", .gate), item("deploy", .workflow)],
            needs: [[], [0], [1]], timeline: nil)
    }()

    // MARK: Runs

    /// Second, type, node, leg, data.
    typealias Moment = (Int, String, String?, Int?, JSONObject)

    static var workflow: Workflow {
        get throws {
            let ids = ["a", "legs", "deploy", "many", "gate", "cached", "skipped", "open", "late"]
            let nodes = ids.map { "  \($0): {run: echo}\n" }.joined()
            return try read("flow: 1\nname: story\nnodes:\n" + nodes)
        }
    }

    /// A run with everything that a timeline shows.
    static let story: [Moment] =
        [
            (0, "run.created", nil, nil, [:]), (0, "run.started", nil, nil, [:]),
            (0, "node.ready", "a", nil, [:]), (1, "attempt.started", "a", nil, [:]),
            (
                3, "attempt.finished", "a", nil,
                ["result": "failure", "reason": "exit 1", "retry_ms": 2000]
            ),
            (5, "attempt.started", "a", nil, [:]),
            (5, "attempt.finished", "a", nil, ["result": "failure", "retry_ms": 2000]),
            (7, "attempt.started", "a", nil, [:]),
            (8, "attempt.finished", "a", nil, ["result": "success"]),
            (8, "node.finished", "a", nil, ["result": "success"]),
            (8, "node.ready", "legs", nil, ["legs": 2]),
            (8, "node.expanded", "legs", nil, ["legs": [["key": "x"], ["key": "y"]]]),
        ] + ran("legs", 0, 9, 12)
        + ran("legs", 1, 10, 11, ["result": "failure", "tolerated": false])
        + [
            (
                12, "node.finished", "legs", nil,
                ["result": "failure", "reason": "1 of 2 legs failed"]
            ),
            (12, "node.ready", "deploy", nil, [:]), (12, "node.ready", "deploy/build", nil, [:]),
        ] + ran("deploy/build", nil, 13, 15) + ran("deploy/test", nil, 15, 16)
        + [
            (16, "node.finished", "deploy", nil, ["result": "success"]),
            (16, "node.ready", "many", nil, ["legs": 2]),
            (16, "node.expanded", "many", nil, ["legs": [["key": "m"], ["key": "n"]]]),
        ] + ran("many.0/build", nil, 16, 18) + ran("many.1/build", nil, 17, 19)
        + [
            (19, "node.finished", "many", nil, ["result": "success"]),
            (19, "node.ready", "gate", nil, [:]), (19, "approval.requested", "gate", nil, [:]),
            (19, "run.waiting", nil, nil, [:]), (9_000, "run.resumed", nil, nil, [:]),
            (9_000, "approval.decided", "gate", nil, ["verdict": "approve"]),
            (9_000, "node.finished", "gate", nil, ["result": "success"]),
        ] + ran("cached", nil, 9_001, 9_001, ["result": "success", "cached_from": "r0"])
        + [
            (9_001, "node.finished", "cached", nil, ["result": "success", "cached_from": "r0"]),
            (
                9_001, "node.finished", "skipped", nil,
                ["result": "skipped", "reason": "not wanted"]
            ),
            (9_001, "node.ready", "open", nil, [:]), (9_002, "attempt.started", "open", nil, [:]),
            (9_004, "tool.called", "open", nil, [:]),
        ]

    private static func ran(
        _ node: String, _ leg: Int?, _ start: Int, _ end: Int,
        _ data: JSONObject = ["result": "success"]
    ) -> [Moment] {
        [
            (start, "attempt.started", node, leg, [:]), (end, "attempt.finished", node, leg, data),
        ]
    }

    /// - Parameter unit: microseconds of one step of time.
    static func events(_ story: [Moment], unit: Int64 = 1_000_000) -> [Event] {
        var tries: [String: Int] = [:]
        return story.enumerated().map { place, moment in
            let (time, type, node, leg, data) = moment
            let key = "\(node ?? "")/\(leg ?? 0)"
            if type == "attempt.started" { tries[key, default: 0] += 1 }
            let draft = EventDraft(
                type, node: node, leg: leg, attempt: type.hasPrefix("attempt") ? tries[key] : nil,
                data: data)
            let start: Int64 = 1_700_000_000_000_000
            return Event(
                seq: place + 1, time: Timestamp(microseconds: start + Int64(time) * unit), run: "r",
                draft: draft)
        }
    }

    /// The picture of a run that goes on.
    static func run(_ story: [Moment]) throws -> String {
        let events = events(story)
        let workflow = try workflow
        let timeline = Timeline(events, of: workflow, now: events.last?.time.adding(seconds: 3))
        return SVGDrawing.text(
            of: Picture(workflow, subtitles: ["run r"], timeline: timeline))
    }

    // MARK: Reading

    /// What an SVG holds, by a parser that is not flow's: boxes that overlap or stand outside, lines
    /// through boxes, bars out of order or off the axis, elements that no picture has.
    static func parse(_ svg: String) throws -> JSON {
        try #require(Python.run(reader, [.string(svg)]).first)
    }

    private static let reader = #"""
        import json, re, sys
        import xml.etree.ElementTree as tree
        S = "{http://www.w3.org/2000/svg}"
        def numbers(text): return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)]
        def outline(group):
            for e in group:
                if not e.get("class", "").startswith("box"): continue
                if e.tag == S + "rect":
                    x, y = float(e.get("x")), float(e.get("y"))
                    return (x, y, x + float(e.get("width")), y + float(e.get("height")))
                x, y, w, c, _, h = numbers(e.get("d"))[:6]
                return (x - c, y, x + w + c, y + h + 2 * c)
        for line in sys.stdin:
            root = tree.fromstring(json.loads(line))
            known = {S + n for n in "svg title desc style defs pattern rect circle path g text".split()}
            out = {"foreign": [e.tag for e in root.iter() if e.tag not in known
                               or any(a.startswith("on") or "href" in a for a in e.attrib)]}
            width, height = numbers(root.get("viewBox"))[2:]
            groups = [g for g in root.iter(S + "g")]
            nodes = [g for g in groups if g.get("class") == "node"]
            boxes = [outline(g) for g in nodes]
            out["nodes"] = boxes
            out["ids"] = len({g.get("data-node") for g in nodes})
            out["tooltips"] = [g.find(S + "title").text for g in nodes]
            out["texts"] = [[float(t.get("x")), t.get("class") or "", t.text] for t in root.iter(S + "text")]
            out["width"] = width
            out["outside"] = [b for b in boxes if b[0] < 0 or b[1] < 0 or b[2] > width or b[3] > height]
            byleft = sorted(boxes)
            out["overlaps"] = []
            for i, a in enumerate(byleft):
                for b in byleft[i + 1:]:
                    if b[0] >= a[2]: break
                    if b[1] < a[3] and a[1] < b[3]: out["overlaps"].append([a, b])
            graph = [g for g in groups if g.get("id") == "flow-graph"][0]
            edges = [e for e in graph if e.tag == S + "path"]
            out["edges"] = len(edges)
            out["crossed"] = []
            for e in edges:
                straight = re.findall(r"([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)", e.get("d"))
                for x1, y1, x2, y2 in (map(float, l) for l in straight):
                    for b in boxes:
                        level = b[1] + 1 < y1 < b[3] - 1 and x1 < b[2] - 1 and x2 > b[0] + 1
                        upright = b[0] + 1 < x1 < b[2] - 1 and y1 < b[3] - 1 and y2 > b[1] + 1
                        if level if y1 == y2 else upright:
                            out["crossed"].append([x1, y1, b])
            out["rows"], out["misplaced"] = {}, []
            axis = [g for g in groups if g.get("id") == "flow-axis"]
            for g in groups:
                if g.get("class") != "row": continue
                last = float(axis[0].get("data-left")) - 0.1
                looks = []
                for r in g.iter(S + "rect"):
                    if not r.get("class").startswith("bar"): continue
                    looks.append(r.get("class").split("b-")[1])
                    x, w = float(r.get("x")), float(r.get("width"))
                    if x < last - 0.11 or x + w > float(axis[0].get("data-right")) + 0.1 or w <= 0:
                        out["misplaced"].append([g.get("data-row"), x, w])
                    last = x + w
                out["rows"][g.get("data-row")] = looks
            print(json.dumps(out))
        """#
}
