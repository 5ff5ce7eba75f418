import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// What people see of confidence: whole screens of `flow skills list` and `show`, and the picture.
@Suite struct SkillScreenTests {
    private static let hostile =
        "\u{1B}[31mred </title><script>alert(1)</script> & \u{202E}tfel ]]> ::error::x"

    private static let made = Result {
        try JudgedDemo(
            [
                .init(id: "GR-AAAA0001", name: "KeyError in shop.cart") { day in
                    if day == -20 { return nil }
                    return day < 0 ? 4 + abs(day) % 3 : day % 7 == 0 ? 1 : 0
                },
                .init(id: "GR-BBBB0002", name: hostile, records: 1_000) { day in
                    day < 0 ? 2 : 5 + day % 2
                },
                .init(id: "GR-CCCC0003", name: "old one", status: "deprecated") { _ in 0 },
                .init(id: "FX-DDDD0004", name: "no connection", kind: "fixer") { day in
                    day % 9 == 0 ? 1 : 0
                },
            ], through: 40)
    }

    private func flow(_ words: String..., days: Int = 14) throws -> TestResult {
        try Self.made.get().demo.flow.run(["skills"] + words + ["--now", JudgedDemo.now(days)])
    }

    @Test("the list has confidence with its interval, days, finding and name in 80 columns")
    func list() throws {
        let list = try flow("list").checked()
        #expect(Hostile.effect(in: list.output) == nil)
        #expect(
            list.output == """
                FX-DDDD0004  0.22  ├──────●────▸   14 d  not-enough-data   no connection
                GR-AAAA0001  0.99  ●┤    ┊ │       14 d  boosted           KeyError in shop.cart
                GR-BBBB0002  0.01        ┊ │ ├●┤   14 d  reduced, flagged  \\x1b[31mred </title>…
                GR-CCCC0003  0.50        ┊ │          -  deprecated        old one

                """)
        let json = try flow("list", "--json").checked().jsonLines
        #expect(json.map { $0["id"]?.stringValue?.first } == ["F", "G", "G", "G"])
        #expect(json[1]["finding"] == "boosted" && json[1]["evidence_days"] == 14)
        #expect(json[1]["documented_confidence"] == 0.5 && json[3]["finding"] == nil)
        #expect(json[2]["name"]?.stringValue == Self.hostile)
        #expect(try #require(json[1]["interval"]?.arrayValue).count == 2)
    }

    @Test("show has the document's head, confidence, reason and a chart of before and after")
    func show() throws {
        #expect(
            try flow("show", "GR-AAAA0001").checked().output == """
                GR-AAAA0001 KeyError in shop.cart
                status       approved, acts since 2025-10-10T09:00:00Z
                kind         guardrail
                component    app.0
                template     KeyError: '<str>'
                file         skills/GR-AAAA0001_made.yaml
                confidence   0.99 ████████████████████
                             its document says 0.50
                rate ratio   ●─┤         ┊   │          0.03 (0.01–0.09)
                                 ⅛   ¼   ½   1   2   4
                evidence     14 days
                finding      boosted: expected 69 in 14 days, saw 2; rate ratio 0.03
                             (0.01–0.09); halved with probability above 0.99; what is usual
                             rests on 3 judged skills

                errors a day, 2025-09-04 to 2025-10-24
                    6 │ █  █  █  █  █     █  █  █  ░  ░  ░ │
                      │ █▅ █▅ █▅ █▅ █▅  ▅ █▅ █▅ █▅ ░░ ░░ ░▅│
                      │▃██▃██▃██▃██▃██▃ █▃██▃██▃██▃░░░░░░░█│
                      │████████████████ ███████████░░░░░░░█│
                      │████████████████ ███████████░░░░░░░█│
                      │████████████████ ███████████░░░░░░░█│
                      │████████████████ ███████████░░░░░░░█░      ▃      ▃
                      │████████████████ ███████████░░░░░░░█░      █      █
                    0 └──────────────── ───────────────────┴──────┬──────┬
                                                    deployed      7     14
                mean before 4.93, after 0.14; judged after 7, 14 and 28 days
                ░ does not count: the error was chosen for those days, or nothing that contains
                the skill ran

                """)
        let quiet = try flow("show", "GR-CCCC0003").checked().output
        #expect(quiet.contains("status       deprecated\n") && !quiet.contains("judged"))
        let json = try flow("show", "GR-AAAA0001", "--json").checked().json
        #expect(json["first_day"] == "2025-10-11")
        #expect(json["looks"] == ["2025-10-18", "2025-10-25", "2025-11-08"])
        let days = try #require(json["days"]?.arrayValue)
        #expect(days.count { $0["use"] == "before" } == 28)
        #expect(days.count { $0["use"] == "after" } == 14)
        #expect(days.first { $0["day"] == "2025-10-17" }?["hits"] == 1)
    }

    @Test("a skill of a hostile name, with rates or with months, stays within 80 columns")
    func width() throws {
        for id in ["FX-DDDD0004", "GR-AAAA0001", "GR-BBBB0002", "GR-CCCC0003"] {
            for days in [0, 3, 14, 40, 700] {
                let screen = try flow("show", id, days: days).checked().output
                #expect(Hostile.effect(in: screen) == nil, "\(id) \(days)")
                for line in screen.split(separator: "\n") {
                    #expect(line.count <= 80 && line.last != " ", "\(id) \(days): \(line)")
                }
            }
        }
        let rates = try flow("show", "GR-BBBB0002").checked().output
        #expect(rates.contains("\nerrors in 1,000 other records, 2025-09-05 to 2025-10-24\n"))
        #expect(rates.contains("\nmean before 2, after 5.5;"))
        let months = try flow("show", "GR-AAAA0001", days: 40).checked().output
        #expect(months.contains("errors a day, 2025-09-04 to 2025-11-18, means of 2 days\n"))
    }

    @Test(
        "the picture is well-formed, has a bar a day, and no effect of others' text",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func picture() throws {
        for id in ["GR-AAAA0001", "GR-BBBB0002", "GR-CCCC0003"] {
            let svg = try flow("show", id, "--svg", "-").checked().output
            #expect(Hostile.effect(in: svg) == nil)
            #expect(!svg.contains("<script") && !svg.contains("onload="))
            let seen = try #require(Python.run(Self.reader, [.string(svg)]).first)
            #expect(seen["foreign"] == [] && seen["outside"] == [])
            #expect(seen["deployed"] == 1)
            if id == "GR-AAAA0001" {
                #expect(seen["before"] == 28 && seen["after"] == 14 && seen["unread"] == 1)
            }
        }
        let demo = try Self.made.get().demo
        try flow("show", "GR-AAAA0001", "--svg", "effect.svg").checked()
        #expect(try demo.text("effect.svg").hasPrefix("<svg "))
        try Files.remove(demo.at("effect.svg"))
    }

    private static let reader = #"""
        import json, sys
        import xml.etree.ElementTree as tree
        S = "{http://www.w3.org/2000/svg}"
        for line in sys.stdin:
            root = tree.fromstring(json.loads(line))
            known = {S + n for n in "svg title desc style defs pattern rect path g text".split()}
            width, height = [float(n) for n in root.get("viewBox").split()[2:]]
            rects = [r for r in root.findall(".//" + S + "g/" + S + "rect")]
            def box(r): return [float(r.get(k)) for k in ("x", "y", "width", "height")]
            def count(name): return sum(r.get("class") == name for r in rects)
            print(json.dumps({
                "foreign": [e.tag for e in root.iter() if e.tag not in known
                            or any(a.startswith("on") or "href" in a for a in e.attrib)],
                "outside": [b for b in map(box, rects)
                            if b[0] < 0 or b[1] < 0 or b[0] + b[2] > width or b[1] + b[3] > height],
                "deployed": sum(p.get("class") == "deployed" for p in root.iter(S + "path")),
                # one of each stands in the legend
                "before": count("u-before") - 1, "after": count("u-after") - 1,
                "unread": count("unread")}))
        """#

    @Test("of a fix its tries say what may be done, and the four parts of its score explain")
    func fix() throws {
        let demo = try Demo(copying: Self.made.get().demo)
        func section() throws -> String {
            let screen = try demo.flow(
                "skills", "show", "FX-DDDD0004", "--now", JudgedDemo.now(14)
            ).checked().output
            let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
            let start = try #require(lines.firstIndex { $0.hasPrefix("tries ") })
            return lines[start...].prefix { !$0.isEmpty }.joined(separator: "\n")
        }
        #expect(
            try section() == """
                tries        none: nothing is known of how often it works
                score        0.10 ██
                             solved cases  0.4 × 0.00
                             history       0.3 × 0.00
                             recency       0.2 × 0.00
                             context       0.1 × 1.00
                             explains what is known; what may be done is decided by its tries
                """)
        try demo.write(
            "skills/knowledge/lost.yaml",
            "- {id: K-1, title: no connection, problem: \"KeyError: 'host'\"}\n"
                + "- {id: K-2, title: disk full, problem: Errno 28}\n")
        func note(_ tries: [Bool], _ day: String) throws {
            let lines = tries.enumerated().map { number, success in
                let second = number < 10 ? "0\(number)" : "\(number)"
                let time = "\(day)T10:00:\(second).000000Z"
                return JSON.object([
                    "type": "attempt", "skill": "FX-DDDD0004", "success": .bool(success),
                    "by": "Ada", "note": "", "time": .string(time),
                    "key": .string("FX-DDDD0004/attempt/\(time)"),
                ])
            }
            try demo.write(
                "skills/ledger/\(day).jsonl",
                String(decoding: JSONLines.write(lines), as: UTF8.self))
            try demo.commitAll()
        }
        try note(Array(repeating: true, count: 18) + [false, true], "2025-09-25")
        let good = try section()
        #expect(
            good == """
                tries        19 of 20 succeeded; works at least 0.85 of the time with a
                             probability of 0.8: may be applied, and is to be told
                score        0.69 █████████████▊
                             solved cases  0.4 × 0.50
                             history       0.3 × 0.95
                             recency       0.2 × 0.50
                             context       0.1 × 1.00
                             explains what is known; what may be done is decided by its tries
                """)
        try note(Array(repeating: false, count: 60), "2025-10-20")
        let bad = try section()
        #expect(bad.contains(": is not suggested\n"), "\(bad)")
        #expect(bad.contains("\nflagged      for review, since it works "))
        #expect(bad.contains("\n             a second look said the same: its deprecation is"))
        let list = try demo.flow("skills", "list", "--now", JudgedDemo.now(14)).checked().output
        #expect(list.contains("not-enough-data, flagged  no connection"))
    }

    @Test("what cannot be shown is said: no such skill, no time, a line that cannot be read")
    func refused() throws {
        let demo = try Demo(copying: Self.made.get().demo)
        let unknown = try demo.flow("skills", "show", "GR-AAAA0011")
        #expect(unknown.exit == 1 && unknown.errors.contains("GR-AAAA0001"), "\(unknown)")
        #expect(try demo.flow("skills", "list", "--now", "soon").exit == 2)
        #expect(try demo.flow("skills", "show", "GR-AAAA0001", "--json", "--svg", "x").exit == 2)
        let path = "skills/ledger/2025-09.jsonl"
        try demo.write(path, demo.text(path) + "{torn\n")
        try demo.commitAll()
        let list = try demo.flow("skills", "list")
        #expect(list.exit == 1 && list.errors.contains(path) && list.output.contains("GR-AAAA0001"))
        #expect(try demo.git("status", "--porcelain").text == "", "nothing is written")
    }
}
