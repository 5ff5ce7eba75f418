import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The main job, with the built programs and the real git: errors become proposals, a merge becomes
/// a skill, a skill becomes a dataset line, a catalog entry and a better model.
@Suite struct LoopTests {
    let story: LoopStory

    init() throws { story = try LoopStory.told.get() }

    // MARK: Proposals

    @Test("each proposal is one commit ahead of the default branch with exactly one new file")
    func branches() throws {
        let demo = story.first
        let proposals = try demo.proposals()
        #expect(proposals.count >= 15)
        let base = try demo.git("rev-parse", "main~1").text
        for id in proposals {
            let ahead = try demo.git("rev-list", "--count", "main..proposal/\(id)").text
            #expect(ahead == "1")
            #expect(try demo.git("merge-base", "main", "proposal/\(id)").text == base)
            let changed = try demo.git(
                "diff", "--name-status", "proposal/\(id)~1", "proposal/\(id)"
            ).lines
            #expect(changed.count == 1)
            #expect(changed.first?.hasPrefix("A\tskills/proposed/\(id)_") == true)
        }
        try demo.expectSound()
    }

    @Test("every proposed skill is valid, and its id is its file's, its branch's and no other's")
    func valid() throws {
        let demo = story.first
        let checks = try demo.flow("skills", "validate", "--json").checked().jsonLines
        let proposals = try demo.proposals()
        #expect(checks.count == proposals.count)
        #expect(checks.allSatisfy { $0["valid"] == true })
        var ids: Set<String> = []
        var fingerprints: Set<String> = []
        for id in proposals {
            let path = try demo.document(ofProposal: id)
            let skill = try demo.document(path, at: "proposal/\(id)")
            #expect(skill["id"]?.stringValue == id)
            #expect(skill["status"] == "proposed")
            ids.insert(skill["id"]?.stringValue ?? "")
            fingerprints.insert(skill["match"]?["fingerprint"]?.stringValue ?? "")
            let copy = try TemporaryFolder()
            try Files.write(demo.blob(path, at: "proposal/\(id)"), to: copy.at(Path.name(path)))
            let check = try demo.flow("skills", "validate", copy.at(Path.name(path)))
            #expect(check.exit == 0, "\(check)")
        }
        #expect(ids.count == proposals.count)
        #expect(fingerprints.count == proposals.count)
    }

