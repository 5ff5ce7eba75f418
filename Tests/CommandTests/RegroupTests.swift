import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Groups of errors that grow together or are taken apart while skills are about them.
@Suite struct RegroupTests {
    private static let log = "datasets/samples/stock.jsonl"

    /// One record a product on each of some days of November.
    private static func records(_ products: [String], days: ClosedRange<Int>) -> [UInt8] {
        JSONLines.write(
            days.flatMap { day in
                products.map { product -> JSON in
                    [
                        "time": .string("2025-11-0\(day)T10:00:00Z"), "level": "error",
                        "component": "shop.stock",
                        "message": .string(
                            "cannot reserve \(day) of \(product) for order SO\(day): only 1 left"),
                    ]
                }
            })
    }

    private static func template(_ product: String) -> String {
        "cannot reserve <*> of \(product) for order <*>: only <*> left"
    }

    /// The second day: a fourth product makes one group of three.
    private static let next = "2025-11-09T02:00:00Z"

    private static func add(_ products: [String], days: ClosedRange<Int>, to demo: Demo) throws {
        try Files.write(
            Files.read(demo.at(log)) + records(products, days: days), to: demo.at(log))
        try demo.commitAll()
    }

    private static func integrate(_ demo: Demo) throws {
        try demo.flow("run", "integrate.yaml", "--now", next).checked()
    }

    /// The first day: three groups. Lamps were approved, sofas rejected; chairs wait, or were not
    /// among the first two and never proposed.
    private struct FirstDay {
        let demo: Demo
        /// The skill's id by the product that its template names.
        let ids: [String: String]

        init(top: Int = 20) throws {
            demo = try Demo()
            try Files.write(records(["lamp", "chair", "sofa"], days: 3...7), to: demo.at(log))
            try demo.commitAll()
            try demo.integrate("-p", "top=\(top)").checked()
            ids = try products(demo)
            // at the time of the story, which is when the skill begins to act
            let time = "2025-11-08T01:00:00Z"
            let git = TestProgram(
                "git", in: demo.path,
                environment: ["GIT_COMMITTER_DATE": time, "GIT_AUTHOR_DATE": time])
            let lamp = "proposal/\(ids["lamp"] ?? "")"
            try git("merge", "-q", "--no-ff", "-m", "Merge a proposal", lamp).checked()
            try git("branch", "-q", "-D", lamp).checked()
            try demo.flow("proposals", "reject", ids["sofa"] ?? "", "--reason", "sold out")
                .checked()
            try demo.integrate("-p", "top=\(top)").checked()
        }
    }

    private static let first = Result { try FirstDay() }

    private static func products(_ demo: Demo) throws -> [String: String] {
        var ids: [String: String] = [:]
        for id in try demo.proposals() {
            let skill = try demo.document(demo.document(ofProposal: id), at: "proposal/\(id)")
            let text = skill["match"]?["template"]?.stringValue ?? ""
            for product in ["lamp", "chair", "sofa"] where text == template(product) {
                ids[product] = id
            }
        }
        return ids
    }

    private func list(_ demo: Demo) throws -> [JSON] {
        try demo.flow("errors", "list", "--json").checked().jsonLines
    }

    private func members(_ json: JSON?) -> [(key: String, value: JSON)] {
        json?.objectValue.map { $0.members.map { (key: $0, value: $1) } } ?? []
    }

    /// The entries of the catalog by their codes.
    private func catalog(_ demo: Demo) throws -> [(key: String, value: JSON)] {
        members(try demo.document("docs/error-codes.yaml")["errors"])
    }

    private func aliases(_ demo: Demo) throws -> [String: String] {
        var found: [String: String] = [:]
        for (key, value) in try members(demo.document("skills/aliases.yaml")) {
            found[key] = value.stringValue
        }
        return found
    }

    /// What holds after the second day, whatever was kept of the first.
    private func expectFollowed(_ demo: Demo, _ ids: [String: String]) throws -> String {
        let rows = try list(demo)
        #expect(rows.map { $0["template"]?.stringValue } == [Self.template("<*>")])
        let now = try #require(rows.first?["fingerprint"]?.stringValue)
        #expect(rows.first?["hits_7d"] == 20)
        #expect([ids["lamp"], ids["chair"]].contains(rows.first?["skill"]?.stringValue))
        #expect(try demo.events().output("count", of: "propose") == 0)
        let lamp = try #require(try demo.skills()[ids["lamp"] ?? ""])
        let old = try #require(lamp["match"]?["fingerprint"]?.stringValue)
        #expect(try aliases(demo)[old] == now)
        let entry = try catalog(demo).first { $0.value["fingerprint"]?.stringValue == now }?.value
        #expect(entry?["live_stats"]?["hits_7d"] == 20)
        let covering = entry?["active_guardrails"]?.arrayValue?.compactMap { $0["skill_id"] }
        #expect(covering == [.string(ids["lamp"] ?? "")])
        let line = try #require(try demo.dataset().first)
        #expect(line["id"]?.stringValue == ids["lamp"] && line["fingerprint"]?.stringValue == old)
        try demo.expectSound()
        return now
    }

