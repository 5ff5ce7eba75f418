import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowMining

/// Which cases are found, and that an index is what was written.
@Suite struct KnowledgeSearchTests {
    private static let cases = [
        KnowledgeText(
            id: "port", title: "Address already in use",
            text: "The server cannot bind its port since another process listens on it."),
        KnowledgeText(
            id: "disk", title: "No space left on device",
            text: "The partition of the logs is full; rotate the logs."),
        KnowledgeText(
            id: "image", title: "FSImage is corrupt",
            text: "The NameNode cannot load org.apache.hadoop.FSImage after a crash."),
        KnowledgeText(id: "empty", text: ""),
    ]

    private static func tables(_ cases: [KnowledgeText]) throws -> KnowledgeTables {
        var builder = KnowledgeIndexBuilder()
        for text in cases { builder.add(text) }
        return try builder.tables()
    }

    private static func index(_ cases: [KnowledgeText]) throws -> KnowledgeIndex {
        KnowledgeIndex(try tables(cases))
    }

    private func find(
        _ query: KnowledgeText, in cases: [KnowledgeText] = KnowledgeSearchTests.cases,
        limit: Int = 10
    ) throws -> [KnowledgeMatch] {
        var search = KnowledgeSearch(try Self.index(cases))
        return search.matches(query, limit: limit)
    }

    static let questions: [(text: String, id: String)] = [
        ("EADDRINUSE: address already in use :::3000", "port"), ("disk full", "disk"),
        ("cannot read fsimage", "image"), ("hadoop name node", "image"), ("FSImages", "image"),
    ]

    @Test("the case that shares the telling words comes first", arguments: questions)
    func first(_ text: String, _ id: String) throws {
        let found = try find(KnowledgeText(text: text))
        #expect(found.first?.id == id)
        #expect(found.allSatisfy { $0.score > 0 && $0.score <= 1 })
        #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
    }

    @Test("a question of unknown words, of none, or with no room for answers finds nothing")
    func nothing() throws {
        for text in ["", "zyx wvu", "é —"] {
            #expect(try find(KnowledgeText(text: text)).isEmpty)
        }
        #expect(try find(KnowledgeText(text: "disk"), limit: 0).isEmpty)
        #expect(try find(KnowledgeText(text: "disk"), in: []).isEmpty)
    }

    @Test("a question never finds the case that it is itself")
    func own() throws {
        for own in Self.cases {
            #expect(try !find(own).map(\.id).contains(own.id))
            let stranger = KnowledgeText(id: "new", title: own.title, text: own.text)
            guard !own.text.isEmpty else { continue }
            let best = try find(stranger).first
            #expect(best?.id == own.id)
            #expect(abs((best?.score ?? 0) - 1) < 1e-6)
        }
    }

    @Test("words that the cases do not know lower the score, not the order")
    func unknown() throws {
        let known = try find(KnowledgeText(text: "partition full"))
        let more = try find(KnowledgeText(text: "partition full zyx wvu"))
        #expect(known.map(\.id) == more.map(\.id))
        #expect((more.first?.score ?? 1) < (known.first?.score ?? 0))
    }

    @Test("why names the words that counted most, as the question has them, parts left out")
    func why() throws {
        let found = try find(KnowledgeText(text: "org.apache.hadoop.FSImage: the NameNode stops"))
        #expect(found.first?.id == "image")
        #expect(found.first?.words.first == "org.apache.hadoop.FSImage")
        #expect(found.first?.words.contains("FSImage") == false)
        #expect(found.first?.words.contains("NameNode") == true)
        #expect(found.first?.why.hasPrefix("shares the words org.apache.hadoop.FSImage") == true)
        #expect(try find(KnowledgeText(text: "rotate")).first?.why == "shares the word rotate")
    }

