internal import FlowGit
package import FlowJSON
internal import FlowLearning
internal import FlowSystem

/// The triage model for people: what it says of a message, and which models there are.
package enum ModelDesk {
    /// What the deployed model, or the one in a folder `models/<hash>`, says of some messages.
    ///
    /// One after the other, each handed over when it is there.
    /// - Parameter folder: a model's folder; nil for the deployed model of the repository.
    package static func predict(
        _ messages: [String], folder: String?, workspace: () throws -> String, top: Int,
        _ body: (JSON) -> Void
    ) throws {
        let (hash, model) =
            try folder.map { try ModelFolder.read($0) } ?? deployed(workspace())
        for message in messages {
            var object = model.predict(message, top: top).json.objectValue ?? [:]
            object["text"] = .string(message)
            object["model"] = .string(hash)
            body(.object(object))
        }
    }

    private static func deployed(_ workspace: String) throws -> (String, TriageModel) {
        guard let current = try registry(workspace).current else {
            throw StageError(
                "no model is deployed yet; flow run retrain.yaml trains one when enough is approved"
            )
        }
        let models = Path.join(workspace, "models")
        return (current.hash, try ModelFolder.read(current.hash, below: models))
    }

    /// The names a preset can have; the first is taken unless one is named.
    package static var presets: [String] { TrainingPreset.all.map(\.name) }

    /// Trains a model on a file's samples and writes it as the folder `out`. Gives the report, with
    /// the model's hash.
    /// - Parameter progress: told the step, what is done of it, and how much it is.
    package static func train(
        _ file: String, out: String, preset: String, threads: Int,
        progress: @escaping @Sendable (String, Int, Int) -> Void
    ) throws -> JSON {
        guard let preset = TrainingPreset.all.first(where: { $0.name == preset }) else {
            throw StageError("there is no preset '\(preset)'")
        }
        let set = TrainingSet(unordered: try samples(file))
        let outcome = try ModelTraining.run(
            set, preset: preset, minSamples: 2, threads: threads
        ) { step in
            let name =
                switch step.step {
                case .terms: "terms"
                case .labels: "labels"
                }
            progress(name, step.done, step.all)
        }
        switch outcome {
        case .tooSmall(let reason): throw StageError(reason)
        case .trained(let trained):
            var report = trained.report.objectValue ?? [:]
            report["model"] = .string(try ModelFolder.write(trained, to: out))
            return .object(report)
        }
    }

    /// How well the model in a folder, or the deployed one, answers a file's samples: the figures,
    /// then `labels` and `confusions`.
    package static func evaluate(
        _ file: String, folder: String?, workspace: () throws -> String
    ) throws -> JSON {
        let (hash, model) =
            try folder.map { try ModelFolder.read($0) } ?? deployed(workspace())
        guard let evaluation = model.evaluate(on: try samples(file)) else {
            throw StageError("\(file) holds no sample")
        }
        var figures = evaluation.json.objectValue ?? [:]
        figures["model"] = .string(hash)
        return .object(figures)
    }

    private static func samples(_ file: String) throws -> [TrainingSample] {
        try SampleFile.read(
            Files.read(file), name: file, isCSV: file.utf8.suffix(4).elementsEqual(".csv".utf8))
    }

    /// The registry's lines, the oldest first.
    package static func list(_ workspace: String) throws -> [JSON] {
        try registry(workspace).models.map(\.json)
    }

    private static func registry(_ workspace: String) throws -> ModelRegistry {
        let view = try RepositoryView(workspace)
        // One that still waits on flow/sync is not in service.
        return try view.repository.bytes(ModelTrainStage.registry, at: view.tip)
            .map { try ModelRegistry(reading: $0) } ?? ModelRegistry()
    }
}
