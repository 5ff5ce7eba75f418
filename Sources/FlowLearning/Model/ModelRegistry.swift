package import FlowSystem

/// The registry (`models/registry.jsonl`): one line a model, the oldest first.
///
/// A change touches the bytes of the lines it changes and no others.
package struct ModelRegistry: Sendable {
    private var lines = LineFile<RegisteredModel>()

    package init() {}

    /// Reads the bytes of a registry.
    /// - Throws: `unreadableLine` with the first line's number that is not a model; `repeatedLine`
    ///   for a model that has two lines or a second one that is in service.
    package init(reading bytes: [UInt8]) throws(LearningError) {
        let doing = "read the model registry"
        lines = try LineFile(
            reading: bytes, doing: doing, remedy: "mend the line", RegisteredModel.init)
        var seen: Set<String> = []
        var current: String?
        for (place, model) in lines.places {
            if !seen.insert(model.hash).inserted {
                throw LearningError(
                    .repeatedLine, doing: doing,
                    "model \(model.hash) has an earlier line; keep one of them", line: place + 1)
            }
            guard model.isDeployed else { continue }
            if let current {
                throw LearningError(
                    .repeatedLine, doing: doing,
                    "model \(model.hash) is in service and so is \(current); end one of them",
                    line: place + 1)
            }
            current = model.hash
        }
    }

    package var bytes: [UInt8] { lines.bytes }

    package var models: [RegisteredModel] { lines.values }

    /// The model in service.
    package var current: RegisteredModel? { models.first(where: \.isDeployed) }

    package subscript(hash: String) -> RegisteredModel? { models.first { $0.hash == hash } }
}

/// Whether a new model goes into service, and why.
package struct DeploymentDecision: Sendable, Hashable {
    package let deploys: Bool
    package let reason: String
}

extension ModelRegistry {
    /// The models that were ever in service and were measured on other test rows than the candidate:
    /// to compare, they must be scored again on its rows (`TriageModel.evaluate`), which no model was
    /// ever fitted on. The one in service comes first.
    package func rivals(of candidate: RegisteredModel) -> [RegisteredModel] {
        guard let measured = candidate.measured else { return [] }
        let rivals = everDeployed.filter {
            $0.hash != candidate.hash && $0.measured?.rowsHash != measured.rowsHash
        }
        return rivals.filter(\.isDeployed) + rivals.filter { !$0.isDeployed }
    }

    /// The one rule: a model goes into service if its macro-F1 on the test rows is not below that of
    /// the best model that ever was, on the same rows.
    ///
    /// The first model always does. Without test rows nothing is compared and the model in service
    /// stays; it also stays where its own score is unknown. `rescored`: macro-F1 by hash, of the
    /// `rivals` whose weights are there; older rivals without a score are left out.
    package func decide(_ candidate: RegisteredModel, rescored: [String: Double] = [:])
        -> DeploymentDecision
    {
        if candidate.hash == current?.hash {
            return DeploymentDecision(deploys: true, reason: "it is in service already")
        }
        guard !everDeployed.isEmpty else {
            let note = candidate.measured == nil ? "; there are no test rows to measure it on" : ""
            return DeploymentDecision(deploys: true, reason: "the first model" + note)
        }
        guard let measured = candidate.measured else {
            return DeploymentDecision(
                deploys: false, reason: "there are no test rows: nothing was compared")
        }
        func score(_ model: RegisteredModel) -> Double? {
            model.measured?.rowsHash == measured.rowsHash
                ? model.measured?.f1 : rescored[model.hash]
        }
        if let current, score(current) == nil {
            return DeploymentDecision(
                deploys: false,
                reason: "the weights of \(short(current)), in service, are missing or damaged:"
                    + " evaluated only")
        }
        let scored = everDeployed.compactMap { model in
            score(model).map { (model: model, f1: $0) }
        }
        guard let best = scored.max(by: { $0.f1 < $1.f1 }) else {
            return DeploymentDecision(
                deploys: false, reason: "no earlier model's weights are there: evaluated only")
        }
        let deploys = measured.f1 >= best.f1
        let relation = deploys ? "not below" : "below"
        return DeploymentDecision(
            deploys: deploys,
            reason: "macro-F1 \(rounded(measured.f1)) on \(measured.rows) test rows is \(relation)"
                + " \(rounded(best.f1)) of \(short(best.model)), the best that was in service")
    }

    /// The registry with the candidate's line and, if it goes into service, the end of the model
    /// that was. A model that has a line keeps it: the registry only changes if the model newly goes
    /// into service.
    package func recording(
        _ candidate: RegisteredModel, _ decision: DeploymentDecision, at now: Timestamp
    ) -> ModelRegistry {
        var result = self
        var model = self[candidate.hash] ?? candidate
        let isNew = self[candidate.hash] == nil
        guard isNew || (decision.deploys && !model.isDeployed) else { return self }
        model.decision = decision.reason
        if decision.deploys {
            result.endService(at: now)
            model.deployed.append(RegisteredModel.Deployment(from: now))
        }
        result.put(model)
        return result
    }

    private var everDeployed: [RegisteredModel] { models.filter { !$0.deployed.isEmpty } }

    private mutating func endService(at now: Timestamp) {
        guard var model = current, let last = model.deployed.indices.last else { return }
        model.deployed[last].to = now
        put(model)
    }

    private mutating func put(_ model: RegisteredModel) {
        if let (place, _) = lines.places.first(where: { $0.value.hash == model.hash }) {
            lines.replace(place, model, model.json)
        } else {
            lines.append(model, model.json)
        }
    }

    private func short(_ model: RegisteredModel) -> String { String(model.hash.prefix(12)) }

    private func rounded(_ value: Double) -> String {
        let digits = String(Int((value * 10_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return padded.dropLast(4) + "." + padded.suffix(4)
    }
}