    @Test("two cases of one id are refused by name")
    func twice() throws {
        #expect {
            try Self.index(Self.cases + [KnowledgeText(id: "disk", text: "x")])
        } throws: { "\($0)".contains("'disk'") }
    }

    // MARK: Random cases

    private static func random(_ count: Int, _ random: inout SeededGenerator) -> [KnowledgeText] {
        (0..<count).map { number in
            // words of Zipf's kind: low numbers are frequent
            func words(_ most: Int) -> String {
                (0..<Int.random(in: 0...most, using: &random)).map { _ in
                    let spread = Double.random(in: 0..<1, using: &random)
                    return "w\(Int(400 * spread * spread * spread))x"
                }.joined(separator: " ")
            }
            return KnowledgeText(id: "c\(number)", title: words(6), text: words(40))
        }
    }

    @Test("leaving terms out when they cannot matter gives the answer of looking at all cases")
    func exact() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let cases = Self.random(400, &generator)
        let index = try Self.index(cases)
        var search = KnowledgeSearch(index)
        for query in Self.random(60, &generator) + cases.prefix(30) {
            let all = search.matches(query, limit: cases.count + 1)
            for limit in [1, 3, 10] {
                #expect(search.matches(query, limit: limit) == Array(all.prefix(limit)), "\(query)")
            }
        }
    }

    @Test("the order of cases changes no byte of an index and no answer")
    func order() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let cases = Self.random(120, &generator)
        let folder = try TemporaryFolder()
        try Self.tables(cases).write(to: folder.at("one"))
        try Self.tables(cases.shuffled(using: &generator)).write(to: folder.at("two"))
        let name = KnowledgeTables.fileName
        #expect(try Files.read(folder.at("one/\(name)")) == Files.read(folder.at("two/\(name)")))
        var built = KnowledgeSearch(try Self.index(cases))
        var read = KnowledgeSearch(try KnowledgeIndex(KnowledgeTables.read(folder.at("one"))))
        for query in cases.prefix(40) {
            #expect(built.matches(query, limit: 5) == read.matches(query, limit: 5))
        }
    }

    @Test("an index with any byte changed, cut off or added is refused, and says to index anew")
    func damage() throws {
        let folder = try TemporaryFolder()
        try Self.tables(Self.cases).write(to: folder.path)
        let path = folder.at(KnowledgeTables.fileName)
        let bytes = try Files.read(path)
        var damaged: [[UInt8]] = [[], Array(bytes.dropLast()), bytes + [0]]
        for place in bytes.indices {
            var copy = bytes
            copy[place] ^= 1 << UInt8(place % 8)
            damaged.append(copy)
        }
        for bytes in damaged {
            try Files.write(bytes, to: path)
            #expect {
                try KnowledgeTables.read(folder.path)
            } throws: { error in
                (error as? MiningError)?.code == .damagedIndex
                    && "\(error)".contains("index anew with flow knowledge index")
            }
        }
    }

    @Test("an index with a right hash over wrong content is refused too")
    func forged() throws {
        let folder = try TemporaryFolder()
        try Self.tables(Self.cases).write(to: folder.path)
        let path = folder.at(KnowledgeTables.fileName)
        let bytes = try Files.read(path)
        var generator = SeededGenerator(seed: 7)
        let head = "flow-knowledge\n".utf8.count + 1
        for place in head..<(bytes.count - 32) {
            var copy = Array(bytes.dropLast(32))
            copy[place] = UInt8.random(in: 0...255, using: &generator)
            try Files.write(copy + SHA256.digest(copy), to: path)
            do throws(MiningError) {
                // Some changes give another index that is as good.
                var search = KnowledgeSearch(try KnowledgeIndex(KnowledgeTables.read(folder.path)))
                _ = search.matches(Self.cases[2], limit: 3)
            } catch {
                #expect(error.code == .damagedIndex)
            }
        }
    }

    @Test("where there is no index, the error says how to make one")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect {
            try KnowledgeTables.read(folder.path)
        } throws: { "\($0)".contains("flow knowledge index PATH --out \(folder.path)") }
    }
}

@Suite(
    "The labelled duplicates beside the checkout",
    .enabled(if: SharedData.path("retrieval") != nil, "the labelled duplicates are absent"))
struct RetrievalScoreTests {
    @Test("recorded duplicates are found: R@10 ≥ 0.85, MRR ≥ 0.64")
    func score() throws {
        guard let corpus = SharedData.path("retrieval/hadoop_bugs.csv"),
            let pairs = SharedData.path("retrieval/hadoop_duplicates.csv")
        else { return }
        var cases: [String: KnowledgeText] = [:]
        var builder = KnowledgeIndexBuilder()
        let fields = KnowledgeFields(id: "Issue id", title: "Summary", text: "Description")
        try KnowledgeSource(fields).read(corpus) { text in
            cases[text.id] = text
            builder.add(text)
        }
        var search = KnowledgeSearch(KnowledgeIndex(try builder.tables()))
        var ranks: [Int?] = []
        for row in try CSV.rows(Files.read(pairs)) {
            let id = row["Issue id"] ?? ""
            let partners = Set((row["Duplicate id"] ?? "").split(separator: ",").map(String.init))
            let wanted = partners.intersection(cases.keys).subtracting([id])
            guard let query = cases[id], !wanted.isEmpty else { continue }
            let found = search.matches(query, limit: 10)
            ranks.append(found.firstIndex { wanted.contains($0.id) }.map { $0 + 1 })
        }
        let total = Double(ranks.count)
        let recall = Double(ranks.count { $0 != nil }) / total
        let reciprocal = ranks.reduce(0) { $0 + ($1.map { 1 / Double($0) } ?? 0) } / total
        print("\(ranks.count) queries, R@10 \(recall), MRR \(reciprocal)")
        #expect(recall >= 0.85)
        #expect(reciprocal >= 0.64)
    }
}
