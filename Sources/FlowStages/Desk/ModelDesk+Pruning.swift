package import FlowJSON
internal import FlowLearning
internal import FlowSystem

extension ModelDesk {
    /// What was pruned, or would be.
    package struct Pruned: Sendable {
        /// Hashes, in the order of the registry.
        package let removed: [String]
        package let bytes: Int
        /// Models whose weights are here now.
        package let kept: Int

        package var json: JSON {
            [
                "removed": .array(removed.map(JSON.string)), "bytes": .integer(bytes),
                "kept": .integer(kept),
            ]
        }
    }

    /// Removes the weights of models that nothing needs from this work tree: `ModelRegistry.needed`
    /// says which stay. The registry keeps their lines, and what has no line is left alone, since a
    /// training may be about to hand it over.
    /// - Throws: where the registry cannot be read or a folder not be removed.
    package static func prune(newest: Int, isDryRun: Bool, in workspace: String) throws -> Pruned {
        let registry = try RepositoryView(workspace).registry()
        let needed = registry.needed(newest: newest)
        let folder = Path.join(workspace, ModelPlace.folder)
        let here = registry.models.map(\.hash).filter {
            ModelFolder.isHash($0) && Files.exists(Path.join(folder, $0))
        }
        let gone = here.filter { !needed.contains($0) }
        var bytes = 0
        for hash in gone {
            let place = Path.join(folder, hash)
            for name in try ModelFolder.files(of: place) {
                bytes += Int(FileStamp(Path.join(place, name))?.size ?? 0)
            }
            if !isDryRun { try Files.remove(place) }
        }
        return Pruned(removed: gone, bytes: bytes, kept: here.count - gone.count)
    }
}