    private func evidence(_ demo: Demo, _ id: String) throws -> [JSON] {
        try JSONLines.read(demo.blob("skills/ledger/2025-11.jsonl")).filter {
            $0["type"] == "evidence" && $0["skill"]?.stringValue == id
        }
    }

    @Test("when groups grow into one nothing is proposed again, and all that was known goes on")
    func grown() throws {
        // what was never proposed has no examples in git: only what was remembered tells
        let first = try FirstDay(top: 2)
        let (demo, ids) = (first.demo, first.ids)
        #expect(Set(ids.keys) == ["lamp", "sofa"])
        let split = try demo.dataset().first?["split"]
        let codes = try catalog(demo).map(\.key)
        #expect(codes.count == 3)
        try Self.add(["desk"], days: 4...8, to: demo)
        try Self.integrate(demo)
        let now = try expectFollowed(demo, ids)
        #expect(try aliases(demo).count == 3)
        #expect(try Set(aliases(demo).values) == [now])
        #expect(try demo.proposals() == [])
        #expect(try demo.dataset().first?["split"] == split)
        #expect(try catalog(demo).map(\.key) == codes)
        let changed = try demo.git("show", "--name-only", "--format=", "main").lines
        #expect(changed.contains("skills/aliases.yaml"))
        // the day that was read first counts all products now
        let days = try evidence(demo, ids["lamp"] ?? "")
        #expect(days.last { $0["day"] == "2025-11-07" }?["hits"] == 4)

        let head = try demo.head()
        try Self.integrate(demo)
        #expect(try demo.head() == head)
    }

