import FlowJSON
import FlowLearning
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// When a training is due, what it does with too little, and what becomes of a model.
@Suite struct ModelStageTests {
    private static let path = "datasets/trm/erp_tasks.jsonl"

    private func line(_ number: Int, approved: String, texts: [String]) -> JSON {
        let id = "GR-0000000\(number)"
        return [
            "id": .string(id), "source": "skillsmith-production", "kind": "guardrail",
            "task": "t", "input": ["error_pattern": .string("pattern \(number) word\(number)")],
            "output": [:], "metrics": [:], "tags": [],
            "fingerprint": .string("0000000\(number)-0000-8000-8000-000000000000"),
            "timestamp": .string(StageBench.now), "approved_at": .string(approved),
            "description": "d", "examples": .array(texts.map(JSON.string)), "split": "train",
            "label": .string(id), "state": "approved",
        ]
    }

    private func bench(_ lines: [JSON]) throws -> StageBench {
        let bench = try StageBench()
        try bench.commit([
            (Self.path, String(decoding: JSONLines.write(lines), as: UTF8.self))
        ])
        return bench
    }

    /// Four lines of so many texts.
    private func lines(_ texts: Int) -> [JSON] {
        (1...4).map { number in
            line(
                number, approved: "2025-11-07T00:00:00Z",
                texts: (0..<texts).map { "case c\($0) of word\(number) and thing\(number)" })
        }
    }

    private func text(_ handed: StageBench.Handed, _ name: String) -> String {
        let lines = handed.outputs.split(separator: "\n", omittingEmptySubsequences: false)
        guard let place = lines.firstIndex(where: { $0.hasPrefix("\(name)<<") }) else { return "" }
        return String(lines[place + 1])
    }

    /// Trains and deploys as the workflow does, and commits.
    @discardableResult
    private func deployed(_ bench: StageBench, _ input: JSONObject = [:], key: String = "k") throws
        -> StageBench.Handed
    {
        var settings = input
        let trained = try bench.run("model/train", ["min-samples": 4])
        settings["model"] = .string(text(trained, "model"))
        let handed = try bench.run("model/deploy", .object(settings))
        let changes = try #require(try handed.value("changes"))
        _ = try bench.run("git/commit", ["changes": changes, "message": "model"], key: key)
        return handed
    }

    @Test("the preset of a training is its input", arguments: ["default", "seed"])
    func preset(_ name: String) throws {
        let bench = try bench(lines(5))
        let input: JSON = ["min-samples": 4, "preset": .string(name)]
        let model = text(try bench.run("model/train", input), "model")
        let header = try JSON.read(
            Files.read(Path.join(bench.workspace, "\(model)/model.json")))
        #expect(header["preset"] == .string(name))
    }

    @Test(
        "approvals within the window count, and the threshold makes a training due",
        arguments: [(1, true), (2, true), (3, false)])
    func check(_ threshold: Int, _ isDue: Bool) throws {
        let bench = try bench([
            line(1, approved: "2025-11-07T00:00:00Z", texts: ["a"]),
            line(2, approved: "2025-11-02T00:00:00Z", texts: ["b"]),
            line(3, approved: "2025-10-01T00:00:00Z", texts: ["c"]),
        ])
        let checked = try bench.run(
            "model/check", ["threshold": .integer(threshold), "window": 604_800])
        #expect(try checked.value("count") == 2)
        #expect(try checked.value("due") == .bool(isDue))
        #expect(try checked.value("samples") == 6)
        #expect(try checked.value("label_drift") == -1)
    }

