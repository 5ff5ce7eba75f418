import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow model`, as people type it.
@Suite struct ModelCommandTests {
    /// Rows of three labels; every fifth says that it is a test.
    private static let rows = (0..<60).map { number in
        let label = ["disk", "order", "login"][number % 3]
        let words = [
            "disk d\(number) is full", "order o\(number) was refused", "login of u\(number)",
        ]
        return (text: words[number % 3] + " at place p\(number % 7)", label: label)
    }

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "rows.jsonl",
            Self.rows.enumerated().map { number, row in
                let split = number % 5 == 0 ? ", \"split\": \"test\"" : ""
                return "{\"text\": \"\(row.text)\", \"label\": \"\(row.label)\"\(split)}\n"
            }.joined())
        try folder.write(
            "rows.csv",
            "label,text\n" + Self.rows.map { "\($0.label),\"\($0.text)\"\n" }.joined())
        return folder
    }

    /// All bytes of a folder.
    private func content(_ path: String) throws -> [String: [UInt8]] {
        try Dictionary(
            uniqueKeysWithValues: Files.list(path).map {
                ($0, try Files.read(Path.join(path, $0)))
            })
    }

    @Test("a model is trained from a file, measured on its test rows or another file, and asked")
    func files() throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        let trained = try flow("model", "train", "--data", "rows.jsonl", "--out", "m", "--json")
            .checked().json
        #expect(trained["rows"] == 12)
        #expect(trained["trained_on"] == 48)
        for key in ["accuracy", "macro_precision", "macro_recall", "macro_f1", "ece"] {
            #expect(trained[key]?.doubleValue != nil, "\(key)")
        }
        #expect(trained["labels"]?["disk"]?["support"] == 4)
        let measured = try flow(
            "model", "eval", "--model", "m", "--data", "rows.jsonl", "--report", "r", "--json"
        ).checked().json
        #expect(measured["rows"] == 12)
        #expect(measured["macro_f1"] == trained["macro_f1"])
        #expect(measured["model"] == trained["model"])
        #expect(
            try Files.list(folder.at("r"))
                == ["confusion.svg", "metrics.json", "reliability.svg", "report.md"])
        #expect(try JSON.read(Files.read(folder.at("r/metrics.json"))) == measured)
        let all = try flow("model", "eval", "--model", "m", "--data", "rows.csv").checked()
        #expect(all.lines.contains { $0.hasPrefix("rows ") && $0.hasSuffix(" 60") })
        let said = try flow("model", "predict", "--model", "m", "the disk is full").checked()
        #expect(said.lines.first?.hasPrefix("disk  ") == true, "\(said)")
        let held = try flow("model", "train", "--data", "rows.csv", "--hold-out", "--out", "m")
            .checked()
        #expect(held.lines.contains { $0.hasPrefix("macro-F1 ") })
    }

    @Test("the same rows make the same model, in whatever order and format")
    func same() throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        let lines = try Files.text(folder.at("rows.csv")).split(separator: "\n")
        try folder.write(
            "other.csv", ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\n"))
        for (data, out) in [("rows.csv", "a"), ("other.csv", "b")] {
            try flow("model", "train", "--data", data, "--out", out).checked()
        }
        #expect(try content(folder.at("a")) == content(folder.at("b")))
    }

    @Test(
        "rows that cannot be learned from are an error, and the model that is there stays as it is",
        arguments: [
            ("{\"text\": \"a b\", \"label\": \"one\"}\n", "training needs at least 2 texts and 2"),
            (
                "{\"text\": \"aa\", \"label\": \"L\"}\n{\"text\": \"\", \"label\": \"M\"}\n",
                "line 2: 'text' is missing or empty"
            ),
            ("{\"text\": \"aa\", \"label\": \"LONG\"}\n", "'label' has 10000 characters"),
            ("{\"text\": \"aa\", \"label\": \"L\", \"weight\": NaN}\n", "line 1: column "),
            ("text,label,weight\naa,L,NaN\n", "line 2: 'weight' should be a number"),
            ("", "there is no sample in it"),
        ])
    func badRows(_ text: String, _ message: String) throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        try flow("model", "train", "--data", "rows.csv", "--out", "m").checked()
        let before = try content(folder.at("m"))
        try folder.write(
            "bad", text.replacing("LONG", with: String(repeating: "x", count: 10_000)))
        let result = try flow("model", "train", "--data", "bad", "--out", "m")
        #expect(result.exit == 1 && result.output == "")
        #expect(result.errors.contains(message), "\(result)")
        #expect(try content(folder.at("m")) == before)
    }

    @Test("a preset is named, threads change nothing, and texts without words are refused by seed")
    func presets() throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        let train = ["model", "train", "--out", "m", "--data"]
        func hash(_ options: String...) throws -> JSON? {
            let trained = try flow.run(train + ["rows.csv", "--json"] + options).checked().json
            #expect(trained["preset"] == .string(options.contains("seed") ? "seed" : "default"))
            return trained["model"]
        }
        let usual = try hash("--threads", "2")
        #expect(try hash("--preset", "default", "--threads", "1") == usual)
        #expect(try hash("--preset", "seed") != usual)
        let unknown = try flow.run(train + ["rows.csv", "--preset", "best"])
        #expect(unknown.exit == 2)
        #expect(unknown.errors.contains("--preset takes default or seed"), "\(unknown)")
        try folder.write("bad", "text,label\n?,L\n!,M\n")
        let wordless = try flow.run(train + ["bad", "--preset", "seed"])
        #expect(wordless.exit == 1)
        #expect(wordless.errors.contains("no text has a word"), "\(wordless)")
    }

    /// What glibc finds that the processor can do.
    private static func features(_ variables: [String: String]) -> [String] {
        let linker = TestProgram(
            "/lib64/ld-linux-x86-64.so.2", in: "/", environment: variables)
        let lines = (try? linker("--list-diagnostics").checked().lines) ?? []
        return lines.filter { $0.hasPrefix("x86.cpu_features") }
    }

    /// Makes C libraries take other code for `exp`, `log` and their like than they usually would.
    private static let withoutFeatures = [
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-AVX512BW,"
            + "-AVX512DQ,-AVX512CD,-SSE4_1,-SSE4_2,-SSSE3,-BMI1,-BMI2,-ERMS,-FSRM"
    ]
    private static let hasFeatures = features([:]) != features(withoutFeatures)

    @Test(
        "the same model comes out where the processor's newer instructions are switched off",
        .enabled(if: hasFeatures, "there are none that glibc could be told not to use"),
        arguments: ["default", "seed"])
    func otherProcessor(_ preset: String) throws {
        let folder = try folder()
        for (out, variables) in [("a", [:]), ("b", Self.withoutFeatures)] {
            try Demo.flow(in: folder.path, environment: variables)(
                "model", "train", "--data", "rows.jsonl", "--preset", preset, "--out", out
            ).checked()
        }
        #expect(try content(folder.at("a")) == content(folder.at("b")))
    }

    @Test("rows that stand twice are counted, conflicts are shown, learned test rows are warned of")
    func dirtyRows() throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        let first = Self.rows[0].text
        try folder.write(
            "dirty.jsonl",
            try Files.text(folder.at("rows.jsonl"))
                + "{\"text\": \"\(Self.rows[1].text)\", \"label\": \"order\"}\n"
                + "{\"text\": \"\(first)!\", \"label\": \"disk\"}\n"
                + "{\"text\": \"\(first)\", \"label\": \"login\", \"split\": \"test\"}\n")
        let train = ["model", "train", "--data", "dirty.jsonl", "--out", "m"]
        let json = try flow.run(train + ["--json"]).checked().json
        #expect(json["duplicates"] == 2 && json["learned_test_rows"] == 2 && json["rows"] == 13)
        #expect(json["conflicts"]?.arrayValue?.map { $0["labels"] } == [["disk", "login"]])
        let said = try flow.run(train).checked().errors
        #expect(said.contains("2 of 13 test rows have the words of learned ones"), "\(said)")
        #expect(said.contains("conflict: '\(first)' stands under 'disk', 'login'\n"), "\(said)")
        #expect(try Files.text(folder.at("m/report.md")).contains("## Conflicts\n"))
        let clean = try flow("model", "train", "--data", "rows.jsonl", "--out", "m").checked()
        #expect(!clean.errors.contains("learned ones"))
        #expect(try !Files.text(folder.at("m/report.md")).contains("## Conflicts\n"))
    }

    @Test("an answer names the words that decided, and says how little any label claims the text")
    func decidingWords() throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        try flow("model", "train", "--data", "rows.csv", "--out", "m").checked()
        try folder.write("messages", "the disk is full\nzebra quagga\n")
        let result = try TestProgram("sh", in: folder.path).run([
            "-c", "\"$0\" model predict - --model m --json < messages", BuiltPrograms.flow,
        ]).checked()
        let (known, other) = (try result.jsonLines[0], try result.jsonLines[1])
        #expect(known["words"]?.arrayValue?.first?["term"] == "disk")
        let scope = [known, other].compactMap { $0["out_of_scope"]?.doubleValue }
        #expect(scope.count == 2 && scope[0] < scope[1], "\(scope)")
    }

    @Test(
        "a truncated model is refused by all that would ask it",
        arguments: ["weights.bin", "terms.txt", "model.json"])
    func truncated(_ name: String) throws {
        let folder = try folder()
        let flow = Demo.flow(in: folder.path)
        try flow("model", "train", "--data", "rows.csv", "--out", "m").checked()
        let bytes = try Files.read(folder.at("m/\(name)"))
        try Files.write(Array(bytes.dropLast(9)), to: folder.at("m/\(name)"))
        for words in [["predict", "x"], ["eval", "--data", "rows.csv"]] {
            let result = try flow.run(["model"] + words + ["--model", "m"])
            #expect(result.exit == 1)
            #expect(result.errors.contains("train again"), "\(result)")
        }
    }

    private static let unshare = ["-rm", "sh", "-eu", "-c"]
    private static let canMount =
        (try? TestProgram("unshare", in: "/").run(
            unshare + ["mount -t tmpfs -o size=1m tmpfs /tmp"]
        ).checked()) != nil

    @Test(
        "on a full disk a training says so and leaves the model that is there and nothing else",
        .enabled(if: canMount, "file systems in memory may not be mounted here"))
    func fullDisk() throws {
        let folder = try folder()
        let script = """
            mkdir small; mount -t tmpfs -o size=400k tmpfs small
            "$0" model train --data rows.csv --out small/m
            sha256sum small/m/* > before
            head -c 1m /dev/zero > small/fill 2> /dev/null || true
            if "$0" model train --data rows.jsonl --out small/m > said 2>&1; then exit 9; fi
            sha256sum small/m/* | cmp - before
            ls -A small > left
            "$0" model predict --model small/m 'the disk is full' > answer
            """
        let result = try TestProgram("unshare", in: folder.path)
            .run(Self.unshare + [script, BuiltPrograms.flow])
        #expect(result.exit == 0, "\(result)")
        #expect(try Files.text(folder.at("said")).contains("No space left on device"))
        #expect(try Files.text(folder.at("left")) == "fill\nm\n")
    }

    @Test(
        "on a full disk a retraining fails, and the model in service answers as before",
        .enabled(if: canMount, "file systems in memory may not be mounted here"))
    func fullRepository() throws {
        let demo = try demo()
        let first = try inService(demo)
        try addLine(demo)
        let head = try demo.head()
        let script = """
            cp -a models kept; mount -t tmpfs -o size=800k tmpfs models; cp -a kept/. models
            rm -r kept
            ls -A models > before
            head -c 2m /dev/zero > models/fill 2> /dev/null || true
            if "$0" run retrain.yaml -p min_samples=2 --now \(Demo.now) > said 2>&1; then exit 9; fi
            "$0" model predict 'disk full on alpha' > answer
            rm models/fill; ls -A models | cmp - before
            """
        let result = try TestProgram("unshare", in: demo.path)
            .run(Self.unshare + [script, BuiltPrograms.flow])
        #expect(result.exit == 0, "\(result)")
        #expect(try demo.text("said").contains("No space left on device"))
        #expect(try inService(demo) == first)
        #expect(try demo.head() == head)
    }

    // MARK: In a repository

    /// A repository in which two of three errors have approved skills and a first model is in service.
    private static let start = Result {
        let demo = try Demo(messages: [
            "disk full on alpha", "order was refused", "login of user went wrong",
        ])
        try demo.integrate().checked()
        let open = try demo.proposals()
        try demo.flow.run(["proposals", "approve"] + open.sorted().prefix(2)).checked()
        try demo.integrate("-p", "retrain_threshold=2", "-p", "min_samples=2").checked()
        return demo
    }

    private func demo() throws -> Demo { try Demo(copying: Self.start.get()) }

    private func models(_ demo: Demo) throws -> [JSON] {
        try demo.flow("model", "list", "--json").checked().jsonLines
    }

    private func inService(_ demo: Demo) throws -> String {
        let all = try models(demo).filter {
            $0["deployed"]?.arrayValue?.last?["to"]?.isNull == true
        }
        #expect(all.count == 1)
        return try #require(all.first?["hash"]?.stringValue)
    }

    /// A line of the dataset that no model has learned.
    private func addLine(_ demo: Demo) throws {
        try demo.write(
            "more.jsonl",
            "{\"text\": \"the disk of beta is full too\", \"label\": \"DISK\"}\n")
        let label = try #require(try demo.dataset().first?["label"]?.stringValue)
        try demo.write("more.jsonl", try demo.text("more.jsonl").replacing("DISK", with: label))
        try demo.flow("dataset", "import", "more.jsonl", "--source", "manual").checked()
        try Files.remove(demo.at("more.jsonl"))
        try demo.commitAll("more")
    }

    /// Another model, which too few test rows keep out of service.
    private func trainAnother(_ demo: Demo) throws -> String {
        try addLine(demo)
        try demo.flow("run", "retrain.yaml", "-p", "min_samples=2", "--now", Demo.now).checked()
        return try #require(try models(demo).last?["hash"]?.stringValue)
    }

    @Test("a person promotes against the rule only by force, and goes back, each in one commit")
    func switching() throws {
        let demo = try demo()
        let first = try inService(demo)
        let second = try trainAnother(demo)
        #expect(try inService(demo) == first)
        let decision = try models(demo).last?["decision"]?.stringValue ?? ""
        #expect(decision.contains(" test row"), "\(decision)")
        let refused = try demo.flow("model", "promote", String(second.prefix(8)))
        #expect(refused.exit == 1)
        #expect(refused.errors.contains("the rule of deployment is against it"), "\(refused)")
        #expect(try inService(demo) == first)

        let done = try demo.flow(
            "model", "promote", String(second.prefix(8)), "--force", "--reason", "new words"
        ).checked()
        #expect(done.output.contains("Ada promoted: against the rule ("), "\(done)")
        #expect(try inService(demo) == second)
        #expect(
            try demo.git("log", "-1", "--format=%s").text
                == "Put model \(second.prefix(12)) in service")
        let list = try demo.flow("model").checked()
        #expect(
            list.lines.contains {
                $0.hasPrefix(second.prefix(12)) && $0.contains("in service:")
            })

        try demo.flow("model", "rollback", "--reason", "it was worse").checked()
        #expect(try inService(demo) == first)
        #expect(try demo.git("log", "-1", "--format=%b").text.contains("it was worse"))
        let further = try demo.flow("model", "rollback")
        #expect(further.exit == 1 && further.errors.contains("no model was in service before it"))
        #expect(try inService(demo) == first, "not the model that was given up")
        let diff = try demo.flow("model", "diff", "--json").checked().json
        #expect(diff["from"]?["hash"]?.stringValue == first)
        #expect(diff["to"]?["hash"]?.stringValue == second)
        try demo.flow("model", "diff").checked()
        try demo.expectSound()
    }

    @Test(
        "a due training is done, asked for by an issue, or both",
        arguments: [("train", true), ("issue", false), ("both", true)])
    func onThreshold(_ way: String, _ isTrained: Bool) throws {
        let demo = try demo()
        try addLine(demo)
        try demo.integrate(
            "-p", "retrain_samples=1", "-p", "min_samples=2", "-p", "on_threshold=\(way)"
        ).checked()
        let events = try demo.events()
        #expect(events.result(of: "check") == "success")
        #expect(events.output("due", of: "check") == true)
        #expect(events.result(of: "retrain") == (isTrained ? "success" : "skipped"))
        #expect(events.result(of: "retrain-issue") == "success")
        #expect(try models(demo).count == (isTrained ? 2 : 1))
    }

    @Test("below the list one line shows how macro-F1 in service went over time")
    func course() throws {
        let demo = try demo()
        let hash = try inService(demo)
        let lines = [0.8, 0.85, 0.9].enumerated().map { number, f1 in
            "{\"time\": \"2025-11-0\(number + 1)T00:00:00Z\", \"model\": \"\(hash)\", "
                + "\"evaluated_on\": \"test\", \"rows\": 60, \"rows_sha256\": \"r\(number)\", "
                + "\"accuracy\": \(f1), \"precision_macro\": \(f1), \"recall_macro\": \(f1), "
                + "\"f1_macro\": \(f1), \"expected_calibration_error\": 0.05}\n"
        }
        try demo.write("models/metrics.jsonl", lines.joined())
        try demo.commitAll()
        let list = try demo.flow("model", "list").checked()
        #expect(
            list.lines.last
                == "macro-F1 in service  ▁▄█  0.8000 on 2025-11-01, 0.9000 on 2025-11-03",
            "\(list)")
        let snapshots = try models(demo).last?["snapshots"]?.arrayValue ?? []
        #expect(snapshots.map { $0["f1_macro"] } == [0.8, 0.85, 0.9])
        #expect(snapshots.first?["time"] == "2025-11-01T00:00:00Z")
        try demo.write("models/metrics.jsonl", lines.joined() + "nonsense\n")
        try demo.commitAll()
        let broken = try demo.flow("model", "list")
        #expect(broken.exit == 1 && broken.errors.contains("models/metrics.jsonl: line 4"))
    }

    @Test("pruning removes the weights of models that nothing needs, and no line of the registry")
    func pruning() throws {
        let demo = try demo()
        let first = try inService(demo)
        let second = try trainAnother(demo)
        try demo.flow(
            "run", "retrain.yaml", "-p", "min_samples=2", "-p", "preset=seed", "--now",
            Demo.now
        ).checked()
        let third = try #require(try models(demo).last?["hash"]?.stringValue)
        try demo.write("models/\(String(repeating: "a", count: 64))/weights.bin", "of a training")
        let all = try Files.list(demo.at("models"))
        let head = try demo.head()
        for (words, gone) in [
            (["--keep", "2"], []), (["--keep", "1", "--dry-run"], [second]),
            (["--keep", "1"], [second]), (["--keep", "0"], [third]), (["--keep", "0"], []),
        ] {
            let done = try demo.flow.run(["model", "prune", "--json"] + words).checked().json
            #expect(done["removed"]?.arrayValue?.compactMap(\.stringValue) == gone, "\(words)")
            #expect((done["bytes"]?.intValue ?? 0 > 0) == !gone.isEmpty)
        }
        #expect(
            try Files.list(demo.at("models")) == all.filter { $0 != second && $0 != third })
        #expect(try models(demo).count == 3 && inService(demo) == first)
        #expect(try demo.head() == head)
        try demo.flow("model", "predict", "disk full on alpha").checked()
        #expect(try demo.flow("model", "prune", "--keep", "-1").exit == 2)
    }

    @Test("a model whose weights are gone or damaged is not put in service")
    func missing() throws {
        let demo = try demo()
        let first = try inService(demo)
        let second = try trainAnother(demo)
        try Files.remove(demo.at("models/\(second)/weights.bin"))
        let result = try demo.flow("model", "promote", second, "--force")
        #expect(result.exit == 1 && result.errors.contains("weights.bin"), "\(result)")
        try Files.remove(demo.at("models/\(second)"))
        #expect(try demo.flow("model", "promote", second, "--force").exit == 1)
        #expect(try demo.flow("model", "promote", "ffff").errors.contains("there is no model ffff"))
        #expect(try demo.flow("model", "rollback").exit == 1)
        #expect(try inService(demo) == first)
    }

    @Test("an unsure answer is listed until a person labels it, which the next training learns")
    func corrections() throws {
        let demo = try demo()
        let found = try demo.flow("model", "review", "--below", "1", "--json").checked().json
        let guess = try #require(found["predictions"]?.arrayValue?.first)
        #expect(found["total"] == 1)
        let fingerprint = try #require(guess["fingerprint"]?.stringValue)
        let predicted = try #require(guess["label"]?.stringValue)
        let labels = try demo.dataset().compactMap { $0["label"]?.stringValue }
        let label = try #require(labels.first { $0 != predicted })
        let shown = try demo.flow("model", "review", "--below", "1").checked()
        #expect(shown.lines.first?.hasPrefix("\(fingerprint.prefix(8))  ") == true)

        let wrong = try demo.flow("model", "correct", fingerprint, "GR-FFFFFFFF")
        #expect(wrong.exit == 1 && wrong.errors.contains("is neither a skill nor a label"))
        let said = try demo.flow(
            "model", "correct", String(fingerprint.prefix(8)), label, "--note", "seen before"
        ).checked()
        #expect(said.output.contains("corrected from \(predicted) to \(label)"), "\(said)")

        let line = try #require(try demo.dataset().last)
        #expect(line["source"] == "manual" && line["corrected"] == true)
        #expect(line["label"]?.stringValue == label)
        #expect(line["fingerprint"]?.stringValue == fingerprint)
        let ledger = try demo.git("grep", "-h", "\"correction\"", "main", "--", "skills/ledger")
            .text
        let noted = try JSON.read(ledger)
        #expect(noted["predicted"]?.stringValue == predicted)
        #expect(noted["label"]?.stringValue == label)
        #expect(noted["note"] == "seen before" && noted["by"] == "Ada")

        let after = try demo.flow("model", "review", "--below", "1", "--json").checked().json
        #expect(after["total"] == 0)
        #expect(after["corrections"]?["rate"] == 1)
        #expect(after["corrections"]?["confused"]?.arrayValue?.first?["count"] == 1)
        // What a person has said outlives a turn of the loop, and its problems are none.
        try demo.integrate().checked()
        #expect(try demo.dataset().contains { $0["corrected"] == true })
        try demo.flow("run", "retrain.yaml", "-p", "min_samples=2", "--now", Demo.now).checked()
        #expect(try models(demo).count == 2)
        try demo.expectSound()
    }

    @Test("an imported line that waits for a review is listed until a person labels it")
    func importedLines() throws {
        let demo = try demo()
        let label = try #require(
            try demo.dataset().compactMap { $0["label"]?.stringValue }.first)
        try demo.write(
            "answers.jsonl",
            "{\"text\": \"the printer of the depot is out of paper\", \"label\": \"\(label)\"}\n")
        try demo.flow("dataset", "import", "answers.jsonl", "--source", "forum").checked()
        try demo.commitAll()
        let found = try demo.flow("model", "review", "--below", "1", "--json").checked().json
        let guesses = found["predictions"]?.arrayValue ?? []
        #expect(guesses.map { $0["source"] } == ["mining", "forum"])
        #expect(guesses.last?["text"] == "the printer of the depot is out of paper")
        let id = try #require(
            try demo.dataset().first { $0["source"] == "forum" }?["id"]?.stringValue)
        try demo.flow("model", "correct", id, label).checked()
        let line = try #require(try demo.dataset().first { $0["source"] == "manual" })
        #expect(line["corrected"] == true)
        #expect(line["fingerprint"] == guesses.last?["fingerprint"])
        #expect(line["examples"] == ["the printer of the depot is out of paper"])
        let after = try demo.flow("model", "review", "--below", "1", "--json").checked().json
        #expect(after["predictions"]?.arrayValue?.map { $0["source"] } == ["mining"])
    }

    @Test("a new error is proposed with the skill that the model in service finds nearest")
    func nearest() throws {
        let demo = try demo()
        let records = (3...6).map {
            "{\"time\": \"2025-11-0\($0)T10:00:00Z\", \"level\": \"error\", \"component\": \"app9\", "
                + "\"message\": \"the order was lost on the way\"}\n"
        }
        try demo.write("datasets/samples/new.jsonl", records.joined())
        try demo.commitAll()
        let before = Set(try demo.proposals())
        try demo.integrate().checked()
        let id = try #require(try demo.proposals().first { !before.contains($0) })
        let message = try demo.git("log", "-1", "--format=%B", "proposal/\(id)").text
        let skills = try demo.dataset().compactMap { $0["id"]?.stringValue }
        let sentence = try #require(
            message.split(separator: "\n").first { $0.hasPrefix("The triage model thinks of ") })
        #expect(skills.contains { sentence.contains($0) }, "\(sentence)")
    }

    @Test(
        "a training of a team's own takes the place of the built-in by one node, for both workflows",
        .enabled(if: Python.isThere, "python3 is not installed"),
        arguments: ["retrain.yaml", "integrate.yaml"])
    func ownTraining(_ workflow: String) throws {
        let demo = try demo()
        let example = Path.join(BuiltPrograms.checkout, "docs/examples/training")
        for name in ["train.sh", "train.py"] {
            try demo.write("training/\(name)", try Files.text(Path.join(example, name)))
        }
        let old = try demo.text("workflows/retrain.yaml")
        let from = try #require(old.firstRange(of: "    uses: model/train\n"))
        let to = try #require(old.firstRange(of: "\n\n  deploy:"))
        let new =
            old[..<from.lowerBound] + "    run: sh training/train.sh" + old[to.lowerBound...]
        try demo.write("workflows/retrain.yaml", String(new))
        try addLine(demo)
        let path = "\(BuiltPrograms.folder):/usr/local/bin:/usr/bin:/bin"
        let due = workflow == "integrate.yaml" ? ["-p", "retrain_samples=1"] : []
        try Demo.flow(in: demo.path, environment: ["PATH": path]).run(
            ["run", workflow, "--now", Demo.now] + due
        ).checked()
        let model = try #require(try models(demo).last)
        #expect(model["preset"] == "naive-bayes")
        let hash = try #require(model["hash"]?.stringValue)
        #expect(Files.exists(demo.at("models/\(hash)/counts.json")))
        #expect(try models(demo).count == 2)
        // The rule is the same for it.
        #expect(try inService(demo) != hash)
    }

    @Test("both workflows take the preset", arguments: ["retrain.yaml", "integrate.yaml"])
    func preset(_ workflow: String) throws {
        let demo = try demo()
        let words =
            workflow == "integrate.yaml"
            ? ["-p", "retrain_samples=1", "-p", "retrain_preset=seed"] : ["-p", "preset=seed"]
        try addLine(demo)
        try demo.flow.run(
            ["run", workflow, "-p", "min_samples=2", "--now", Demo.now] + words
        ).checked()
        #expect(try models(demo).map { $0["preset"] } == ["default", "seed"])
    }

    /// Lines made by hand, each with one message.
    private func lines(_ numbers: Range<Int>, _ text: (Int) -> String, label: (Int) -> Int)
        -> String
    {
        numbers.map { number in
            "{\"id\": \"M\(number)\", \"source\": \"manual\", \"kind\": \"guardrail\", "
                + "\"fingerprint\": \"f\(number)\", \"examples\": [\"\(text(number))\"], "
                + "\"label\": \"label\(label(number))\", \"state\": \"approved\"}\n"
        }.joined()
    }

    @Test("ten retrainings in a row with more and more noise never lower the F1 in service")
    func noise() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        func any() -> Int { Int.random(in: 0..<5, using: &generator) }
        let demo = try Demo()
        let path = "datasets/trm/erp_tasks.jsonl"
        // Labels share words, so that there is something to lose.
        try demo.write(
            path,
            lines(
                0..<300, { "case c\($0) of word\($0 % 5) and of word\(any()) at place p\($0 % 9)" }
            ) { $0 % 5 })
        try demo.flow(
            "dataset", "export", "--format", "samples", "--split", "test", "--out", ".flow/frozen"
        ).checked()
        var best = 0.0
        for round in 0..<10 {
            if round > 0 {
                // What is learned gets worse; what is measured on stays what it is.
                let noise = lines(
                    (1000 * round)..<(1000 * round + 20 * round),
                    { "case c\($0) of word\($0 % 5) and of word\(any()) at place p\($0 % 9)" }
                ) { ($0 + 1) % 5 }
                try demo.write(".flow/noise", noise)
                let learned = try demo.flow("dataset", "export", ".flow/noise", "--split", "train")
                try demo.write(path, demo.text(path) + learned.checked().output)
            }
            try demo.commitAll()
            try demo.flow("run", "retrain.yaml", "-p", "min_test_rows=20", "--now", Demo.now)
                .checked()
            let measured = try demo.flow("model", "eval", "--data", ".flow/frozen", "--json")
                .checked().json
            let f1 = try #require(measured["macro_f1"]?.doubleValue)
            #expect(f1 >= best, "round \(round), seed \(seed)")
            best = f1
        }
        let all = try models(demo)
        #expect(all.count == 10 && all.contains { $0["deployed"] == [] }, "seed \(seed)")
        #expect(Set(all.map { $0["metrics"]?["rows_sha256"] }).count == 1, "seed \(seed)")
    }
}
