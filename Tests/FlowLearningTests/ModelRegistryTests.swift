import FlowJSON
import FlowSystem
import Testing

@testable import FlowLearning

@Suite("the model registry")
struct ModelRegistryTests {
    private static let noon = Timestamp(seconds: 1_795_176_000)

    /// A model of this macro-F1 on these test rows; nil: no test rows.
    private func model(_ hash: String, _ f1: Double?, on rows: String = "rows") throws
        -> RegisteredModel
    {
        let metrics =
            f1.map {
                "{\"evaluated_on\": \"test\", \"rows\": 60, \"rows_sha256\": \"\(rows)\", "
                    + "\"accuracy\": \($0), \"precision_macro\": \($0), \"recall_macro\": \($0), "
                    + "\"f1_macro\": \($0), \"expected_calibration_error\": 0.05}"
            } ?? "null"
        let line =
            "{\"hash\": \"\(hash)\", \"dataset\": \"d\", \"preset\": \"seed\", \"created_at\": "
            + "\"2026-11-20T12:00:00Z\", \"metrics\": \(metrics)}"
        return try #require(try ModelRegistry(reading: Array(line.utf8)).models.first)
    }

    private func recorded(_ models: [RegisteredModel], rescored: [String: Double] = [:])
        -> ModelRegistry
    {
        models.enumerated().reduce(ModelRegistry()) { registry, next in
            let decision = registry.decide(next.element, rescored: rescored)
            return registry.recording(
                next.element, decision, at: Self.noon.adding(seconds: Double(next.offset)))
        }
    }

