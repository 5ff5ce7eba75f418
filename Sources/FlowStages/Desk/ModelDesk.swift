internal import FlowGit
package import FlowJSON
internal import FlowLearning
internal import FlowSystem

/// The triage model for people: what it says of a message, and which models there are.
package enum ModelDesk {
    /// What the deployed model, or the one in a folder `models/<hash>`, says of some messages.
    /// - Parameter folder: nil for the deployed model of the repository.
    package static func predict(
        _ messages: [String], _ workspace: String, folder: String?, top: Int
    ) throws -> [JSON] {
        let (hash, models) = try place(workspace, folder)
        let model = try ModelFolder.read(hash, below: models)
        return messages.map { message in
            var object = model.predict(message, top: top).json.objectValue ?? [:]
            object["text"] = .string(message)
            object["model"] = .string(hash)
            return .object(object)
        }
    }

    private static func place(_ workspace: String, _ folder: String?) throws -> (String, String) {
        if let folder {
            let path = Path.normal(folder)
            return (Path.name(path), Path.folder(path))
        }
        guard let current = try registry(workspace).current else {
            throw StageError(
                "no model is deployed yet; flow run retrain.yaml trains one when enough is approved"
            )
        }
        return (current.hash, Path.join(workspace, "models"))
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
