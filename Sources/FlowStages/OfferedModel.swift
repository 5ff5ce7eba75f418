internal import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

/// A model that a training hands over as a folder, in `models/` under its hash from now on.
///
/// Either it is of flow's own format, then flow measures it. Or it is whatever a team's own training
/// made, with a `metrics.json` that says how good it is on the test rows; flow cannot ask such a model,
/// so it believes that.
struct OfferedModel {
    let hash: String
    private let content: Content

    private enum Content {
        case own(TriageModel)
        case foreign(ForeignMetrics)
    }

    /// - Parameter folder: from the workspace on.
    init(_ folder: String, in workspace: String) throws {
        let path = Path.normal(Path.join(workspace, folder))
        guard Files.kind(path, following: true) == .folder else {
            throw StageError(
                "there is no folder \(VisibleText.safe(folder)); a training hands over the path of "
                    + "the model's folder as its output 'model'")
        }
        let models = Path.join(workspace, ModelPlace.folder)
        if Files.exists(Path.join(path, "model.json")) {
            let (hash, model) = try ModelFolder.read(path)
            self.hash = hash
            content = .own(model)
        } else {
            content = .foreign(try ForeignMetrics(path, folder))
            hash = try ModelFolder.foreignHash(of: path)
        }
        try ModelFolder.adopt(path, as: hash, below: models)
    }

    func candidate(measuredOn set: TrainingSet) throws -> DeploymentCandidate {
        switch content {
        case .own(let model): return DeploymentCandidate(model, hash: hash, measuredOn: set)
        case .foreign(let metrics):
            return DeploymentCandidate(
                foreign: hash, preset: metrics.preset, measured: try metrics.measured(on: set),
                trainedOn: set)
        }
    }
}

/// What the training of a model of another kind says of it.
private struct ForeignMetrics {
    let preset: String
    private let object: JSONObject
    private let name: String

    init(_ path: String, _ folder: String) throws {
        name = Path.join(folder, "metrics.json")
        let file = Path.join(path, "metrics.json")
        guard Files.exists(file) else {
            throw StageError(
                "\(VisibleText.safe(folder)) holds neither model.json, as flow's own models do, nor "
                    + "metrics.json, which says how good a model of another kind is")
        }
        let json = try JSON.read(try Files.read(file, limit: 1 << 26))
        guard let object = json.objectValue else {
            throw StageError("\(VisibleText.safe(name)) is no object")
        }
        self.object = object
        preset = object["preset"]?.stringValue ?? "own"
    }

    func measured(on set: TrainingSet) throws -> RegisteredModel.Measured? {
        let rows = object["rows"]?.intValue ?? -1
        guard rows == set.held.count else {
            throw StageError(
                "\(VisibleText.safe(name)): 'rows' is \(rows) and the dataset has "
                    + "\(set.held.count) test rows; measure on those that flow dataset export "
                    + "--format samples --split test gives")
        }
        if rows == 0 { return nil }
        func figure(_ key: String) throws -> Double {
            guard let value = object[key]?.doubleValue, (0...1).contains(value) else {
                throw StageError(
                    "\(VisibleText.safe(name)): '\(key)' should be a number from 0 to 1")
            }
            return value
        }
        return RegisteredModel.Measured(
            rows: rows, rowsHash: set.heldHash, accuracy: try figure("accuracy"),
            precision: try figure("macro_precision"), recall: try figure("macro_recall"),
            f1: try figure("macro_f1"), calibrationError: try figure("ece"))
    }
}
