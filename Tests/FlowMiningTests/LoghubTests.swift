import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

@Suite(
    "The labelled logs beside the checkout",
    .enabled(if: SharedData.path("loghub-dev") != nil, "the labelled logs are absent"))
struct LoghubTests {
    static let files = [
        "Apache", "BGL", "HDFS", "Hadoop", "Linux", "OpenSSH", "Windows", "Zookeeper",
    ]

    static func rows(_ name: String) throws -> [[String: String]] {
        guard let path = SharedData.path("loghub-dev/\(name)_2k.log_structured.csv") else {
            return []
        }
        return CSV.rows(try Files.read(path))
    }

    @Test("one setting groups every log at least as well as the design says", arguments: files)
    func score(name: String) throws {
        let rows = try Self.rows(name)
        var lexer = MessageLexer(quotes: .weak)
        let keys = rows.map { lexer.lex($0["Content"] ?? "").key }
        let grouping = Grouping(keys)
        let groups = keys.map { grouping[$0]?.text ?? "" }
        let score = GroupingScore(truth: rows.map { $0["EventId"] ?? "" }, groups: groups)
        print("\(name): \(score), \(Set(keys).count) keys, \(Set(groups).count) groups")
        #expect(score.groupingAccuracy >= 0.99)
        #expect(score.groupF1 >= 0.95)
    }
}
