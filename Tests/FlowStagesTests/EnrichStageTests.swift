import FlowJSON
import FlowSkills
import FlowSystem
import FlowTestSupport
import Testing

/// `knowledge/enrich`, and what proposals show of it.
@Suite struct EnrichStageTests {
    private static let log = """
        {"time": "2025-11-07T10:00:00Z", "component": "reports", "level": "error", \
        "message": "OSError: [Errno 28] No space left on device"}

        """

    private static let cases = """
        - id: K-DISK
          title: No space left on device
          problem: Writing fails with Errno 28.
          root_cause: Old logs are never removed.
          solution: Remove logs after 30 days.
          url: https://wiki.example.org/disk
        - {id: K-PORT, title: Address already in use, problem: EADDRINUSE on start.}

        """

    /// What `skills/mine` gives for one error.
    private func candidates(_ bench: StageBench) throws -> JSON {
        try bench.commit([("errors.jsonl", String(repeating: Self.log, count: 3))])
        let mined = try bench.run(
            "skills/mine", ["source": .string(Path.join(bench.workspace, "errors.jsonl"))])
        return try #require(try mined.value("candidates"))
    }

    @Test("the cases that fit stand with score and reason beside the candidate and in its proposal")
    func fit() throws {
        let bench = try StageBench()
        try bench.commit([("skills/knowledge/disk.yaml", Self.cases)])
        let handed = try bench.run("knowledge/enrich", ["skills": try candidates(bench)])
        #expect(try handed.value("cases") == 2)
        #expect(try handed.value("enriched") == 1)
        let skills = try #require(try handed.value("skills"))
        let found = skills.arrayValue?.first?["knowledge"]?.arrayValue ?? []
        #expect(found.map { $0["id"] } == ["K-DISK"])
        #expect((found.first?["score"]?.doubleValue ?? 0) >= 0.3)
        #expect(found.first?["why"]?.stringValue?.hasPrefix("shares the words ") == true)
        #expect(found.first?["solution"] == "Remove logs after 30 days.")

        let proposed = try bench.run("git/propose", ["skills": skills])
        let branch = try #require(
            try proposed.value("proposed")?.arrayValue?.first?["branch"]?.stringValue)
        let message = try bench.git("log", "-1", "--format=%B", branch).output
        #expect(
            message.contains("Solved cases that share words with it, the nearest first:\n\n    "))
        #expect(message.contains("K-DISK: No space left on device\n    shares the words "))
        #expect(message.contains("\n    cause: Old logs are never removed.\n"))
        #expect(message.contains("\n    solution: Remove logs after 30 days.\n"))
        #expect(message.contains("https\\x3a//wiki.example.org/disk"))
    }

    @Test("without solved cases the candidates go on as they are, and the log says so")
    func none() throws {
        let bench = try StageBench()
        let candidates = try candidates(bench)
        let handed = try bench.run("knowledge/enrich", ["skills": candidates])
        #expect(try handed.value("skills") == candidates)
        #expect(try handed.value("enriched") == 0)
        #expect(
            handed.said == [
                "skills/knowledge holds no solved case; the candidates go on as they are"
            ])
    }

    @Test("a file with a mistake is left out with a note, and the others are used")
    func mistake() throws {
        let bench = try StageBench()
        try bench.commit([
            ("skills/knowledge/a.yaml", Self.cases), ("skills/knowledge/b.yaml", "id: [\n"),
            ("skills/knowledge/c.yaml", "{id: K-DISK, title: again, problem: p}\n"),
            ("skills/knowledge/d.jsonl", "{\"id\":\"K-4\",\"title\":\"t\",\"problem\":\"p\"}\n"),
            ("skills/knowledge/notes.md", "no case\n"),
        ])
        let handed = try bench.run("knowledge/enrich", ["skills": try candidates(bench)])
        #expect(try handed.value("cases") == 3)
        let notes = handed.said.filter { $0.hasPrefix("left out: ") }
        #expect(notes.count == 2)
        #expect(notes.first?.contains("skills/knowledge/b.yaml:") == true)
        #expect(notes.last?.contains("skills/knowledge/c.yaml has an id") == true)
    }

    @Test("a score that is asked for leaves weaker cases out, and a number the others")
    func bounds() throws {
        let bench = try StageBench()
        let more = (1...5).map {
            "- {id: K-\($0), title: OSError no space left on device, problem: Errno 28 of disk \($0).}\n"
        }
        try bench.commit([("skills/knowledge/a.yaml", Self.cases + more.joined())])
        let skills = try candidates(bench)
        func count(_ input: JSONObject) throws -> Int {
            let handed = try bench.run("knowledge/enrich", .object(input))
            return try handed.value("skills")?.arrayValue?.first?["knowledge"]?.arrayValue?.count
                ?? 0
        }
        #expect(try count(["skills": skills, "min-score": 0.05]) == 3)
        #expect(try count(["skills": skills, "limit": 5, "min-score": 0.05]) == 5)
        #expect(try count(["skills": skills, "min-score": 1]) == 0)
    }

    @Test("a case's text is no markup, mention, trailer or control in the proposal")
    func hostile() throws {
        let bench = try StageBench()
        let evil =
            "OSError Errno 28 No space left on device @octocat \\n\\n# Big\\nCloses #12\\nSigned-off-by: Mallory <m@example.org>\\u001b[2J"
        try bench.commit([
            (
                "skills/knowledge/evil.jsonl",
                "{\"id\":\"\(evil)\",\"title\":\"\(evil)\",\"problem\":\"\(evil)\","
                    + "\"solution\":\"\(evil)\",\"url\":\"\(evil)\"}\n"
            )
        ])
        let handed = try bench.run("knowledge/enrich", ["skills": try candidates(bench)])
        #expect(try handed.value("enriched") == 1)
        let proposed = try bench.run(
            "git/propose", ["skills": try #require(try handed.value("skills"))])
        let branch = try #require(
            try proposed.value("proposed")?.arrayValue?.first?["branch"]?.stringValue)
        let message = try bench.git("log", "-1", "--format=%B", branch).output
        #expect(message.contains("octocat"))
        #expect(!message.contains("@octocat") && !message.contains("#12"))
        for line in message.split(separator: "\n") where !line.hasPrefix("    ") {
            #expect(!line.contains("Mallory") && !line.hasPrefix("#"))
        }
        #expect(message.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
        let trailers = try bench.git.run(["interpret-trailers", "--parse"], input: message).lines
        #expect(trailers.allSatisfy { $0.hasPrefix("Flow-") })
    }
}