    @Test("a run that only mines proposes nothing again, and the next turn records the names")
    func minedOnly() throws {
        let first = try FirstDay()
        let (demo, ids) = (first.demo, first.ids)
        try Self.add(["desk"], days: 4...8, to: demo)
        try demo.flow("run", "mine.yaml", "--now", Self.next).checked()
        #expect(try demo.proposals() == [ids["chair"] ?? ""])
        #expect(try list(demo).first?["skill"]?.stringValue == ids["lamp"])
        #expect(try demo.paths("skills/aliases.yaml") == [])
        try Self.integrate(demo)
        _ = try expectFollowed(demo, ids)
        #expect(try aliases(demo).count == 3)
        // what waited under its old name is approved like any other
        try demo.flow("proposals", "approve", ids["chair"] ?? "").checked()
        try Self.integrate(demo)
        #expect(
            try Set(demo.skills().keys).isSuperset(of: [ids["chair"] ?? "", ids["lamp"] ?? ""]))
        #expect(try demo.proposals() == [])
    }

    @Test("a fresh clone knows by the examples of a skill what its group has become")
    func clone() throws {
        let (start, ids) = (try Self.first.get().demo, try Self.first.get().ids)
        let hub = try TemporaryFolder()
        let place = hub.at("hub.git")
        try TestProgram("git", in: hub.path)("clone", "-q", "--bare", start.path, place).checked()
        let demo = try Demo(cloning: place)
        try Self.add(["desk"], days: 4...8, to: demo)
        try Self.integrate(demo)
        let now = try expectFollowed(demo, ids)
        // what waits has examples on its branch, what was rejected has one in the catalog
        #expect(try aliases(demo).count == 3)
        #expect(try Set(aliases(demo).values) == [now])
        #expect(try demo.proposals() == [])
        let head = try demo.head()
        try Self.integrate(demo)
        #expect(try demo.head() == head)
    }

    @Test("a fresh clone with fewer messages finds the old groups under their new name")
    func fewer() throws {
        let first = try FirstDay()
        let (demo, ids) = (first.demo, first.ids)
        try Self.add(["desk"], days: 4...8, to: demo)
        try Self.integrate(demo)
        let now = try expectFollowed(demo, ids)
        try Files.write(Self.records(["lamp", "chair"], days: 3...8), to: demo.at(Self.log))
        try demo.commitAll()
        try Files.remove(demo.at(".flow"))
        let before = try aliases(demo)
        try Self.integrate(demo)
        let rows = try list(demo)
        #expect(rows.map { $0["fingerprint"]?.stringValue } == [now])
        #expect(try aliases(demo) == before)
        #expect(try demo.proposals() == [ids["chair"] ?? ""])
        try Self.add(["desk", "sofa"], days: 3...8, to: demo)
        try Self.integrate(demo)
        #expect(try list(demo).map { $0["fingerprint"]?.stringValue } == [now])
        #expect(try aliases(demo) == before)
    }

    @Test("a new version of the grouping finds what the old one named, remembered or not")
    func version() throws {
        let old = "0123abcd-0123-8123-8123-0123456789ab"
        for isRemembered in [true, false] {
            let first = try FirstDay()
            let (demo, ids) = (first.demo, first.ids)
            let lamp = ids["lamp"] ?? ""
            let path = try #require(try demo.paths("skills/").first { $0.contains(lamp) })
            let now = try #require(
                try demo.skills()[lamp]?["match"]?["fingerprint"]?.stringValue)
            // as if the fingerprint had come from another version
            for file in [path, "docs/error-codes.yaml", "datasets/trm/erp_tasks.jsonl"] {
                try demo.write(file, demo.text(file).replacing(now, with: old))
            }
            try demo.commitAll()
            if isRemembered {
                try TestProgram("python3", in: "/")(
                    "-c",
                    """
                    import sqlite3, sys
                    c = sqlite3.connect(sys.argv[1])
                    for table in ("groupings", "sources"):
                        c.execute(f"UPDATE {table} SET document = replace(replace(document, ?, ?), "
                                  "'\\"counts\\":{\\"version\\":1', '\\"counts\\":{\\"version\\":0')",
                                  (sys.argv[2], sys.argv[3]))
                    c.commit()
                    """, demo.at(".flow/memory.db"), now, old
                ).checked()
            } else {
                try Files.remove(demo.at(".flow"))
            }
            try demo.integrate().checked()
            #expect(try aliases(demo) == [old: now], "\(isRemembered)")
            #expect(try demo.proposals() == [ids["chair"] ?? ""], "\(isRemembered)")
            #expect(try list(demo).count == 3, "\(isRemembered)")
            #expect(try catalog(demo).count == 3, "\(isRemembered)")
        }
    }

    // MARK: What people take out

    private func second() throws -> Demo {
        let demo = try FirstDay().demo
        try Self.add(["desk"], days: 4...8, to: demo)
        try Self.integrate(demo)
        return demo
    }

    @Test("messages that people take out of a group are counted apart, until they put them back")
    func takenOut() throws {
        let demo = try second()
        let whole = try #require(try list(demo).first?["fingerprint"]?.stringValue)
        let words = [
            "errors", "split", String(whole.prefix(8)), "--matching", "of (desk|sofa) for",
        ]
        let before = try demo.text("skills/aliases.yaml")
        let preview = try demo.flow.run(words + ["--dry-run", "--json"]).checked().json
        #expect(preview["taken"]?["errors"] == 10 && preview["rest"]?["errors"] == 10)
        #expect(preview["taken"]?["examples"]?.arrayValue?.count == 2)
        #expect(preview["rest"]?["messages"]?.arrayValue?.count == 2)
        #expect(try demo.text("skills/aliases.yaml") == before)

        let said = try demo.flow.run(words).checked().output
        #expect(said.contains("10 errors, 2 different") && said.contains(Self.template("desk")))
        let part = try #require(preview["fingerprint"]?.stringValue)
        #expect(try demo.text("skills/aliases.yaml").hasPrefix(before))
        try demo.commitAll()
        try Self.integrate(demo)
        let rows = try list(demo)
        #expect(rows.count == 2)
        for row in rows {
            #expect(row["hits_7d"] == 10)
            #expect([whole, part].contains(row["fingerprint"]?.stringValue))
        }
        #expect(try demo.events().output("count", of: "propose") == 1)

        let explained = try demo.flow("errors", "explain", part, "--json").checked().json
        #expect(explained["split"]?["of"]?.stringValue == whole)
        #expect(explained["split"]?["matching"] == "of (desk|sofa) for")
        #expect(explained["split"]?["origin"]?["by"] == "Ada")
        let rest = try demo.flow("errors", "explain", whole, "--json").checked().json
        #expect(rest["taken_out"]?.arrayValue?.first?["fingerprint"]?.stringValue == part)
        #expect(rest["names"]?.arrayValue?.count == 3)
        #expect(try demo.flow("errors", "split", part).exit == 1)

        try demo.flow("errors", "merge", part, whole).checked()
        try demo.commitAll()
        try Self.integrate(demo)
        #expect(try list(demo).map { $0["hits_7d"] } == [20])
        #expect(try aliases(demo)[part] == whole)
    }

    @Test("a pattern that takes nothing apart is refused with the messages that it sees")
    func refused() throws {
        let demo = try Demo(copying: Self.first.get().demo)
        let lamp = try #require(
            try list(demo).first { $0["template"]?.stringValue == Self.template("lamp") }?[
                "fingerprint"]?.stringValue)
        try demo.flow("errors", "split", lamp, "--matching", "x").expectRefused("matches none")
        try demo.flow("errors", "split", lamp, "--matching", "lamp").expectRefused("matches all")
        try demo.flow("errors", "split", lamp, "--matching", "(").expectRefused("no regular")
        try demo.flow("errors", "split", lamp).expectRefused("was not merged")
        #expect(try demo.flow("errors", "split", lamp, "--dry-run").exit == 2)
        #expect(!Files.exists(demo.at("skills/aliases.yaml")))
    }

    @Test("what was taken out stays apart when the group grows further")
    func grownOn() throws {
        let demo = try second()
        let whole = try #require(try list(demo).first?["fingerprint"]?.stringValue)
        let words = ["errors", "split", whole, "--matching", "of lamp", "--json"]
        let part = try demo.flow.run(words).checked().json["fingerprint"]?.stringValue
        try demo.commitAll()
        let more = ["cart", "quote", "invoice"].map { what -> JSON in
            [
                "time": "2025-11-08T11:00:00Z", "level": "error", "component": "shop.stock",
                "message": .string("cannot reserve 1 of desk for \(what) SO1: only 1 left"),
            ]
        }
        try Files.write(
            Files.read(demo.at(Self.log)) + JSONLines.write(more), to: demo.at(Self.log))
        try demo.commitAll()
        try Self.integrate(demo)
        let rows = try list(demo)
        #expect(rows.map { $0["hits_7d"] } == [18, 5])
        #expect(
            rows.map { $0["template"]?.stringValue } == [
                "cannot reserve <*> of <*> for <*> <*>: only <*> left",
                Self.template("lamp"),
            ])
        #expect(rows.last?["fingerprint"]?.stringValue == part)
        #expect(try aliases(demo)[whole] == rows.first?["fingerprint"]?.stringValue)
        #expect(try demo.text("skills/aliases.yaml").contains("    of: \(whole)\n"))
        try Self.integrate(demo)
        #expect(try list(demo).map { $0["hits_7d"] } == [18, 5])
    }

    @Test("a merged group is explained part by part, with who merged it")
    func merged() throws {
        let demo = try Demo(copying: Self.first.get().demo)
        let rows = try list(demo)
        func name(_ product: String) throws -> String {
            let row = rows.first { $0["template"]?.stringValue == Self.template(product) }
            return try #require(row?["fingerprint"]?.stringValue)
        }
        let (lamp, sofa) = (try name("lamp"), try name("sofa"))
        try demo.flow("errors", "merge", lamp, sofa).checked()
        try demo.commitAll()
        try demo.integrate().checked()
        let found = try demo.flow("errors", "explain", sofa, "--json").checked().json
        let parts = found["parts"]?.arrayValue ?? []
        #expect(
            Set(parts.compactMap { $0["template"]?.stringValue })
                == [Self.template("lamp"), Self.template("sofa")])
        let own = parts.first { $0["fingerprint"]?.stringValue == lamp }
        #expect(own?["merged"]?["by"] == "Ada" && own?["merged"]?["line"]?.intValue != nil)
        #expect(
            own?["merged"]?["commit"]?.stringValue
                == (try demo.git(
                    "log", "-1", "--format=%H", "--author=Ada", "--",
                    "skills/aliases.yaml"
                ).text))
        #expect(own?["masks"]?.arrayValue?.isEmpty == false)
        #expect(found["nearest"]?["template"]?.stringValue == Self.template("chair"))
        #expect(found["nearest"]?["margin"] == 1)
        let text = try demo.flow("errors", "explain", lamp).checked().output
        #expect(text.contains("2 groups that people have merged") && text.contains("by Ada on"))
    }
}

extension TestResult {
    fileprivate func expectRefused(
        _ words: String, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(exit == 1, sourceLocation: location)
        #expect(errors.contains(words), "\(self)", sourceLocation: location)
    }
}
