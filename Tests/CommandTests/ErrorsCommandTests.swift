import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// What people see of the errors, and how they change what belongs together.
@Suite struct ErrorsCommandTests {
    private static let start = Result {
        let demo = try Demo(messages: [
            "order of customer refused", "disk is full", "KeyError: 'x'",
            "cannot open 'a' in state 7",
        ])
        try demo.integrate().checked()
        return demo
    }

    private func demo() throws -> Demo { try Demo(copying: Self.start.get()) }

    private func list(_ demo: Demo) throws -> [JSON] {
        try demo.flow("errors", "list", "--json").checked().jsonLines
    }

    private func fingerprint(_ rows: [JSON], _ template: String) throws -> String {
        let row = try #require(rows.first { $0["template"]?.stringValue == template })
        return try #require(row["fingerprint"]?.stringValue)
    }

    @Test("the list has every signature with its counts, and shows thirty days as bars")
    func listed() throws {
        let demo = try demo()
        let rows = try list(demo)
        #expect(rows.count == 4)
        #expect(rows.allSatisfy { $0["hits_7d"]?.intValue == 4 && $0["skill"]?.isNull == true })
        let shown = try demo.flow("errors").checked().output
        #expect(shown.split(separator: "\n").count == 4)
        #expect(shown.contains("····████"))
        let one = try fingerprint(rows, "disk is full")
        let text = try demo.flow("errors", "show", String(one.prefix(9))).checked().output
        #expect(text.contains(one) && text.contains("4 in 7 days") && text.contains("disk is full"))
    }

    @Test("a list can begin with what is new, be cut, and leave out what a skill covers")
    func ordered() throws {
        let demo = try demo()
        try demo.write(
            "app.jsonl",
            """
            {"time": "2025-11-02T10:00:00Z", "level": "error", "message": "old and often"}
            {"time": "2025-11-03T10:00:00Z", "level": "error", "message": "old and often"}
            {"time": "2025-11-07T10:00:00Z", "level": "error", "message": "old and often"}
            {"time": "2025-11-05T10:00:00Z", "level": "error", "message": "new and once"}

            """)
        try demo.flow("run", "mine.yaml", "--now", Demo.now, "-p", "errors=app.jsonl").checked()
        func templates(_ words: String...) throws -> [String?] {
            try demo.flow.run(["errors", "list", "--json"] + words).checked().jsonLines.map {
                $0["template"]?.stringValue
            }
        }
        #expect(try templates() == ["old and often", "new and once"])
        #expect(try templates("--sort", "first-seen") == ["new and once", "old and often"])
        #expect(try templates("--sort", "last-seen", "--limit", "1") == ["old and often"])
        #expect(try templates("--uncovered").count == 2)
        let skills = try demo.paths("skills/")
        #expect(skills.allSatisfy { !$0.hasPrefix("skills/GR-") })
        #expect(try demo.flow("errors", "list", "--sort", "size").exit == 2)
        #expect(try demo.flow("errors", "list", "--limit", "0").exit == 2)
    }

