import FlowJSON
import FlowSkills
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// `skills/extract` and what `git/propose` and `skills/review` make of procedures.
@Suite struct ExtractStageTests {
    private static let steps = ["checkout", "lint", "build", "test", "publish"]

    /// A log in which so many runs do these steps, for a branch each; half of them `sometimes` before the
    /// last.
    private func log(
        _ bench: StageBench, runs: Int = 8, steps: [String] = steps, sometimes: String? = nil
    ) throws -> String {
        var lines: [JSON] = []
        for run in 0..<runs {
            var steps = steps
            if let sometimes, run % 2 == 0 { steps.insert(sometimes, at: steps.count - 1) }
            for (seq, name) in steps.enumerated() {
                lines.append([
                    "run": .string("r\(100 + run)"), "seq": .integer(seq + 1),
                    "time": .string("2025-11-0\(1 + run % 7)T10:00:0\(seq)Z"),
                    "type": "tool.called", "name": .string(name), "status": "success",
                    "arguments": seq == 0 ? ["branch": .string("b\(run)"), "depth": 1] : [:],
                ])
            }
            lines.append([
                "run": .string("r\(100 + run)"), "seq": .integer(steps.count + 1),
                "type": "run.finished", "status": "success",
            ])
        }
        let path = bench.at("log.jsonl")
        try Files.write(JSONLines.write(lines), to: path)
        return path
    }

    private func extract(_ bench: StageBench, _ log: String) throws -> (
        candidates: [JSON], known: [JSON]
    ) {
        let handed = try bench.run("skills/extract", ["events": .string(log)])
        #expect(try handed.value("procedures") == 1)
        let candidates = try handed.value("candidates")?.arrayValue ?? []
        #expect(try handed.value("count") == .integer(candidates.count))
        return (candidates, try handed.value("known")?.arrayValue ?? [])
    }

    private func propose(_ bench: StageBench, _ candidates: [JSON]) throws -> [String] {
        let handed = try bench.run("git/propose", ["skills": .array(candidates)])
        return (try handed.value("proposed")?.arrayValue ?? []).compactMap {
            $0["id"]?.stringValue
        }
    }

    private func review(_ bench: StageBench, key: String) throws -> [String: String] {
        let handed = try bench.published("skills/review", [:], key: key)
        return Dictionary(
            uniqueKeysWithValues: (try handed.value("verdicts")?.arrayValue ?? []).map {
                ($0["id"]?.stringValue ?? "", $0["verdict"]?.stringValue ?? "")
            })
    }

    private func merge(_ bench: StageBench, _ id: String) throws {
        try bench.git("merge", "-q", "--no-edit", "--no-ff", "proposal/\(id)").checked()
        try bench.git("branch", "-D", "proposal/\(id)").checked()
    }

    @Test("a new procedure is proposed once, and once approved its changes are new versions of it")
    func versions() throws {
        let bench = try StageBench()
        let first = try extract(bench, log(bench))
        #expect(first.candidates.count == 1 && first.known == [])
        let id = try #require(first.candidates.first?["id"]?.stringValue)
        #expect(id.hasPrefix("PR-") && first.candidates[0]["replaces"] == .null)
        #expect(first.candidates[0]["version"] == "1.0.0" && first.candidates[0]["runs"] == 8)
        #expect(try propose(bench, first.candidates) == [id])
        let message = try bench.git("log", "-1", "--format=%B", "proposal/\(id)").output
        #expect(message.hasPrefix("Propose procedure \(id): checkout-to-publish\n"))
        #expect(message.contains("\n    1. checkout (branch: <branch>, depth: 1)\n"))

        let again = try extract(bench, log(bench, runs: 9))
        #expect(again.candidates == [])
        #expect(again.known == [["id": .string(id), "reason": "version 1.0.0 is proposed"]])
        #expect(try propose(bench, first.candidates) == [])

        try merge(bench, id)
        #expect(try extract(bench, log(bench)).known.first?["reason"] == "it was merged")
        #expect(try review(bench, key: "k2") == [id: "approved"])
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let accepted = try bench.git("show", "main:\(path)").checked().output
        #expect(accepted.contains("\nstatus: experimental\n"))
        #expect(
            try extract(bench, log(bench)).known.first?["reason"]
                == "it is in skills/ as version 1.0.0")