    @Test(
        "a proposed skill's expression matches all its examples, which stand in the logs",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func expressions() throws {
        let demo = story.first
        var lines: [JSON] = []
        for id in try demo.proposals() {
            let skill = try demo.document(
                try demo.document(ofProposal: id), at: "proposal/\(id)")
            lines.append([
                "id": .string(id), "regex": skill["match"]?["message_regex"] ?? nil,
                "texts": skill["examples"] ?? nil, "folder": .string(demo.at("datasets/samples")),
            ])
        }
        let script = #"""
            import json, re, sys, pathlib
            logs = None
            for line in sys.stdin:
                case = json.loads(line)
                if logs is None:
                    parts = []
                    for path in sorted(pathlib.Path(case["folder"]).iterdir()):
                        text = path.read_text(encoding="utf-8")
                        if path.suffix == ".jsonl":
                            text = "\n".join(json.loads(l)["message"] for l in text.splitlines())
                        parts.append(text)
                    logs = "\n".join(parts)
                pattern = re.compile(case["regex"], re.ASCII)
                print(json.dumps({
                    "id": case["id"], "count": len(case["texts"]),
                    "unmatched": [t for t in case["texts"] if not pattern.search(t)],
                    "unseen": [t for t in case["texts"] if t not in logs]}))
            """#
        for found in try Python.run(script, lines) {
            #expect((found["count"]?.intValue ?? 0) > 0, "\(found.text())")
            #expect(found["unmatched"] == [], "\(found.text())")
            // Examples in which something private was masked cannot stand there.
            let unseen = found["unseen"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(unseen.allSatisfy { $0.contains("<") }, "\(found.text())")
        }
    }

    // MARK: Verdicts

    @Test("what was merged, by flow or by git, becomes a skill and a line of the dataset")
    func approved() throws {
        let demo = story.second
        let skills = try demo.skills()
        #expect(Set(skills.keys) == story.accepted)
        for (id, skill) in skills {
            #expect(skill["status"] == "approved", "\(id)")
            #expect(skill["metadata"]?["deployed_at"]?.stringValue?.isEmpty == false, "\(id)")
        }
        let proposed = try demo.paths("skills/proposed").filter { $0.hasSuffix(".yaml") }
        #expect(proposed == [])
        let lines = try demo.dataset()
        #expect(Set(lines.compactMap { $0["id"]?.stringValue }) == story.accepted)
        #expect(lines.count == 4)
        for line in lines {
            #expect(line["approved_at"]?.stringValue?.isEmpty == false)
            #expect(line["state"] == "approved")
            #expect(line["label"] == line["id"])
        }
    }

    @Test(
        "the catalog has an entry for every signature over the threshold, and says what is covered",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func catalog() throws {
        let demo = story.second
        let catalog = try demo.document("docs/error-codes.yaml")
        let entries = catalog["errors"]?.objectValue?.values ?? []
        let script = #"""
            import json, sqlite3, sys
            rows = sqlite3.connect(json.loads(sys.stdin.readline())).execute(
                "SELECT document FROM signatures "
                "WHERE mining = (SELECT max(number) FROM minings)")
            print(json.dumps(sorted(s["fingerprint"] for (s,) in
                ((json.loads(r[0]),) for r in rows) if s["hits_7d"] >= 1)))
            """#
        let mined = try Python.run(script, [.string(demo.at(".flow/memory.db"))]).first
        let listed = entries.compactMap { $0["fingerprint"]?.stringValue }.sorted()
        #expect(mined == .array(listed.map(JSON.string)))
        #expect((catalog["metadata"]?["coverage"]?.doubleValue ?? 0) > 0)
        #expect(catalog["metadata"]?["covered"] == 4)
        let active = entries.flatMap { $0["active_guardrails"]?.arrayValue ?? [] }
        #expect(Set(active.compactMap { $0["skill_id"]?.stringValue }) == story.accepted)
    }

    @Test("a turn of the loop is one commit, whose trailers are flow's own")
    func commit() throws {
        let demo = story.second
        let before = try story.reviewed.head()
        #expect(try demo.git("rev-list", "--count", "\(before)..main").text == "1")
        let message = try demo.git("log", "-1", "--format=%B", "main").output
        let trailers = try demo.git.run(["interpret-trailers", "--parse"], input: message).lines
        let names = trailers.compactMap { $0.split(separator: ":").first.map(String.init) }
        #expect(names == ["Flow-Run", "Flow-Node", "Flow-Key"])
        let run = try demo.flow("show", "last", "--json").json["run"]?.stringValue ?? "?"
        #expect(trailers.first == "Flow-Run: \(run)")
        try demo.expectSound()
    }

    @Test("a turn with nothing new makes no commit, and every sync reports no change")
    func third() throws {
        let demo = story.third
        #expect(try demo.head() == story.second.head())
        let events = try demo.events()
        #expect(events.output("changed", of: "commit") == false)
        for node in ["dataset", "catalog"] {
            #expect(events.output("added", of: node) == 0, "\(node)")
            #expect(events.output("updated", of: node) == 0, "\(node)")
        }
        #expect(events.output("removed", of: "dataset") == 0)
        #expect(events.output("approved_count", of: "review") == 0)
        #expect(events.output("updated", of: "feedback") == 0)
        #expect(events.output("count", of: "propose") == 0)
        for node in ["review", "feedback", "dataset", "catalog"] {
            #expect(events.output("changes", of: node) == [], "\(node)")
        }
        try demo.expectSound()
    }

    @Test("what was rejected is not proposed again, and the ledger says why")
    func rejected() throws {
        let left = try story.third.proposals()
        #expect(!left.contains(story.rejected))
        let list = try story.third.flow("proposals", "list", "--json").jsonLines
        let known = list.first { $0["id"]?.stringValue == story.rejected }
        #expect(known?["verdict"] == "rejected")
        #expect(known?["reason"]?.stringValue?.contains("the caller is at fault") == true)
        let offered = try story.third.events().output("left", of: "propose")
        let reason = offered?.arrayValue?.first { $0["id"]?.stringValue == story.rejected }
        #expect(reason?["reason"]?.stringValue?.contains("rejected") == true)
    }

    @Test("a fresh clone knows what was decided, and its pushes bring back what is decided there")
    func clone() throws {
        let hub = try TemporaryFolder()
        let place = hub.at("hub.git")
        try TestProgram("git", in: hub.path)("clone", "-q", "--bare", story.third.path, place)
            .checked()
        let fresh = try Demo(cloning: place)
        #expect(try fresh.proposals() == [])
        try fresh.integrate().checked()
        #expect(try fresh.proposals() == [])
        #expect(try fresh.head() == story.third.head())
        let events = try fresh.events()
        #expect(events.output("fetched", of: "fetch") == true)
        #expect(events.output("pushed", of: "push") == false)

        let id = try #require(try story.third.proposals().first)
        try fresh.flow("proposals", "approve", id).checked()
        try fresh.integrate().checked()
        let bare = TestProgram("git", in: place)
        #expect(try bare("rev-parse", "main").text == fresh.head())
        #expect(try fresh.skills().keys.contains(id))
        try fresh.expectSound()

        let other = try Demo(copying: story.third)
        try other.git("remote", "add", "origin", place).checked()
        try other.integrate().checked()
        #expect(try other.head() == fresh.head())
        try other.expectSound()
    }

    // MARK: The model

    @Test("enough approvals train a model, which is deployed and recorded")
    func trained() throws {
        let demo = story.trained
        let events = try demo.events()
        #expect(events.output("due", of: "check") == true)
        #expect(events.output("trained", of: "retrain/train") == true)
        #expect(events.output("promoted", of: "retrain/deploy") == true)
        #expect(try story.third.events().result(of: "retrain") == "skipped")
        let models = try demo.flow("model", "list", "--json").checked().jsonLines
        #expect(models.count == 1)
        #expect(try demo.paths("models/registry.jsonl") == ["models/registry.jsonl"])
        try demo.expectSound()
    }

    @Test(
        "the model names the right skill for raw messages that it has not seen",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func predicts() throws {
        let demo = story.trained
        let messages = try HeldOutMessages(demo).messages
        #expect(messages.count == 10)
        let answers = try demo.flow.run(["model", "predict", "--json"] + messages.map(\.text))
            .checked().jsonLines
        let right = zip(messages, answers).count { message, answer in
            answer["labels"]?.arrayValue?.first?["label"]?.stringValue == message.label
        }
        #expect(right >= 8, "\(zip(messages, answers).map { "\($0.0) \($0.1.text())" })")
    }
}