    @Test("the first model goes into service, also without test rows, and its line says why")
    func first() throws {
        let registry = try recorded([model("one", 0.2)])
        #expect(
            String(decoding: registry.bytes, as: UTF8.self) == """
                {"hash": "one", "dataset": "d", "preset": "seed", \
                "created_at": "2026-11-20T12:00:00Z", "parent": null, \
                "metrics": {"evaluated_on": "test", "rows": 60, "rows_sha256": "rows", \
                "accuracy": 0.2, "precision_macro": 0.2, "recall_macro": 0.2, "f1_macro": 0.2, \
                "expected_calibration_error": 0.05}, "decision": "the first model", \
                "deployed": [{"from": "2026-11-20T12:00:00Z", "to": null}]}

                """)
        let unmeasured = try recorded([model("one", nil)])
        #expect(unmeasured.current?.hash == "one")
        #expect(
            unmeasured.models[0].decision
                == "the first model; there are no test rows to measure it on")
    }

    @Test("a model that is not below the best that ever was goes into service, another does not")
    func rule() throws {
        let registry = try recorded([
            model("a", 0.8), model("b", 0.9), model("c", 0.85), model("d", 0.9),
        ])
        #expect(registry.current?.hash == "d")
        #expect(registry.models.map(\.deployed.count) == [1, 1, 0, 1])
        #expect(registry.models[0].deployed[0].to == Self.noon.adding(seconds: 1))
        #expect(
            registry.models[2].decision == "macro-F1 0.8500 on 60 test rows is below 0.9000 of b,"
                + " the best that was in service")
        #expect(try ModelRegistry(reading: registry.bytes).bytes == registry.bytes)
    }

    @Test("only the lines that change change")
    func untouched() throws {
        let two = try recorded([model("a", 0.8), model("b", 0.5)])
        let text = String(decoding: two.bytes, as: UTF8.self)
            .replacing("\"hash\": \"b\"", with: "\"hash\":    \"b\"")
        let read = try ModelRegistry(reading: Array(text.utf8))
        let candidate = try model("c", 0.9)
        let after = read.recording(candidate, read.decide(candidate), at: Self.noon)
        let old = text.split(separator: "\n")
        let new = String(decoding: after.bytes, as: UTF8.self).split(separator: "\n")
        #expect(new.count == 3)
        #expect(new[1] == old[1])
        #expect(new[0] != old[0])
    }

    @Test("what a rule lets a model lose is measured from the best, so that losses do not add up")
    func regression() throws {
        var registry = try recorded([model("a", 0.8)])
        let rule = DeploymentRule(maxRegression: 0.05)
        for (hash, f1, deploys) in [("b", 0.76, true), ("c", 0.74, false), ("d", 0.75, true)] {
            let candidate = try model(hash, f1)
            let decision = registry.decide(candidate, rule: rule)
            #expect(decision.deploys == deploys, "\(hash)")
            registry = registry.recording(candidate, decision, at: Self.noon)
        }
        #expect(
            registry["b"]?.decision == "macro-F1 0.7600 on 60 test rows is at most 0.0500 below"
                + " 0.8000 of a, the best that was in service")
    }

    @Test("a person puts any model in service, and goes back to the one before")
    func promoting() throws {
        let registry = try recorded([model("a", 0.8), model("b", 0.5)])
        #expect(registry.earlier.isEmpty)
        let promoted = try registry.promoting("b", "by Ada", at: Self.noon.adding(seconds: 9))
        #expect(promoted.current?.hash == "b")
        #expect(promoted.current?.decision == "by Ada")
        #expect(promoted.earlier.map(\.hash) == ["a"])
        #expect(promoted["a"]?.deployed.last?.to == Self.noon.adding(seconds: 9))
        let back = try promoted.promoting("a", "back", at: Self.noon.adding(seconds: 19))
        #expect(back.current?.hash == "a")
        #expect(back["a"]?.deployed.count == 2)
        #expect(back.earlier.isEmpty, "people went back from b")
        #expect(try ModelRegistry(reading: back.bytes).bytes == back.bytes)
        #expect(try back.promoting("a", "again", at: Self.noon).bytes == back.bytes)
        #expect(throws: LearningError.self) { try back.promoting("z", "", at: Self.noon) }
    }

    @Test(
        "going back leads further and further back, never to a model that people went back from",
        arguments: [
            ("a", ""), ("ab", "a"), ("abc", "ba"), ("abcb", "a"), ("abcba", ""),
            ("abcbd", "ba"), ("abab", "a"), ("abcad", "a"),
        ])
    func earlier(_ services: String, _ expected: String) throws {
        let names = Set(services).sorted().map(String.init)
        var registry = try names.reduce(ModelRegistry()) { registry, name in
            registry.recording(
                try model(name, 0.5), DeploymentDecision(deploys: name == "a", reason: ""),
                at: Self.noon)
        }
        for (second, name) in services.dropFirst().enumerated() {
            registry = try registry.promoting(
                String(name), "", at: Self.noon.adding(seconds: Double(second + 1)))
        }
        #expect(registry.earlier.map(\.hash).joined() == expected)
        #expect(try ModelRegistry(reading: registry.bytes).earlier == registry.earlier)
    }

    @Test("needed are the model in service, the one before, the best that ever served, the newest")
    func needed() throws {
        var registry = try recorded([
            model("a", 0.7), model("b", 0.9), model("c", 0.2), model("d", 0.3), model("e", 0.1),
        ])
        for (second, name) in ["c", "d"].enumerated() {
            registry = try registry.promoting(
                name, "", at: Self.noon.adding(seconds: Double(60 + second)))
        }
        #expect(registry.needed(newest: 0) == ["b", "c", "d"])
        #expect(registry.needed(newest: 1) == ["b", "c", "d", "e"])
        #expect(ModelRegistry().needed(newest: 3) == [])
    }

    @Test("what a model learned beside the hash of its texts is remembered by its line")
    func borrowed() throws {
        let line = try model("a", 0.8).json.text().dropLast() + ", \"borrowed\": [\"01\", \"02\"]}"
        let other = try model("b", 0.8).json.text()
        let registry = try ModelRegistry(reading: Array("\(line)\n\(other)\n".utf8))
        #expect(registry.borrowed == ["01", "02"])
        let next = try registry.promoting("b", "", at: Self.noon)
            .promoting("a", "", at: Self.noon)
        #expect(next.borrowed == ["01", "02"])
        #expect(next["a"]?.json["borrowed"] == ["01", "02"] && next["b"]?.json["borrowed"] == nil)
    }

    @Test("without test rows nothing is compared and the model in service stays")
    func unmeasured() throws {
        let registry = try recorded([model("a", 0.8), model("b", nil)])
        #expect(registry.current?.hash == "a")
        #expect(registry.models[1].decision == "there are no test rows: nothing was compared")
    }

    @Test("on other test rows the rivals are scored again, and the new scores decide")
    func otherRows() throws {
        let registry = try recorded([model("a", 0.8), model("b", 0.9)])
        let candidate = try model("c", 0.7, on: "more rows")
        #expect(registry.rivals(of: candidate).map(\.hash) == ["b", "a"])
        #expect(try registry.rivals(of: model("c", 0.7)).isEmpty)
        #expect(registry.decide(candidate, rescored: ["a": 0.5, "b": 0.7]).deploys)
        #expect(!registry.decide(candidate, rescored: ["a": 0.8, "b": 0.6]).deploys)
        #expect(registry.decide(candidate, rescored: ["b": 0.6]).deploys)
        let unknown = registry.decide(candidate, rescored: ["a": 0.5])
        #expect(
            unknown
                == DeploymentDecision(
                    deploys: false,
                    reason: "the weights of b, in service, are missing or damaged:"
                        + " evaluated only; with models: {store: git} in flow.yaml every clone has"
                        + " them"))
    }

    @Test("the same model again changes nothing")
    func again() throws {
        let registry = try recorded([model("a", 0.8), model("b", 0.7)])
        for candidate in [try model("a", 0.8), try model("b", 0.7)] {
            let after = registry.recording(
                candidate, registry.decide(candidate), at: Self.noon.adding(seconds: 99))
            #expect(after.bytes == registry.bytes)
        }
    }

    @Test("ten trainings with noise never lower the F1 in service")
    func noise() throws {
        var registry = ModelRegistry()
        var best = 0.0
        for (number, f1) in [0.8, 0.7, 0.82, 0.81, 0.82, 0.1, 0.9, 0.3, 0.89, 0.9].enumerated() {
            let candidate = try model("m\(number)", f1)
            registry = registry.recording(candidate, registry.decide(candidate), at: Self.noon)
            let current = try #require(registry.current?.measured?.f1)
            #expect(current >= best)
            best = current
        }
        #expect(best == 0.9)
    }

    @Test(
        "a line that is no model, a model twice or two in service are errors with their line",
        arguments: [
            ("[]", "line 1: an object is expected, not an array; mend the line"),
            ("{\"hash\": \"a\"}", "line 1: 'dataset' is missing or empty; mend the line"),
            ("LINE\n\nLINE", "line 3: model a has an earlier line; keep one of them"),
            ("LIVE a\nLIVE b", "line 2: model b is in service and so is a; end one of them"),
        ])
    func unreadable(_ text: String, _ message: String) throws {
        let line = """
            {"hash": "a", "dataset": "d", "preset": "seed", "created_at": "2026-11-20T12:00:00Z"}
            """
        let live = line.dropLast() + ", \"deployed\": [{\"from\": \"2026-11-20\"}]}"
        let text =
            text.replacing("LINE", with: line)
            .replacing("LIVE a", with: live)
            .replacing("LIVE b", with: live.replacing("\"a\"", with: "\"b\""))
        let error = #expect(throws: LearningError.self) {
            try ModelRegistry(reading: Array(text.utf8))
        }
        #expect(error?.description == "cannot read the model registry: " + message)
    }
}