        let changed = try log(bench, runs: 12, steps: Self.steps + ["tell"])
        let second = try extract(bench, changed)
        #expect(second.candidates.first?["id"] == .string(id))
        #expect(second.candidates.first?["version"] == "2.0.0")
        #expect(second.candidates.first?["replaces"] == "1.0.0")
        let update = "update-\(id)-2.0.0"
        #expect(try propose(bench, second.candidates) == [update])
        #expect(try propose(bench, second.candidates) == [])
        #expect(try bench.git("diff", "--name-only", "main...proposal/\(update)").text == path)
        let subject = try bench.git("log", "-1", "--format=%B", "proposal/\(update)").output
        #expect(
            subject.hasPrefix(
                "Propose version 2.0.0 of procedure \(id): checkout-to-publish\n\n"
                    + "Steps that are always done: new: tell.\n"), "\(subject)")
        #expect(try extract(bench, changed).known.first?["reason"] == "version 2.0.0 is proposed")
        #expect(try review(bench, key: "k3") == [id: "approved", update: "pending"])

        try merge(bench, update)
        #expect(try review(bench, key: "k4") == [id: "approved", update: "approved"])
        #expect(try extract(bench, changed).candidates == [])
        let skill = try Skill.read(
            Array(bench.git("show", "main:\(path)").checked().output.utf8), path: path)
        #expect(skill.id == id && skill.status == .experimental)
        #expect(skill.procedure?.version == "2.0.0" && skill.procedure?.steps.count == 6)
        #expect(skill.metadata.deployedAt != nil)
        #expect(try bench.git("fsck", "--strict", "--no-dangling").exit == 0)
    }

    @Test(
        "a proposal that waits is brought up to a changed pattern, unless a person has touched it")
    func open() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        let changed = try log(bench, steps: Self.steps + ["tell"])
        let second = try extract(bench, changed).candidates
        #expect(second.first?["version"] == "2.0.0")
        let handed = try bench.run("git/propose", ["skills": .array(second)])
        #expect(try handed.value("updated")?.arrayValue?.first?["id"] == .string(id))
        let subject = try bench.git("log", "-1", "--format=%s", "proposal/\(id)").text
        #expect(subject == "Update procedure \(id): checkout-to-publish")
        #expect(try extract(bench, changed).known.count == 1)

        try bench.git("switch", "-q", "proposal/\(id)").checked()
        let path = "skills/proposed/\(id)_checkout-to-publish.yaml"
        let text = try Files.text(Path.join(bench.workspace, path))
        try bench.commit([(path, text.replacing("category: tools", with: "category: ours"))])
        try bench.git("switch", "-q", "main").checked()
        let third = try extract(bench, log(bench, steps: Self.steps)).candidates
        let left = try bench.run("git/propose", ["skills": .array(third)])
        #expect(try left.value("updated") == [] && left.value("count") == 0)
        let kept = try bench.git("show", "proposal/\(id):\(path)").output
        #expect(kept.contains("category: ours"))
    }

    @Test("a rejected procedure is offered again when it was reopened, not for more runs")
    func rejected() throws {
        let bench = try StageBench()
        let candidates = try extract(bench, log(bench)).candidates
        let id = try #require(try propose(bench, candidates).first)
        _ = try ReviewDesk(bench.workspace).reject(id, reason: "not now")
        let more = try extract(bench, log(bench, runs: 40))
        #expect(more.candidates == [])
        let reason = more.known.first?["reason"]?.stringValue ?? ""
        #expect(reason.hasPrefix("it was rejected on ") && reason.hasSuffix(": not now"))
        #expect(try propose(bench, candidates) == [])
        _ = try ReviewDesk(bench.workspace).reopen(id)
        let again = try extract(bench, log(bench)).candidates
        #expect(again.count == 1 && again.first?["version"] == "1.0.0")
        #expect(try propose(bench, again) == [id])
        #expect(try review(bench, key: "k2") == [id: "pending"])
        #expect(try extract(bench, log(bench, runs: 20)).candidates == [])
    }

    @Test("of a procedure one version waits at a time, brought up to what runs do by now")
    func oneVersion() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let first = try extract(bench, log(bench, sometimes: "sign")).candidates
        let update = "update-\(id)-1.1.0"
        #expect(try propose(bench, first) == [update])
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let steps = Self.steps.dropLast() + ["sign", "publish"]
        let second = try extract(bench, log(bench, steps: Array(steps))).candidates
        #expect(second.first?["version"] == "2.0.0")
        let handed = try bench.run("git/propose", ["skills": .array(second)])
        #expect(try handed.value("count") == 0)
        #expect(try handed.value("updated")?.arrayValue?.first?["id"] == .string(update))
        let branches = try bench.git(
            "for-each-ref", "--format=%(refname:short)", "refs/heads/proposal/update-*"
        ).lines
        #expect(branches == ["proposal/\(update)"])
        let document = try bench.git("show", "proposal/\(update):\(path)").checked().outputBytes
        let procedure = try Skill.read(document, path: path).procedure
        #expect(procedure?.version == "2.0.0" && procedure?.steps.map(\.name) == Array(steps))
        #expect(try review(bench, key: "k3") == [id: "approved", update: "pending"])
        try merge(bench, update)
        #expect(try review(bench, key: "k4") == [id: "approved", update: "approved"])
        #expect(try extract(bench, log(bench, steps: Array(steps))).candidates == [])
    }

    @Test("a procedure that a person put into skills/ gets a version once a review has noted it")
    func unreviewed() throws {
        let bench = try StageBench()
        let candidate = try #require(try extract(bench, log(bench)).candidates.first)
        let file = try #require(candidate["file"]?.stringValue)
        let text = try #require(candidate["text"]?.stringValue)
        try bench.commit([
            ("skills/\(file)", text.replacing("status: proposed", with: "status: approved"))
        ])
        let changed = try log(bench, steps: Self.steps + ["tell"])
        let early = try extract(bench, changed)
        #expect(early.candidates == [])
        #expect(early.known.first?["reason"] == "a review has to note it first")
        _ = try review(bench, key: "k1")
        let candidates = try extract(bench, changed).candidates
        let update = try #require(try propose(bench, candidates).first)
        #expect(update.hasPrefix("update-PR-"))
        _ = try review(bench, key: "k2")
        let listed = try ReviewDesk(bench.workspace).proposals(
            at: Timestamp(seconds: 1_800_000_000))
        #expect(listed.first { $0.id == update }?.conflict == nil)
    }

    @Test("a version that waits merges also after the accepted document was judged")
    func judgedMeanwhile() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let changed = try log(bench, steps: Self.steps + ["tell"])
        let update = try #require(try propose(bench, extract(bench, changed).candidates).first)
        try bench.git("checkout", "-q", "main", "--", ".").checked()
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let text = try Files.text(Path.join(bench.workspace, path))
        let judged = text.replacing("status: experimental", with: "status: approved")
            .replacing("  confidence: 0.5\n", with: "  confidence: 0.8\n")
        #expect(judged != text)
        try bench.commit([(path, judged)])
        let now = Timestamp(seconds: 1_800_000_000)
        let listed = try ReviewDesk(bench.workspace).proposals(at: now)
        #expect(listed.first { $0.id == update }?.conflict == nil)
        _ = try ReviewDesk(bench.workspace).approve(update)
        let merged = try Skill.read(
            bench.git("show", "main:\(path)").checked().outputBytes, path: path)
        #expect(merged.procedure?.version == "2.0.0" && merged.metadata.confidence == 0.8)
    }

    @Test("a version that was rejected waits again at once when its steps are others")
    func changedVersion() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let update = "update-\(id)-2.0.0"
        let first = try extract(bench, log(bench, steps: Self.steps + ["tell"])).candidates
        #expect(try propose(bench, first) == [update])
        _ = try ReviewDesk(bench.workspace).reject(update, reason: "not now")
        #expect(
            try extract(bench, log(bench, runs: 40, steps: Self.steps + ["tell"])).candidates == [])
        let other = try extract(bench, log(bench, steps: Self.steps + ["sign"])).candidates
        #expect(try propose(bench, other) == [update])
        let now = Timestamp(seconds: 1_800_000_000)
        let listed = try ReviewDesk(bench.workspace).proposals(at: now)
        #expect(listed.first { $0.id == update }?.verdict == "pending")
        #expect(throws: StageError.self, "it is open, and not to be reopened") {
            try ReviewDesk(bench.workspace).reopen(update)
        }
        #expect(try review(bench, key: "k3")[update] == "pending")
    }

    @Test("a rejected version stays so, also when its proposal was named for an earlier one")
    func rejectedVersion() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let update = "update-\(id)-1.1.0"
        let first = try extract(bench, log(bench, sometimes: "sign")).candidates
        #expect(try propose(bench, first) == [update])
        #expect(try review(bench, key: "k3")[update] == "pending", "the ledger has what was opened")
        let steps = Self.steps.dropLast() + ["sign", "publish"]
        let renewed = try extract(bench, log(bench, steps: Array(steps))).candidates
        #expect(try propose(bench, renewed) == [])
        let tip = try bench.git("rev-parse", "proposal/\(update)").checked().text
        _ = try ReviewDesk(bench.workspace).reject(update, reason: "not now")

        let again = try extract(bench, log(bench, runs: 40, steps: Array(steps)))
        #expect(again.candidates == [])
        let reason = again.known.first?["reason"]?.stringValue ?? ""
        #expect(reason.hasPrefix("as \(update) it was rejected on "), "\(reason)")
        #expect(try propose(bench, renewed) == [])
        // As where the branch is still at a remote.
        try bench.git("branch", "proposal/\(update)", tip).checked()
        #expect(try review(bench, key: "k4")[update] == "rejected")
        #expect(try propose(bench, renewed) == [])
        try bench.git("branch", "-D", "proposal/\(update)").checked()

        let other = try extract(bench, log(bench, steps: Self.steps + ["tell"])).candidates
        #expect(try propose(bench, other) == ["update-\(id)-2.0.0"])
        let handed = try bench.run("git/propose", ["skills": .array(renewed)])
        #expect(try handed.value("updated") == [], "what waits does not become what was rejected")
        _ = try ReviewDesk(bench.workspace).reject("update-\(id)-2.0.0", reason: "")

        _ = try ReviewDesk(bench.workspace).reopen(update)
        let reopened = try extract(bench, log(bench, steps: Array(steps))).candidates
        #expect(reopened.first?["version"] == "2.0.0")
        #expect(try propose(bench, reopened) == [update])
        #expect(try review(bench, key: "k5")[update] == "pending")
    }

    @Test("a rejected option keeps no other one out, and stays so where a reviewer had edited it")
    func rejectedOption() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let update = "update-\(id)-1.1.0"
        let signed = try extract(bench, log(bench, sometimes: "sign")).candidates
        #expect(try propose(bench, signed) == [update])
        try bench.git("switch", "-q", "proposal/\(update)").checked()
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let text = try Files.text(Path.join(bench.workspace, path))
        #expect(text.contains("name: sign"))
        try bench.commit([(path, text.replacing("name: sign", with: "name: sign-all"))])
        try bench.git("switch", "-q", "main").checked()
        _ = try ReviewDesk(bench.workspace).reject(update, reason: "by hand")
        #expect(try extract(bench, log(bench, runs: 40, sometimes: "sign")).candidates == [])
        #expect(try review(bench, key: "k3")[update] == "rejected")
        try bench.git("branch", "-D", "proposal/\(update)").checked()

        let scanned = try extract(bench, log(bench, sometimes: "scan")).candidates
        #expect(try propose(bench, scanned) == [update])
        #expect(try review(bench, key: "k4")[update] == "pending")
        #expect(try propose(bench, signed) == [])
    }

    @Test("a new procedure with the name of one in the library has a word of its steps in its own")
    func names() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let steps = ["checkout", "review", "ask", "wait", "publish"]
        let other = try extract(bench, log(bench, steps: steps)).candidates
        #expect(other.map { $0["name"] } == ["checkout-to-publish-via-review"])
        #expect(other.first?["id"] != .string(id))
    }

    @Test("tries that are noted at the same moment are all noted")
    func tries() async throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let workspace = bench.workspace
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    _ = try AttemptDesk.record(
                        id, success: true, note: "try \(number)", in: workspace)
                }
            }
            try await group.waitForAll()
        }
        let desk = try SkillDesk(workspace, now: Timestamp(seconds: 1_800_000_000))
        #expect(desk.rows.map(\.uses) == [6])
    }

    @Test("steps that a person has changed stay, and a deprecated procedure gets no version")
    func byHand() throws {
        let bench = try StageBench()
        let id = try #require(try propose(bench, extract(bench, log(bench)).candidates).first)
        try merge(bench, id)
        _ = try review(bench, key: "k2")
        let path = "skills/\(id)_checkout-to-publish.yaml"
        let file = Path.join(bench.workspace, path)
        try bench.git("checkout", "-q", "main", "--", ".").checked()
        let text = try Files.text(file)
        let start = try #require(text.range(of: "  - {id: lint"))
        let end = try #require(text[start.upperBound...].firstIndex(of: "\n"))
        let edited = text.replacingCharacters(start.lowerBound...end)
        try bench.commit([(path, edited)])
        #expect(try extract(bench, log(bench)).candidates == [])
        try bench.commit([
            (path, text.replacing("status: experimental", with: "status: deprecated"))
        ])
        let other = try extract(bench, log(bench, steps: Self.steps + ["tell"]))
        #expect(other.known == [["id": .string(id), "reason": "it is deprecated"]])
    }

    @Test("hostile names of tools stand in documents and messages and do nothing")
    func hostile() throws {
        let bench = try StageBench()
        let names = [
            "@octocat closes #12", "\u{1B}[31mred", "x\nFlow-Key: stolen\n# y", "--- !tag",
            "${{ secrets.TOKEN }}",
        ]
        let candidates = try extract(bench, log(bench, steps: names)).candidates
        let id = try #require(try propose(bench, candidates).first)
        let message = try bench.git("log", "-1", "--format=%B", "proposal/\(id)").output
        #expect(!message.contains("@octocat") && !message.contains("#12"))
        #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
        let trailers = try bench.git.run(["interpret-trailers", "--parse"], input: message).lines
        #expect(!trailers.contains("Flow-Key: stolen"))
        let path = try bench.git("diff", "--name-only", "main...proposal/\(id)").text
        let document = try bench.git("show", "proposal/\(id):\(path)").checked().outputBytes
        let skill = try Skill.read(document, path: path)
        #expect(skill.procedure?.steps.map(\.name) == names)
    }

    @Test("what cannot be read is named, and a pattern that names no file is a failure")
    func badEvents() throws {
        let bench = try StageBench()
        let path = try log(bench)
        let text = try Files.text(path)
        try Files.write(text + "{\n", to: path)
        let handed = try bench.run("skills/extract", ["events": .string(bench.at("*.jsonl"))])
        let problems = try handed.value("problems")?.arrayValue ?? []
        #expect(problems.count == 1 && problems[0].stringValue?.contains("log.jsonl:49") == true)
        let said = try bench.refusal(
            "skills/problems", ["found": .array([.array(problems)])])
        #expect(said.contains("log.jsonl:49"), "\(said)")
        let missing = try bench.refusal("skills/extract", ["events": "none/*.jsonl"])
        #expect(missing.contains("no file matches"), "\(missing)")
        let idle = try bench.run("skills/extract")
        #expect(try idle.value("runs") == 0 && idle.value("count") == 0)
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }

    fileprivate func replacingCharacters(_ range: ClosedRange<Index>) -> String {
        String(self[..<range.lowerBound]) + String(self[index(after: range.upperBound)...])
    }
}
