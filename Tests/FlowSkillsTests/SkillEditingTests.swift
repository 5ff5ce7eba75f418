import FlowSkills
import FlowSystem
import Testing

@Suite("Editing a skill")
struct SkillEditingTests {
    /// A draft as a person might leave it: comments, other spacing, own order.
    private var document: (path: String, text: String) {
        let draft = Samples.draft()
        let text =
            "# reviewed by Ann\n"
            + draft.text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0 == "status: proposed" ? "status:   proposed   # please hurry" : String($0)
            }.joined(separator: "\n")
        return (draft.proposedPath, text)
    }

    private let deployed = Samples.time("2025-11-08T09:00:00Z")

    @Test("approving changes status and deployed_at and nothing else")
    func approved() throws {
        let (path, text) = document
        let bytes = try Skill.approved(Array(text.utf8), path: path, deployedAt: deployed)
        let (before, after) = (lines(text), lines(String(decoding: bytes, as: UTF8.self)))
        #expect(before.count == after.count)
        let changed = zip(before, after).filter { $0 != $1 }.map(\.1)
        #expect(
            changed == [
                "status:   approved   # please hurry", "  deployed_at: 2025-11-08T09:00:00Z",
            ])
        let skill = try Skill.read(bytes, path: path)
        #expect(skill.status == .approved)
        #expect(skill.metadata.deployedAt == deployed)
    }

    @Test("approving twice gives the same bytes")
    func twice() throws {
        let (path, text) = document
        let once = try Skill.approved(Array(text.utf8), path: path, deployedAt: deployed)
        #expect(try Skill.approved(once, path: path, deployedAt: deployed) == once)
    }

    @Test("deprecating changes the status and nothing else")
    func deprecated() throws {
        let (path, text) = document
        let bytes = try Skill.deprecated(Array(text.utf8), path: path)
        let expected = text.replacingFirst("proposed   #", "deprecated   #")
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("judging appends to the history, of which the last ten stay")
    func judged() throws {
        let (path, text) = document
        var bytes = Array(text.utf8)
        for week in 1...12 {
            let entry = Skill.HistoryEntry(
                timestamp: deployed.adding(seconds: Double(week) * 604_800), old: 0.5,
                new: 0.5 + Double(week) / 100, reason: "week \(week): hostile # \"text\"",
                hits7d: week, expected7d: 23.3,
                rateRatio: week % 2 == 0 ? 0.17 : nil,
                interval: week % 3 == 0
                    ? nil : .init(low: 0.05, high: week % 2 == 0 ? 0.44 : nil),
                method: "posterior")
            bytes = try Skill.judged(
                bytes, path: path, confidence: entry.new, entries: [entry],
                counts: .init(hits7d: week, hits30d: 30, lastSeen: deployed))
        }
        let skill = try Skill.read(bytes, path: path)
        #expect(skill.metadata.confidence == 0.62)
        #expect(skill.metadata.confidenceHistory.map(\.hits7d) == Array(3...12))
        #expect(skill.metadata.confidenceHistory.last?.reason == "week 12: hostile # \"text\"")
        let history = skill.metadata.confidenceHistory
        #expect(history.map(\.rateRatio) == (3...12).map { $0 % 2 == 0 ? 0.17 : nil })
        #expect(history[1].interval == .init(low: 0.05, high: 0.44))
        #expect(history[2].interval == .init(low: 0.05, high: nil) && history[0].interval == nil)
        #expect(skill.metadata.hits7d == 12)
        #expect(skill.metadata.impactScore == 17.4)
        #expect(skill.metadata.lastSeen == deployed)
        #expect(String(decoding: bytes, as: UTF8.self).contains("# please hurry"))
    }

    @Test("an edit of something that is no YAML says where it is wrong")
    func broken() {
        let error = #expect(throws: SkillsError.self) {
            try Skill.deprecated(Array("a: [".utf8), path: "skills/x.yaml")
        }
        #expect(error?.code == .notEditable)
        #expect(error?.mistakes.first?.path == "skills/x.yaml")
    }

    private func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}

extension String {
    /// The text with the first occurrence of one piece replaced.
    func replacingFirst(_ piece: String, _ other: String) -> String {
        guard let range = firstRange(of: piece) else { return self }
        return replacingCharacters(range, other)
    }

    private func firstRange(of piece: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(piece) {
                return start..<index(start, offsetBy: piece.count)
            }
            start = index(after: start)
        }
        return nil
    }

    private func replacingCharacters(_ range: Range<String.Index>, _ other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