    @Test("a signature is shown with its days, what was not read among them, its releases and rate")
    func shown() throws {
        let demo = try demo()
        func line(_ day: Int, _ release: String, _ level: String = "error") -> String {
            """
            {"time": "2025-11-0\(day)T10:00:00Z", "level": "\(level)", "release": "\(release)", \
            "component": "shop", "message": "no cart \(day)"}

            """
        }
        let lines =
            line(5, "1.1") + line(2, "1.0") + line(2, "1.0") + line(3, "1.1", "info")
            + line(5, "1.0")
        try demo.write("app.jsonl", lines)
        try demo.flow("run", "mine.yaml", "--now", Demo.now, "-p", "errors=app.jsonl").checked()
        let row = try #require(list(demo).first)
        let fingerprint = try #require(row["fingerprint"]?.stringValue)
        let text = try demo.flow("errors", "show", fingerprint).checked().output
        #expect(
            text.contains(
                """
                days
                  2025-11-02  2  ██████████████████████████████
                  2025-11-03  0
                  2025-11-04  nothing was read
                  2025-11-05  2  ██████████████████████████████

                release  hits  first seen            last seen
                1.1         1  2025-11-05T10:00:00Z  2025-11-05T10:00:00Z
                1.0         3  2025-11-02T10:00:00Z  2025-11-05T10:00:00Z

                """), "\(text)")
        #expect(text.contains("rate         800.0 in 1,000 records"))
        #expect(row["rate_per_1000"]?.doubleValue == 800)
        #expect(row["releases"]?.arrayValue?.map { $0["release"] } == ["1.1", "1.0"])
        #expect(
            row["daily"]?.arrayValue?.last
                == ["date": "2025-11-05", "hits": 2, "releases": ["1.0": 1, "1.1": 1]])
    }

    @Test("an explanation names what was masked and why, and the nearest group")
    func explained() throws {
        let demo = try demo()
        let run = try demo.flow(
            "errors", "explain", "--message", "cannot open 'b' in state 9", "--json"
        ).checked()
        let answer = try run.json
        #expect(answer["template"] == "cannot open '<str>' in state <*>")
        #expect(answer["counted"] == true)
        #expect(
            answer["masks"] == [
                ["text": "b", "reason": "in quotes"], ["text": "9", "reason": "it has a digit"],
            ])
        let group = try fingerprint(list(demo), "disk is full")
        let text = try demo.flow("errors", "explain", group).checked().output
        #expect(text.contains("disk is full") && text.contains("nearest"))
    }

    @Test("groups that people merge are one from the next run on, until they are split")
    func merged() throws {
        let demo = try demo()
        let rows = try list(demo)
        let (one, two) = (
            try fingerprint(rows, "disk is full"),
            try fingerprint(rows, "order of customer refused")
        )
        try demo.flow("errors", "merge", one, two).checked()
        #expect(try demo.text("skills/aliases.yaml").contains("\(one): \(two)\n"))
        try demo.commitAll()
        try demo.integrate().checked()
        let after = try list(demo)
        #expect(after.count == 3)
        #expect(
            after.first { $0["fingerprint"]?.stringValue == two }?["hits_7d"]?.intValue == 8)
        try demo.flow("errors", "split", String(one.prefix(8))).checked()
        try demo.commitAll()
        try demo.integrate().checked()
        #expect(try list(demo).count == 4)
    }

    @Test("a group under another name is listed and explained under it")
    func renamed() throws {
        let demo = try demo()
        let one = try fingerprint(list(demo), "disk is full")
        let name = "0123abcd-0123-8123-8123-0123456789ab"
        try demo.write("skills/aliases.yaml", "\(one): \(name)\n")
        try demo.commitAll()
        try demo.integrate().checked()
        #expect(try fingerprint(list(demo), "disk is full") == name)
        let explained = try demo.flow("errors", "explain", name, "--json").checked().json
        #expect(explained["template"] == "disk is full")
    }

    @Test("a merge that leads back to itself changes nothing")
    func circle() throws {
        let demo = try demo()
        let rows = try list(demo)
        let (one, two) = (
            try fingerprint(rows, "disk is full"),
            try fingerprint(rows, "order of customer refused")
        )
        try demo.flow("errors", "merge", one, two).checked()
        let before = try demo.text("skills/aliases.yaml")
        #expect(try demo.flow("errors", "merge", two, one).exit == 1)
        #expect(try demo.flow("errors", "merge", one, one).exit == 1)
        #expect(try demo.flow("errors", "show", "zzzz").exit == 1)
        #expect(try demo.text("skills/aliases.yaml") == before)
    }

    @Test("a look at a log lists its signatures and keeps nothing")
    func mined() throws {
        let folder = try TemporaryFolder()
        let flow = Demo.flow(in: folder.path)
        try folder.write(
            "app.log",
            """
            2025-11-03 10:00:00,000 ERROR shop.cart: cannot open cart 17
            2025-11-03 11:00:00,000 INFO shop.cart: opened
            2025-11-04 10:00:00,000 ERROR shop.cart: cannot open cart 18

            """)
        let rows = try flow(
            "errors", "mine", "app.log", "--now", Demo.now, "--json"
        ).checked().jsonLines
        #expect(rows.map { $0["template"]?.stringValue } == ["cannot open cart <*>"])
        #expect(rows.first?["hits_7d"]?.intValue == 2)
        #expect(rows.first?["component"] == "shop.cart")
        #expect(try Files.list(folder.path) == ["app.log"])
        #expect(try flow("errors", "mine", "nowhere.log").exit == 1)
        #expect(try flow("errors", "mine", "app.log", "--now", "soon").exit == 2)
    }

    @Test("grouping gives a line of JSON for each line of input, in its order")
    func grouped() throws {
        let demo = try demo()
        try demo.write("app.log", "took 3 ms\n\nreset by 10.0.0.1\r\ntook 4 ms")
        let lines = try demo.flow("errors", "group", "app.log").checked().jsonLines
        #expect(lines.map { $0["line"]?.intValue } == [1, 2, 3, 4])
        #expect(
            lines.map { $0["template"]?.stringValue } == [
                "took <*>", "", "reset by <*>", "took <*>",
            ])
        #expect(lines[0]["group"] == lines[3]["group"])
        try TestProgram("gzip", in: demo.path)("-k", "app.log").checked()
        let packed = try Files.read(demo.at("app.log.gz"))
        try Files.write(packed.dropLast(9), to: demo.at("cut.log.gz"))
        let cut = try demo.flow("errors", "group", "cut.log.gz").checked()
        #expect(
            cut.errors.hasPrefix("flow: cut.log.gz cannot be read further: it ends in the middle"))
        let missing = try demo.flow("errors", "group", "nowhere.log")
        #expect(missing.exit == 1 && missing.errors.contains("nowhere.log"))
    }

    @Test("masks of flow.yaml group the lines of a log and are named where a message is explained")
    func masks() throws {
        let demo = try demo()
        try demo.write(
            "flow.yaml", "masks:\n  - name: order\n    pattern: \"ORD-[A-Z]+( [A-Z]+)*\"\n")
        try demo.write("app.log", "no ORD-A here\nno ORD-B C here\n")
        let lines = try demo.flow("errors", "group", "app.log").checked().jsonLines
        #expect(lines.map { $0["template"] } == ["no <*> here", "no <*> here"])
        let log =
            "2025-11-03 10:00:00 ERROR app: no ORD-A here\n2025-11-03 10:00:00 ERROR app: no ORD-B C here\n"
        let mined = try demo.flow.run(
            ["errors", "mine", "-", "--now", Demo.now, "--json"], input: log
        ).checked().jsonLines
        #expect(mined.map { $0["examples"] } == [["no <mask:order> here"]])
        try demo.commitAll()
        try demo.integrate().checked()
        let answer = try demo.flow(
            "errors", "explain", "--message", "disk is full of ORD-C D", "--json"
        ).checked().json
        #expect(answer["masks"] == [["text": "ORD-C D", "reason": "the mask order of flow.yaml"]])
        try demo.write("flow.yaml", "masks: [{name: order, pattern: 'a*'}]\n")
        let bad = try demo.flow("errors", "group", "app.log")
        #expect(
            bad.exit == 1 && bad.errors.contains("flow.yaml:1:32: error: the pattern may match"))
    }
}
