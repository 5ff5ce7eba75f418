import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("admission of a trained model")
struct AdmissionTests {
    private static let noon = Timestamp(seconds: 1_795_176_000)

    private func trained(_ texts: [(text: String, label: String)]) throws -> TrainedModel {
        guard case .trained(let trained) = try ModelTraining.run(TrainingSet(examples: texts))
        else {
            throw LearningError(.unusableSamples, doing: "train", "too small")
        }
        return trained
    }

    private func admitted(
        _ model: TrainedModel, _ registry: ModelRegistry, _ folder: TemporaryFolder,
        _ rule: DeploymentRule = DeploymentRule()
    ) throws -> Admission {
        let hash = try ModelFolder.write(model, below: folder.path)
        return registry.admitting(
            DeploymentCandidate(model.model, hash: hash, measuredOn: model.set),
            below: folder.path, rule: rule, at: Self.noon.adding(seconds: 60))
    }

    @Test("the first model is written, recorded and in service; again it changes nothing")
    func first() throws {
        let folder = try TemporaryFolder()
        let model = try trained(Samples.generated(labels: 3, perLabel: 20, seed: 31))
        let one = try admitted(model, ModelRegistry(), folder)
        #expect(one.registry.current?.hash == one.hash)
        #expect(
            one.decision
                == DeploymentDecision(
                    deploys: true,
                    reason: "the first model; \(model.set.held.count) test rows of at least 50, so"
                        + " later ones will only be evaluated"))
        #expect(one.inService?.measured.f1 == model.evaluation?.f1)
        #expect(try ModelFolder.read(one.hash, below: folder.path).labels == model.model.labels)
        let two = try admitted(model, one.registry, folder)
        #expect(two.registry.bytes == one.registry.bytes)
    }

    @Test("ten trainings in a row with more and more noise never lower the F1 in service")
    func noise() throws {
        let folder = try TemporaryFolder()
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let base = TrainingSet(
            examples: Samples.generated(labels: 5, perLabel: 90, seed: seed >> 1))
        try #require(base.held.count >= 50)
        var registry = ModelRegistry()
        var best = 0.0
        for round in 0..<10 {
            // Every other fitted row may have a wrong label, and there are texts of no meaning.
            let spoilt = base.samples.map { sample in
                var other = sample
                if sample.split != .test, Int.random(in: 0..<20, using: &generator) < round {
                    other.label = "label\(Int.random(in: 0..<5, using: &generator))"
                }
                return other
            }
            let noise = (0..<(10 * round)).map { number in
                TrainingSample(
                    text: "noise \(number) \(UInt32.random(in: 0...(.max), using: &generator))",
                    label: "label\(number % 5)", split: .train)
            }
            guard
                case .trained(let model) = try ModelTraining.run(
                    TrainingSet(unordered: spoilt + noise))
            else { throw LearningError(.unusableSamples, doing: "train", "too small") }
            registry = try admitted(model, registry, folder).registry
            let current = try #require(registry.current)
            let f1 = try #require(
                try ModelFolder.read(current.hash, below: folder.path)
                    .evaluate(on: base.held)?.f1)
            #expect(f1 >= best, "round \(round), seed \(seed)")
            best = f1
        }
        #expect(registry.models.count > 5)
        #expect(registry.models.contains { $0.deployed.isEmpty }, "none was refused")
    }

    @Test("a model from spoilt labels stays out, with the old one scored on the new rows")
    func spoilt() throws {
        let folder = try TemporaryFolder()
        let texts = Samples.generated(labels: 3, perLabel: 20, seed: 32)
        let rule = DeploymentRule(minTestRows: 5)
        let good = try admitted(trained(texts), ModelRegistry(), folder)
        // More rows, and half of the fitted ones under a wrong label.
        let more = TrainingSet(
            examples: texts + Samples.generated(labels: 3, perLabel: 9, seed: 33))
        let set = TrainingSet(
            fixed: more.samples.enumerated().map { place, sample in
                var other = sample
                if sample.split != .test, place % 2 == 0 { other.label = "label0" }
                return other
            })
        guard case .trained(let spoilt) = try ModelTraining.run(set) else {
            Issue.record("it was not trained")
            return
        }
        let second = try admitted(spoilt, good.registry, folder, rule)
        #expect(second.registry.current?.hash == good.hash)
        #expect(second.decision.reason.contains(" is below "))
        #expect(second.decision.reason.contains("McNemar's p "))
        let compared = try #require(second.registry[second.hash]?.compared)
        #expect(compared.with == good.hash)
        #expect(compared.comparison.rows == spoilt.set.held.count)
        #expect(second.inService?.hash == good.hash)
        #expect(second.inService?.measured.rowsHash == spoilt.set.heldHash)
        // With too few rows the figures decide nothing.
        let few = try admitted(spoilt, good.registry, folder)
        #expect(
            few.decision.reason
                == "\(spoilt.set.held.count) test rows of at least 50: evaluated only")
        #expect(second.registry[second.hash]?.parent == good.hash)
        // With the old weights gone there is nothing to compare with.
        try Files.remove(folder.at(good.hash))
        let blind = try admitted(spoilt, good.registry, folder, rule)
        #expect(!blind.decision.deploys)
        #expect(blind.decision.reason.contains(" are missing or damaged: evaluated only"))
    }
}
