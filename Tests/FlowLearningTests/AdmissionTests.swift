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

    @Test("the first model is written, recorded and in service; again it changes nothing")
    func first() throws {
        let folder = try TemporaryFolder()
        let model = try trained(Samples.generated(labels: 3, perLabel: 20, seed: 31))
        let one = try ModelRegistry().admitting(model, below: folder.path, at: Self.noon)
        #expect(one.registry.current?.hash == one.hash)
        #expect(one.decision == DeploymentDecision(deploys: true, reason: "the first model"))
        #expect(try ModelFolder.read(one.hash, below: folder.path).labels == model.model.labels)
        let two = try one.registry.admitting(
            model, below: folder.path, at: Self.noon.adding(seconds: 60))
        #expect(two.registry.bytes == one.registry.bytes)
    }

    @Test("a model from spoilt labels stays out, with the old one scored on the new rows")
    func spoilt() throws {
        let folder = try TemporaryFolder()
        let texts = Samples.generated(labels: 3, perLabel: 20, seed: 32)
        let good = try ModelRegistry().admitting(
            trained(texts), below: folder.path, at: Self.noon)
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
        let second = try good.registry.admitting(
            spoilt, below: folder.path, at: Self.noon.adding(seconds: 60))
        #expect(second.registry.current?.hash == good.hash)
        #expect(second.decision.reason.contains(" is below "))
        #expect(second.registry[second.hash]?.parent == good.hash)
        // With the old weights gone there is nothing to compare with.
        try Files.remove(folder.at(good.hash))
        let blind = try good.registry.admitting(
            spoilt, below: folder.path, at: Self.noon.adding(seconds: 60))
        #expect(!blind.decision.deploys)
        #expect(blind.decision.reason.hasSuffix("are missing or damaged: evaluated only"))
    }
}
