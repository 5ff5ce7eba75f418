package import FlowSystem

/// What became of a trained model.
package struct Admission: Sendable {
    /// The registry with the model's line.
    package let registry: ModelRegistry
    package let hash: String
    package let decision: DeploymentDecision
}

extension ModelRegistry {
    /// Writes the model below `folder`, scores again the rivals whose weights are there, decides and
    /// records. Only the model's own folder is written: the registry's new bytes are the caller's to
    /// publish, so a reader goes from one model to the next in one step.
    /// - Throws: what `ModelFolder.write` throws; the registry is as it was then.
    package func admitting(_ trained: TrainedModel, below folder: String, at now: Timestamp)
        throws(LearningError) -> Admission
    {
        let hash = try ModelFolder.write(trained, below: folder)
        let candidate = RegisteredModel(
            trained, hash: hash, parent: current?.hash, createdAt: now)
        var rescored: [String: Double] = [:]
        for rival in rivals(of: candidate) {
            guard let model = try? ModelFolder.read(rival.hash, below: folder) else { continue }
            rescored[rival.hash] = model.evaluate(on: trained.set.held)?.f1
        }
        let decision = decide(candidate, rescored: rescored)
        return Admission(
            registry: recording(candidate, decision, at: now), hash: hash, decision: decision)
    }
}
