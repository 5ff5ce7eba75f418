internal import FlowGit
package import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

/// Models going into service and out of it by a person's word, each as one commit.
extension ModelDesk {
    /// What was done.
    package struct Switched: Sendable {
        /// The hash of the model in service now.
        package let model: String
        package let reason: String
        /// The commit; nil where nothing changed.
        package let commit: String?
    }

    /// Puts a model in service.
    /// - Parameters:
    ///   - name: a hash or its beginning.
    ///   - isForced: also where the rule of deployment would not.
    ///   - reason: a person's words.
    /// - Throws: where the registry has no such model, where its weights are not here, or where the
    ///   rule says no.
    package static func promote(
        _ name: String, isForced: Bool, reason: String, in workspace: String
    ) throws -> Switched {
        let work = try RegistryWork(workspace)
        let model = try work.model(name)
        if model.isDeployed {
            return Switched(model: model.hash, reason: "it is in service already", commit: nil)
        }
        let admission = try work.weigh(model)
        guard admission.decision.deploys || isForced else {
            throw StageError(
                "the rule of deployment is against it: \(admission.decision.reason); --force puts it "
                    + "in service all the same")
        }
        let rule =
            admission.decision.deploys
            ? admission.decision.reason : "against the rule (\(admission.decision.reason))"
        return try work.put(model, "promoted", rule, reason)
    }

    /// Puts the model in service again that was before the present one; once more, the one before that:
    /// never a model that people went back from.
    package static func rollback(reason: String, in workspace: String) throws -> Switched {
        let work = try RegistryWork(workspace)
        guard let model = work.registry.earlier.first else {
            throw StageError(
                "no model was in service before it; flow model list shows all, flow model promote "
                    + "puts any of them in service")
        }
        return try work.put(
            model, "went back to it from \(work.registry.current?.hash.prefix(12) ?? "none")", "",
            reason)
    }

    /// Two models side by side: figures, labels, and how they differ on the present test rows where
    /// both can be asked.
    /// - Parameters: hashes or their beginnings; nil: the model in service, and the one trained last
    ///   that is another.
    package static func diff(_ one: String?, _ other: String?, in workspace: String) throws -> JSON
    {
        let work = try RegistryWork(workspace)
        guard let from = try one.map(work.model) ?? work.registry.current else {
            throw StageError("no model is deployed yet; name two of flow model list")
        }
        let last = work.registry.models.last { $0.hash != from.hash }
        guard let to = try other.map(work.model) ?? last else {
            throw StageError("there is no other model to compare with")
        }
        return try work.difference(from, to)
    }
}

/// The registry as it stands, with the test rows of the dataset.
private struct RegistryWork {
    let registry: ModelRegistry
    private let settled: SettledRepository
    private let view: RepositoryView
    private let workspace: String
    private let folder: String
    private let set: TrainingSet
    private let now = SystemClock().now()

    init(_ workspace: String) throws {
        settled = try SettledRepository(workspace)
        view = try RepositoryView(settled)
        registry = try view.registry()
        self.workspace = workspace
        folder = Path.join(workspace, ModelPlace.folder)
        let dataset =
            try view.bytes(DatasetFile.path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        set = TrainingSet(dataset, learned: registry.borrowed)
    }

    func model(_ name: String) throws -> RegisteredModel {
        let found = registry.models.filter { !name.isEmpty && $0.hash.hasPrefix(name) }
        guard found.count == 1, let model = found.first else {
            throw StageError(
                found.isEmpty
                    ? "there is no model \(VisibleText.safe(name)); flow model list shows all"
                    : "\(VisibleText.safe(name)) means \(found.count) models; write more of it")
        }
        return model
    }

    /// What the rule says of a model now.
    /// - Throws: where its weights are not here.
    func weigh(_ model: RegisteredModel) throws -> Admission {
        let candidate = try candidate(model)
        try view.bringWeights(of: registry.asked(for: candidate), to: workspace)
        return registry.admitting(candidate, below: folder, rule: DeploymentRule(), at: now)
    }

    private func candidate(_ model: RegisteredModel) throws -> DeploymentCandidate {
        try view.bringWeights(of: [model.hash], to: workspace)
        do throws(LearningError) {
            return DeploymentCandidate(
                try ModelFolder.read(model.hash, below: folder), hash: model.hash,
                measuredOn: set)
        } catch {
            guard error.code == .foreignModel else { throw error }
            return DeploymentCandidate(
                foreign: model.hash, preset: model.preset, measured: model.measured,
                trainedOn: set)
        }
    }

    /// - Throws: where the model's weights are not here; nothing is published then.
    func put(_ model: RegisteredModel, _ act: String, _ rule: String, _ reason: String) throws
        -> ModelDesk.Switched
    {
        var view = view
        let by = try view.repository.identity(view.signature).name
        let words = ["\(VisibleText.safe(by)) \(act)", rule, VisibleText.safe(reason)]
            .filter { !$0.isEmpty }.joined(separator: ": ")
        let next = try registry.promoting(model.hash, words, at: now)
        let measured = try candidate(model).measured
        try view.write(next, inService: measured.map { (model.hash, $0) }, at: now)
        try view.keepWeights(next, of: workspace)
        let short = model.hash.prefix(12)
        let commit = try view.publish(settled, "Put model \(short) in service", words)
        return ModelDesk.Switched(model: model.hash, reason: words, commit: commit)
    }

    func difference(_ from: RegisteredModel, _ to: RegisteredModel) throws -> JSON {
        var object: JSONObject = ["from": from.json, "to": to.json]
        try view.bringWeights(of: [from.hash, to.hash], to: workspace)
        guard let one = try? ModelFolder.read(from.hash, below: folder),
            let other = try? ModelFolder.read(to.hash, below: folder)
        else { return .object(object) }
        object["labels_added"] = .array(
            Set(other.labels).subtracting(one.labels).sorted().map(JSON.string))
        object["labels_removed"] = .array(
            Set(one.labels).subtracting(other.labels).sorted().map(JSON.string))
        let (old, new) = (one.answers(to: set.held), other.answers(to: set.held))
        guard let before = Evaluation(old), let after = Evaluation(new) else {
            return .object(object)
        }
        let comparison = ModelComparison(new, against: old)
        object["same_rows"] = [
            "rows": .integer(comparison.rows), "better": .integer(comparison.better),
            "worse": .integer(comparison.worse), "mcnemar_p": .number(comparison.p),
            "from": .object(before.summary), "to": .object(after.summary),
        ]
        let old1 = Dictionary(uniqueKeysWithValues: before.labels.map { ($0.label, $0.f1) })
        let changed = after.labels.filter { abs($0.f1 - (old1[$0.label] ?? 0)) > 1e-12 }
        object["labels_changed"] = .array(
            changed.map {
                [
                    "label": .string($0.label), "from": .number(old1[$0.label] ?? 0),
                    "to": .number($0.f1), "support": .integer($0.support),
                ]
            })
        return .object(object)
    }
}
