internal import FlowGit
internal import FlowLearning
internal import FlowSystem

/// Where models are.
enum ModelPlace {
    /// Beneath the repository's root.
    static let folder = "models"
    static let registry = "models/registry.jsonl"
}

extension RepositoryView {
    func registry() throws -> ModelRegistry {
        try bytes(ModelPlace.registry).map { try ModelRegistry(reading: $0) } ?? ModelRegistry()
    }

    func snapshots() throws -> ModelSnapshots {
        try bytes(ModelSnapshots.path).map { try ModelSnapshots(reading: $0) } ?? ModelSnapshots()
    }

    /// The model in service: that of the default branch, since one that waits is not in service.
    func deployedModel() throws -> RegisteredModel? {
        try repository.bytes(ModelPlace.registry, at: tip)
            .map { try ModelRegistry(reading: $0) }?.current
    }

    /// Writes what the registry says now, and how good the model in service is.
    mutating func write(
        _ registry: ModelRegistry, inService: (hash: String, measured: RegisteredModel.Measured)?,
        at now: Timestamp
    ) throws {
        if registry.bytes != (try self.registry().bytes) {
            try write(ModelPlace.registry, registry.bytes)
        }
        let old = try snapshots()
        let new = inService.map { old.adding(.init($0.hash, $0.measured, at: now)) } ?? old
        if new.bytes != old.bytes { try write(ModelSnapshots.path, new.bytes) }
    }
}
