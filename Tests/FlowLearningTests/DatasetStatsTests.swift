import FlowJSON
import FlowSystem
import Testing

@testable import FlowLearning

/// What is counted of a dataset, and what is found wrong with it.
@Suite("dataset stats and check") struct DatasetStatsTests {
    private func line(
        _ id: String, source: String = "skillsmith-production", template: String = "",
        texts: [String], label: String? = nil, approved: String? = "2026-11-18T09:00:00Z",
        split: DatasetSplit = .train, state: ExampleState = .approved
    ) -> TrainingExample {
        var example = Samples.example(
            id, source: source, template: template, examples: texts, approvedAt: approved,
            state: state)
        example.split = split
        example.label = label ?? id
        return example
    }

    /// Ten lines, counted by hand.
    private var dataset: DatasetFile {
        let lines =
            (1...4).map { line("P\($0)", texts: ["own words p\($0)", "more of p\($0) here"]) }
            + (1...3).map {
                line(
                    "F\($0)", source: "forum", texts: ["forum text number\($0)"], label: "P1",
                    approved: "2026-11-09T00:00:00Z", state: .pending)
            } + [
                line("M1", source: "manual", texts: ["own words p1"], label: "P1", split: .val),
                line(
                    "M2", source: "manual", texts: ["OWN words: P2!"], label: "P9",
                    approved: "2026-11-22T23:59:59Z"),
                line("M3", source: "manual", texts: ["own words p3"], state: .rejected),
            ]
        return DatasetFile().upserting(lines).0
    }

    @Test("counts lines, texts, states, splits, sources against their bands, weeks and labels")
    func stats() throws {
        let stats = DatasetStats(dataset)
        #expect(stats.lines == 10 && stats.bytes == dataset.bytes.count)
        // eight of P1 to P4, three of the forum, one of M2; "own words p1" is P1's already
        #expect(stats.texts == 12)
        #expect(stats.states.map(\.lines) == [3, 0, 6, 1, 0])
        // what a training has: not what waits or was rejected, and each text once for its label
        let set = TrainingSet(dataset)
        #expect(stats.splits.map(\.texts) == DatasetSplit.allCases.map(set.count))
        #expect(stats.splits.reduce(0) { $0 + $1.texts } == 9)
        #expect(stats.sources.map(\.name) == ["skillsmith-production", "forum", "manual"])
        #expect(stats.sources.map(\.share) == [0.4, 0.3, 0.3])
        #expect(stats.sources.map(\.isWithin) == [true, false, false])
        // 2026-11-09 and -16 are Mondays; the 22nd is the Sunday after
        #expect(stats.weeks.map(\.start) == ["2026-11-09", "2026-11-16"])
        #expect(stats.weeks.map(\.added) == [3, 7] && stats.weeks.map(\.total) == [3, 10])
        #expect(stats.labels.map(\.name) == ["P1", "P2", "P3", "P4", "P9"])
        #expect(stats.labels.map(\.texts) == [5, 2, 2, 2, 1] && stats.imbalance == 5)
        #expect(stats.exactDuplicates == 1 && stats.normalisedDuplicates == 2)
        #expect(stats.conflicts == 1)
        #expect(stats.json["duplicates"] == ["exact": 1, "normalised": 2])
        #expect(stats.json["sources"]?.arrayValue?.first?["band"] == [0.3, 0.5])
    }

    @Test("an empty dataset has no weeks, no shares and nothing wrong with it")
    func empty() {
        let stats = DatasetStats(DatasetFile())
        #expect(stats.lines == 0 && stats.weeks.isEmpty && stats.imbalance == nil)
        #expect(stats.sources.map(\.share) == [0, 0, 0])
        #expect(DatasetCheck.problems([]) == [])
    }

    @Test("every week from the first to the last is there, those without a line too")
    func gap() {
        let lines = [
            line("A", texts: ["a b"], approved: "2026-10-05T00:00:00Z"),
            line("B", texts: ["c d"], approved: "2026-10-19T00:00:00Z"),
        ]
        let stats = DatasetStats(DatasetFile().upserting(lines).0)
        #expect(stats.weeks.map(\.added) == [1, 0, 1])
    }

    @Test("every problem is found, each at its line")
    func check() throws {
        var wrong = line("P8", texts: [])
        wrong.metrics.confidence = 1.5
        let lines = [
            line("P1", texts: ["own words p1"]).json.text(), "{\"id\": 7}", "",
            line("P1", texts: ["another text"]).json.text(), wrong.json.text(), "?",
            line("P2", texts: ["Own: WORDS p1"], split: .test).json.text(),
        ]
        let found = DatasetCheck.problems(Array(lines.joined(separator: "\n").utf8))
        #expect(
            found.map { "\($0.line): \($0.message)" } == [
                "2: 'id' should be a string, not an integer",
                "4: it has the fingerprint and source of line 1; keep one of them",
                "4: it has the id and source of line 1; keep one of them",
                "5: 'metrics.confidence' should be from 0 to 1, not 1.5: 85 % is 0.85",
                "5: it has no text: neither 'input.error_pattern' nor 'examples'",
                "6: column 1: no value begins with '?'",
                "7: 'Own: WORDS p1' stands under 'P2' here and under 'P1' in line 1",
            ])
    }

    @Test(
        "a filter keeps by confidence, review and source",
        arguments: [
            (DatasetFilter(), ["A", "B", "C", "D"]),
            (DatasetFilter(minConfidence: 0.5), ["A", "C"]),
            (DatasetFilter(minConfidence: 0.6), ["A"]),
            (DatasetFilter(onlyReviewed: true), ["A", "B"]),
            (DatasetFilter(source: "forum"), ["C", "D"]),
        ])
    func filter(_ filter: DatasetFilter, _ kept: [String]) {
        var examples = [
            line("A", texts: ["a"]), line("B", texts: ["b"], state: .reviewed),
            line("C", source: "forum", texts: ["c"], state: .pending),
            line("D", source: "forum", texts: ["d"], state: .rejected),
        ]
        for (place, confidence) in [0.9, nil, 0.5, nil].enumerated() {
            examples[place].metrics.confidence = confidence
        }
        #expect(examples.filter(filter.keeps).map(\.id) == kept)
    }
}