    @Test(
        "texts that no model has learned make a training due, until one has", arguments: [24, 25])
    func samples(_ limit: Int) throws {
        let bench = try bench(lines(5))
        let input: JSON = ["threshold": 99, "samples": .integer(limit), "window": 604_800]
        let checked = try bench.run("model/check", input)
        #expect(try checked.value("due") == .bool(limit == 24))
        #expect(
            text(checked, "reason")
                == (limit == 24
                    ? "retrain recommended (24 texts that no model has learned)"
                    : "4 additions, 99 make a training due"))
        try deployed(bench)
        #expect(try bench.run("model/check", input).value("samples") == 0)
        #expect(try bench.run("model/check", ["threshold": 1]).value("due") == false)
    }

    @Test(
        "errors that the model sees otherwise than before its training make one due; the same do not",
        arguments: [(1, false), (3, true)])
    func drift(_ kind: Int, _ isDue: Bool) throws {
        let bench = try bench(lines(30))
        try deployed(bench)
        let young = try bench.run("model/check", ["threshold": 99, "samples": 999])
        #expect(young.said.contains { $0.contains("younger than 7 days") }, "\(young.said)")
        func record(_ date: String, _ kind: Int) -> String {
            let message =
                kind == 1 ? "case c1 of word1 and thing1" : "then it was thing3, and word3 too"
            return "{\"time\": \"\(date)T09:00:00Z\", \"level\": \"error\", "
                + "\"component\": \"app\", \"message\": \"\(message)\"}\n"
        }
        let before = (1...7).map { record("2025-11-0\($0)", 1) }
        let now = (13...19).map { record("2025-11-\($0)", kind) }
        try Files.write((before + now).joined(), to: bench.at("errors.jsonl"))
        let later = ["FLOW_NOW": "2025-11-20T02:00:00Z"]
        _ = try bench.run(
            "skills/mine", ["source": .string(bench.at("errors.jsonl")), "self-check": "off"],
            variables: later)
        let checked = try bench.run(
            "model/check", ["threshold": 99, "samples": 999], variables: later)
        #expect(try checked.value("due") == .bool(isDue))
        let index = try #require(try checked.value("label_drift")?.doubleValue)
        #expect(isDue ? index > 0.2 : index == -1, "one label only, nothing to compare")
        #expect(text(checked, "reason").contains("the labels of errors have shifted") == isDue)
        let off = try bench.run(
            "model/check", ["threshold": 99, "samples": 999, "drift": 0], variables: later)
        #expect(try off.value("due") == false)
    }

    @Test("without a dataset nothing is due, and nothing is trained or deployed")
    func none() throws {
        let bench = try StageBench()
        #expect(try bench.run("model/check").value("due") == false)
        let trained = try bench.run("model/train")
        #expect(try trained.value("trained") == false)
        let deployed = try bench.run("model/deploy", ["model": ""])
        #expect(try deployed.value("promoted") == false)
        #expect(try deployed.value("changes") == [])
        #expect(!Files.exists(Path.join(bench.workspace, "models")))
    }

    @Test(
        "the same dataset trains the same model; its line, its figures and the marks come once")
    func train() throws {
        let bench = try bench(lines(30))
        let first = try deployed(bench)
        #expect(try first.value("promoted") == true)
        let changes = try #require(try first.value("changes")?.arrayValue)
        #expect(
            changes.map { $0["path"] } == [
                .string(Self.path), "models/metrics.jsonl", "models/registry.jsonl",
            ])
        let used = try JSONLines.read(Files.read(Path.join(bench.workspace, Self.path)))
        #expect(used.map { $0["state"] } == Array(repeating: "used_in_training", count: 4))
        let shown = try JSONLines.read(
            Files.read(Path.join(bench.workspace, "models/metrics.jsonl")))
        #expect(shown.count == 1)
        #expect(shown[0]["f1_macro"] == (try first.value("macro_f1")))
        let second = try deployed(bench, key: "again")
        #expect(try second.value("changes") == [])
        #expect(try second.value("promoted") == true)
        let incremental = try bench.run("model/train", ["type": "incremental", "min-samples": 4])
        #expect(try incremental.value("trained") == false)
        #expect(
            text(incremental, "reason") == "nothing new was approved since the last training")
    }

    @Test("with a least confidence only lines that reach it train, and only they are marked")
    func confidence() throws {
        let lines = (1...5).map { number -> JSON in
            var object =
                line(
                    number, approved: "2025-11-07T00:00:00Z",
                    texts: (0..<4).map { "case \($0) of word\(number) and thing\(number)" }
                ).objectValue ?? [:]
            if number < 5 { object["metrics"] = ["confidence": number == 1 ? 0.4 : 0.8] }
            return .object(object)
        }
        let bench = try bench(lines)
        let trained = try bench.run("model/train", ["min-confidence": 0.5, "min-samples": 4])
        let handed = try bench.run(
            "model/deploy",
            ["min-confidence": 0.5, "model": .string(text(trained, "model"))])
        let changes = try #require(try handed.value("changes"))
        _ = try bench.run("git/commit", ["changes": changes, "message": "model"])
        let states = try JSONLines.read(Files.read(Path.join(bench.workspace, Self.path)))
            .compactMap { $0["state"]?.stringValue }
        let used = "used_in_training"
        #expect(states == ["approved", used, used, used, "approved"])
    }

    @Test("texts that are left out are counted in the log")
    func leftOut() throws {
        let texts = ["case one of it", "case one of it", "CASE: one, of it!", " ", "case two"]
        let bench = try bench([
            line(1, approved: "2025-11-07T00:00:00Z", texts: texts),
            line(
                2, approved: "2025-11-07T00:00:00Z",
                texts: ["other thing", "another thing", "case two"]),
        ])
        let said = try bench.run("model/train", ["min-samples": 2]).said
        #expect(
            said.contains(
                "texts left out: 1 that stand twice, 1 with the words of another under their label,"
                    + " 1 that are blank"), "\(said)")
        #expect(
            said.contains("conflict: 'case two' stands under 'GR-00000001', 'GR-00000002'"),
            "\(said)")
    }

    @Test("what was learned as a template is on the test side of nothing when the template changes")
    func borrowed() throws {
        let message =
            (0..<99).map { "the odd message \($0)" }
            .first { TrainingSet.side(of: $0) == .test } ?? ""
        func fifth(_ template: String) -> JSON {
            var object =
                line(5, approved: "2025-11-07T00:00:00Z", texts: [message]).objectValue ?? [:]
            object["input"] = ["error_pattern": .string(template)]
            return .object(object)
        }
        let bench = try bench(lines(30) + [fifth(message)])
        try deployed(bench)
        let registry = try JSONLines.read(
            Files.read(Path.join(bench.workspace, "models/registry.jsonl")))
        #expect(registry[0]["borrowed"]?.arrayValue?.isEmpty == false)
        let changed = lines(30) + [fifth("the odd message <*>")]
        try bench.commit([
            (Self.path, String(decoding: JSONLines.write(changed), as: UTF8.self))
        ])
        let desk = DatasetDesk(bench.workspace, file: nil)
        let test = try desk.export(
            "samples", minConfidence: 0, onlyReviewed: false, source: nil, split: "test")
        let rows = try JSONLines.read(test.bytes)
        #expect(!rows.isEmpty && rows.allSatisfy { $0["text"]?.stringValue != message })
        let train = try desk.export(
            "chat", minConfidence: 0, onlyReviewed: false, source: nil, split: "train")
        #expect(String(decoding: train.bytes, as: UTF8.self).contains(message))
        // The rule measures on the very rows that the export gives.
        let handed = try deployed(bench, key: "again")
        let recorded = try JSONLines.read(
            Files.read(Path.join(bench.workspace, "models/registry.jsonl"))
        ).first { $0["hash"]?.stringValue == text(handed, "model") }
        #expect(recorded?["metrics"]?["rows"] == .integer(rows.count))
        #expect(try desk.stats()["splits"]?["test"] == .integer(rows.count))
    }

    @Test("figures below their levels are alerts")
    func alerts() throws {
        let handed = try deployed(try bench(lines(30)), ["alert-f1": 1, "alert-accuracy": 0])
        let f1 = try #require(try handed.value("macro_f1")?.doubleValue)
        #expect(try handed.value("alerts")?.arrayValue?.count == (f1 < 1 ? 1 : 0))
    }

    // MARK: Weights in git

    /// The hashes of the models of which a commit holds files, sorted.
    private func kept(_ bench: StageBench) throws -> [String] {
        let paths = try bench.git("ls-tree", "-r", "--name-only", "HEAD", "models/").checked().lines
        return Set(paths.map { String($0.split(separator: "/")[1]) })
            .filter(ModelFolder.isHash).sorted()
    }

    private func keepingBench() throws -> StageBench {
        let bench = try bench(lines(30))
        try bench.commit([
            ("flow.yaml", "models: {store: git}\n"), ("models/.gitignore", "*/\n"),
        ])
        return bench
    }

    /// Commits one line more.
    private func teach(_ bench: StageBench, _ number: Int) throws {
        let path = Path.join(bench.workspace, Self.path)
        let new = line(number, approved: "2025-11-07T00:00:00Z", texts: ["new text \(number)"])
        try bench.commit([(Self.path, try Files.text(path) + new.text() + "\n")])
    }

    /// A model of what was taught, which goes into service by a person's word.
    private func promoted(_ bench: StageBench, _ number: Int) throws -> String {
        let hash = text(try deployed(bench, key: "k\(number)"), "model")
        _ = try ModelDesk.promote(hash, isForced: true, reason: "", in: bench.workspace)
        return hash
    }

    private func another(_ bench: StageBench, _ number: Int) throws -> String {
        try teach(bench, number)
        return try promoted(bench, number)
    }

    private func answer(_ bench: StageBench) throws -> JSON? {
        var said: [JSON] = []
        try ModelDesk.predict(
            ["case c1 of word3 and thing3"], { bench.workspace }, folder: nil, top: 1,
            shape: { $0 }
        ) { said.append($0) }
        return said.first
    }

    @Test(
        "kept in git, a model goes into service with its weights in one commit, and clones ask it")
    func keptInGit() throws {
        let bench = try keepingBench()
        let before = try bench.git("rev-list", "--count", "HEAD").text
        let hash = text(try deployed(bench), "model")
        #expect(
            Int(try bench.git("rev-list", "--count", "HEAD").text) == Int(before).map { $0 + 1 })
        let paths = try bench.git("show", "--name-only", "--format=", "HEAD").lines
        #expect(paths.contains("models/registry.jsonl"))
        for name in try Files.list(Path.join(bench.workspace, "models/\(hash)")) {
            #expect(paths.contains("models/\(hash)/\(name)"))
        }
        #expect(try bench.git("status", "--porcelain").text == "")

        let clone = try StageBench(cloning: bench.workspace)
        #expect(try answer(clone) == answer(bench))
        // A later job has a model to compare with, and the commit with its own weights.
        let path = Path.join(clone.workspace, Self.path)
        let new = line(5, approved: "2025-11-07T00:00:00Z", texts: ["something of word5"])
        try clone.commit([(Self.path, try Files.text(path) + new.text() + "\n")])
        let second = try deployed(clone, ["min-test-rows": 1], key: "k2")
        #expect(!text(second, "reason").contains("missing"), "\(second)")
        #expect(try second.value("mcnemar_p")?.doubleValue ?? -1 >= 0)
        let isPromoted = try second.value("promoted") == true
        #expect(try kept(clone) == ([hash] + (isPromoted ? [text(second, "model")] : [])).sorted())
    }

    @Test(
        "kept in git are the model in service and the one before; going back further finds the rest"
    )
    func history() throws {
        let bench = try keepingBench()
        let first = text(try deployed(bench), "model")
        let second = try another(bench, 5)
        #expect(try kept(bench) == [first, second].sorted(), "\(first) \(second)")
        let third = try another(bench, 6)
        #expect(try kept(bench) == [second, third].sorted())
        #expect(!Files.exists(Path.join(bench.workspace, "models/\(first)/weights.bin")))

        #expect(try ModelDesk.rollback(reason: "", in: bench.workspace).model == second)
        #expect(try kept(bench) == [first, second].sorted(), "what the next going back needs")
        #expect(try ModelDesk.rollback(reason: "", in: bench.workspace).model == first)
        #expect(try kept(bench) == [first])
        #expect(try answer(bench)?["model"] == .string(first))
        #expect(throws: StageError.self) {
            try ModelDesk.rollback(reason: "", in: bench.workspace)
        }
        #expect(try bench.git("status", "--porcelain").text == "")
        _ = try ModelDesk.promote(third, isForced: true, reason: "", in: bench.workspace)
        #expect(try kept(bench) == [first, third].sorted())
    }

    @Test("weights that are damaged in the work tree do not take the place of those in git")
    func damagedWeights() throws {
        let bench = try keepingBench()
        let first = text(try deployed(bench), "model")
        let path = "models/\(first)/weights.bin"
        let good = try bench.git("rev-parse", "HEAD:\(path)").checked().text
        try teach(bench, 5)
        try Files.write([0, 1, 2], to: Path.join(bench.workspace, path))
        let second = try promoted(bench, 5)
        #expect(try kept(bench) == [first, second].sorted())
        #expect(try bench.git("rev-parse", "HEAD:\(path)").checked().text == good)
    }

    @Test("weights that wait on flow/sync for a merge are compared with from there")
    func waitingWeights() throws {
        let bench = try keepingBench()
        try bench.commit([
            (
                "flow.yaml",
                "default-branch: main\npublish: pull-request\nmodels: {store: git}\n"
            )
        ])
        let hash = text(try deployed(bench), "model")
        let there = try bench.git("ls-tree", "-r", "--name-only", "flow/sync", "models/").lines
        #expect(there.contains("models/\(hash)/weights.bin"))
        #expect(try kept(bench).isEmpty, "the default branch waits for the merge")

        let clone = try StageBench(cloning: bench.workspace)
        #expect(!Files.exists(Path.join(clone.workspace, "models/\(hash)")))
        let path = Path.join(clone.workspace, Self.path)
        let new = line(5, approved: "2025-11-07T00:00:00Z", texts: ["something of word5"])
        try clone.commit([(Self.path, try Files.text(path) + new.text() + "\n")])
        let second = try deployed(clone, ["min-test-rows": 1], key: "k2")
        #expect(!text(second, "reason").contains("missing"), "\(second)")
        #expect(try second.value("mcnemar_p")?.doubleValue ?? -1 >= 0)
    }

    @Test("kept on this machine alone, no weights are committed")
    func keptLocally() throws {
        let bench = try bench(lines(30))
        try deployed(bench)
        #expect(try kept(bench).isEmpty)
    }

    // MARK: Models of a team's own training

    private func foreign(_ bench: StageBench, _ metrics: String) throws {
        let folder = Path.join(bench.workspace, "out/mine")
        try Files.write("weights of another kind", to: Path.join(folder, "deep/weights"))
        try Files.write(metrics, to: Path.join(folder, "metrics.json"))
    }

    private func metrics(rows: Int, _ f1: Double) -> String {
        """
        {"rows": \(rows), "accuracy": 0.9, "macro_precision": 0.9, "macro_recall": 0.9,
         "macro_f1": \(f1), "ece": 0.1, "preset": "transformer"}
        """
    }

    @Test("a model of another kind is deployed by what its training measured on the test rows")
    func ownTraining() throws {
        let bench = try bench(lines(60))
        let dataset = try DatasetFile(
            reading: Files.read(Path.join(bench.workspace, Self.path)))
        let rows = TrainingSet(dataset).held.count
        try foreign(bench, metrics(rows: rows, 0.9))
        let input: JSON = ["model": "out/mine", "min-test-rows": 10]
        let handed = try bench.published("model/deploy", input, key: "k1")
        #expect(try handed.value("promoted") == true)
        #expect(try handed.value("macro_f1") == 0.9)
        let hash = text(handed, "model")
        #expect(
            try Files.text(Path.join(bench.workspace, "models/\(hash)/deep/weights"))
                == "weights of another kind")
        // On the same rows the figures are compared.
        try foreign(bench, metrics(rows: rows, 0.8))
        let worse = try bench.run("model/deploy", input)
        #expect(try worse.value("promoted") == false)
        #expect(text(worse, "reason").contains("0.8000 on \(rows) test rows is below 0.9000"))
        // Mining and prediction say why they cannot ask it.
        let checked = try bench.run("model/check")
        #expect(checked.said.contains { $0.contains("it is not of flow's format") })
    }

    @Test(
        "figures that cannot be those of the test rows are refused",
        arguments: [
            ("{\"rows\": 3}", "'rows' is 3 and the dataset has "),
            ("{}", "'rows' is -1 and the dataset has "), ("[]", "is no object"),
            ("ROWS", "'macro_f1' should be a number from 0 to 1"),
        ])
    func badMetrics(_ text: String, _ message: String) throws {
        let bench = try bench(lines(60))
        let dataset = try DatasetFile(
            reading: Files.read(Path.join(bench.workspace, Self.path)))
        try foreign(
            bench,
            text == "ROWS" ? metrics(rows: TrainingSet(dataset).held.count, 1.5) : text)
        let said = try bench.refusal("model/deploy", ["model": "out/mine"])
        #expect(said.contains(message), "\(said)")
        #expect(!Files.exists(Path.join(bench.workspace, "models/registry.jsonl")))
    }

    @Test("a damaged model is refused, and the one in service stays")
    func damaged() throws {
        let bench = try bench(lines(30))
        try deployed(bench)
        let registry = try Files.read(Path.join(bench.workspace, "models/registry.jsonl"))
        let model = text(try bench.run("model/train", ["min-samples": 4]), "model")
        let weights = Path.join(bench.workspace, "\(model)/weights.bin")
        try Files.write(try Files.read(weights).dropLast(8).map { $0 }, to: weights)
        let said = try bench.refusal("model/deploy", ["model": .string(model)])
        #expect(said.contains("weights.bin is not what was written"), "\(said)")
        #expect(
            try Files.read(Path.join(bench.workspace, "models/registry.jsonl")) == registry)
        // Trained again it is whole.
        #expect(
            try deployed(bench, key: "again").value("promoted") == true)
    }

    @Test("a folder that is none, or holds no model, is refused")
    func badFolder() throws {
        let bench = try bench(lines(5))
        #expect(
            try bench.refusal("model/deploy", ["model": "nothing"])
                .hasPrefix("there is no folder nothing"))
        try Files.makeFolder(Path.join(bench.workspace, "empty"))
        #expect(
            try bench.refusal("model/deploy", ["model": "empty"])
                .hasPrefix("empty holds neither model.json"))
    }
}
