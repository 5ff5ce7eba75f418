internal import FlowMining
internal import FlowSpec

extension MessageMasks {
    /// Those that `flow.yaml` of a work tree names.
    /// - Throws: `StageError` with every mistake of the file.
    init(of workspace: String) throws {
        let settings = try RepositorySettings(of: workspace)
        try self.init(settings.masks.map { ($0.name, $0.pattern) })
    }
}
