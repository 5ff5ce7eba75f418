internal import FlowGit
package import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

/// The triage model for people: what it says of a message, and which models there are.
package enum ModelDesk {
    /// What the deployed model, or the one in a folder, says of some messages, in their order, some
    /// thousand at a time. All processors work on it.
    /// - Parameters:
    ///   - workspace: asked only where there is no folder.
    ///   - folder: nil for the deployed model of the repository.
    ///   - shape: makes of an answer what is to be handed over; called on any thread.
    package static func predict<Answer: Sendable>(
        _ messages: [String], _ workspace: () throws -> String, folder: String?, top: Int,
        shape: @Sendable (JSON) -> Answer, _ body: (Answer) -> Void
    ) throws {
        let (hash, model) = try model(workspace, folder)
        let (share, shares) = (64, 64)
        for start in stride(from: 0, to: messages.count, by: share * shares) {
            let wave = messages[start..<min(messages.count, start + share * shares)]
            let answers = PosixMutex([[Answer]](repeating: [], count: shares))
            Thread.forEach((wave.count + share - 1) / share, threads: ProcessImage.processors) {
                place in
                let first = wave.startIndex + place * share
                let own = wave[first..<min(wave.endIndex, first + share)].map { message in
                    var object = model.predict(message, top: top).json.objectValue ?? [:]
                    object["text"] = .string(message)
                    object["model"] = .string(hash)
                    return shape(.object(object))
                }
                answers.withLock { $0[place] = own }
            }
            answers.withLock { $0 }.joined().forEach(body)
        }
    }

    /// The model in a folder, or the one in service.
    static func model(_ workspace: () throws -> String, _ folder: String?) throws -> (
        hash: String, model: TriageModel
    ) {
        if let folder {
            return try ModelFolder.read(
                Path.normal(Path.join(Files.workingFolder, folder)))
        }
        let workspace = try workspace()
        let view = try RepositoryView(workspace)
        guard let current = try view.deployedModel() else {
            throw StageError(
                "no model is deployed yet; flow run retrain.yaml trains one when enough is approved"
            )
        }
        try view.bringWeights(of: [current.hash], to: workspace)
        return (
            current.hash,
            try ModelFolder.read(
                current.hash, below: Path.join(workspace, ModelPlace.folder))
        )
    }

    /// What there is to see of the registry.
    package struct Shelf: Sendable {
        /// The registry's lines, the oldest first, each with its `snapshots`.
        package let models: [JSON]
        /// How good the model in service was, the oldest first: time, the model's hash, macro-F1.
        package let snapshots: [(time: String, model: String, f1: Double)]
    }

    package static func list(_ workspace: String) throws -> Shelf {
        let view = try RepositoryView(workspace)
        // What still waits on flow/sync is not in service.
        let registry =
            try view.repository.bytes(ModelPlace.registry, at: view.tip)
            .map { try ModelRegistry(reading: $0) } ?? ModelRegistry()
        let snapshots = try view.snapshots().all
        let models = registry.models.map { model -> JSON in
            var object = model.json.objectValue ?? [:]
            object["snapshots"] = .array(
                snapshots.filter { $0.model == model.hash }.map { snapshot in
                    .object(
                        JSONObject(
                            (snapshot.json.objectValue ?? [:]).members.filter { $0.0 != "model" }))
                })
            return .object(object)
        }
        return Shelf(
            models: models,
            snapshots: snapshots.map { ($0.time.rfc3339, $0.model, $0.measured.f1) })
    }
}
