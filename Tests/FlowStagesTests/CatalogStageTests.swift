import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

/// What `catalog/sync` makes of what was mined.
@Suite struct CatalogStageTests {
    private static let path = "docs/error-codes.yaml"
    private static let page = "docs/error-codes.md"

    /// Lines of a log, one on each of some days of October 2025; later days are November's.
    private func log(_ days: ClosedRange<Int>, _ component: String, _ level: String, _ text: String)
        -> String
    {
        days.map { day in
            let date = day > 31 ? "2025-11-0\(day - 31)" : "2025-10-\(day < 10 ? "0" : "")\(day)"
            return "\(date) 09:00:00,000 \(level) \(component): \(text)\n"
        }.joined()
    }

    /// Mines what there is and a file more.
    private func mined(_ bench: StageBench, _ log: String, as name: String = "a") throws {
        try Files.write(log, to: bench.at("logs/\(name).log"))
        _ = try bench.run("skills/mine", ["source": .string(bench.at("logs/*"))])
    }

    private func sync(_ bench: StageBench, _ input: JSONObject = [:], key: String) throws
        -> StageBench.Handed
    {
        try bench.published("catalog/sync", .object(input), key: key)
    }

    private func text(_ bench: StageBench, _ path: String = path) throws -> String {
        try Files.text(Path.join(bench.workspace, path))
    }

    /// `quiet` by title.
    private func quiet(_ bench: StageBench) throws -> [String: String] {
        let root = try YAMLDocument.read(try text(bench)).root
        var result: [String: String] = [:]
        for (_, entry) in root?["errors"]?.mapping ?? [] {
            result[entry["title"]?.scalar?.text ?? ""] =
                entry["live_stats"]?["quiet"]?.scalar?.text ?? "-"
        }
        return result
    }

    @Test(
        "an error whose component was read on without it is quiet; one that nobody read for is not")
    func quiet() throws {
        let bench = try StageBench()
        try mined(
            bench,
            log(10...20, "shop", "ERROR", "KeyError: 'a'")
                + log(10...20, "till", "ERROR", "ValueError: bad"))
        #expect(
            try sync(bench, ["min-hits": 0], key: "a").value("quiet") == 0)
        let titles = try quiet(bench).keys.sorted()
        #expect(titles.count == 2)
        // Thirteen more days of one component, none of the other.
        try mined(bench, log(21...33, "shop", "INFO", "all is well"), as: "b")
        #expect(try sync(bench, key: "b").value("quiet") == 0)
        try mined(bench, log(34...34, "shop", "INFO", "all is well"), as: "c")
        #expect(try sync(bench, key: "c").value("quiet") == 1)
        let shop = try #require(titles.first { $0.hasPrefix("KeyError") })
        let till = try #require(titles.first { $0.hasPrefix("ValueError") })
        #expect(try quiet(bench) == [shop: "true", till: "-"])
        #expect(try text(bench, Self.page).contains("## Quiet"))
        #expect(try sync(bench, key: "d").value("changes") == [])
        try mined(bench, log(35...35, "shop", "ERROR", "KeyError: 'a'"), as: "d")
        #expect(try sync(bench, key: "e").value("quiet") == 0)
        #expect(try quiet(bench) == [shop: "false", till: "-"])
        #expect(try !text(bench, Self.page).contains("## Quiet"))
    }

    @Test("coverage and reduction are told against their targets, in outputs and in the metadata")
    func targets() throws {
        let bench = try StageBench()
        try mined(bench, log(32...37, "shop", "ERROR", "KeyError: 'a'"))
        let far = try bench.run("catalog/sync")
        #expect(try far.value("coverage") == 0 && far.value("covered") == false)
        #expect(try far.value("reduced") == false)
        #expect(
            far.said.last == "updated 0 entries, added 1 new; 0 of 1 covered (0 %, target 70 %)")
        let near = try sync(bench, ["coverage-target": 0, "reduction-target": 0.25], key: "a")
        #expect(try near.value("covered") == true)
        #expect(try text(bench).contains("  coverage_target: 0\n"))
        #expect(try text(bench).contains("  reduction_target: 0.25\n"))
    }

    @Test(
        "the page is made of the catalog alone, escapes what it shows, and leaves a person's alone")
    func page() throws {
        let bench = try StageBench()
        let hostile = "<script>alert(1)</script> | @octocat Closes #12 ![x](http://e.example) `x`"
        try mined(bench, log(32...37, "shop", "ERROR", hostile))
        _ = try sync(bench, key: "a")
        let page = try text(bench, Self.page)
        #expect(
            page.hasPrefix("<!-- flow makes this page of docs/error-codes.yaml at each sync -->\n"))
        let row = try #require(page.split(separator: "\n").first { $0.contains("alert") })
        for text in ["<script", "@octo", " #12", "![", "](", "`", "://"] {
            #expect(!row.contains(text), "\(text) in \(row)")
        }
        // eight cells, so nine bars and none from the message
        #expect(row.count { $0 == "|" } == 9)
        #expect(try sync(bench, key: "b").value("changes") == [])

        try bench.commit([(Self.page, "# Our own page\n")])
        let left = try bench.run("catalog/sync")
        #expect(try left.value("changes") == [])
        #expect(
            try left.value("problems") == [
                [
                    "file": .string(Self.page), "line": 1,
                    "message": "the page was not made by flow; name another with page, or none",
                ]
            ])
        #expect(try bench.run("catalog/sync", ["page": ""]).value("problems") == [])
    }
}
