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

    /// What any of its models has learned although its hash says `test`; no test row for ever.
    package var borrowed: Set<String> { Set(models.flatMap(\.borrowed)) }

    package subscript(hash: String) -> RegisteredModel? { models.first { $0.hash == hash } }
}

extension ModelRegistry {
    /// The registry with the candidate's line and, if it goes into service, the end of the model
    /// that was. A model that has a line keeps it: the registry only changes if the model newly goes
    /// into service.
    package func recording(
        _ candidate: RegisteredModel, _ decision: DeploymentDecision, at now: Timestamp
    ) -> ModelRegistry {
        var model = self[candidate.hash] ?? candidate
        let isNew = self[candidate.hash] == nil
        guard isNew || (decision.deploys && !model.isDeployed) else { return self }
        model.decision = decision.reason
        if decision.deploys { return deploying(model, at: now) }
        var result = self
        result.put(model)
        return result
    }

    /// The registry with a model of it in service from now on, whatever any rule says, and with the
    /// reason; the registry itself where it is in service already.
    /// - Throws: `unknown` where it has no line.
    package func promoting(_ hash: String, _ reason: String, at now: Timestamp)
        throws(LearningError) -> ModelRegistry
    {
        guard var model = self[hash] else {
            throw LearningError(
                .unknown, doing: "promote a model", "the registry has no model \(hash)")
        }
        if model.isDeployed { return self }
        model.decision = reason
        return deploying(model, at: now)
    }

    /// The models that were in service before the present one and are worth going back to, the latest
    /// first.
    ///
    /// A model that comes back into service takes those after it out of this list: people went back
    /// because of them. So going back again and again leads further and further back.
    package var earlier: [RegisteredModel] {
        var stack: [String] = []
        for (hash, _) in services {
            if let place = stack.firstIndex(of: hash) {
                stack.removeSubrange((place + 1)...)
            } else {
                stack.append(hash)
            }
        }
        return stack.dropLast().reversed().compactMap { self[$0] }
    }

    /// The models whose weights are needed: that in service, the one to go back to, and the best that
    /// ever was in service, by its own figures; and the newest, which people may want to look at.
    package func needed(newest: Int) -> Set<String> {
        let served = models.filter { !$0.deployed.isEmpty }
        let best = served.max { ($0.measured?.f1 ?? -1) < ($1.measured?.f1 ?? -1) }
        let all = [current, earlier.first, best].compactMap(\.self) + models.suffix(newest)
        return Set(all.map(\.hash))
    }

    /// Each time that a model was in service, by its beginning; the present one is the last, whatever
    /// clocks said.
    private var services: [(hash: String, time: RegisteredModel.Deployment)] {
        models.flatMap { model in model.deployed.map { (model.hash, $0) } }.sorted { one, other in
            let (from, next) = (one.1.from, other.1.from)
            guard let end = one.1.to, let otherEnd = other.1.to else { return one.1.to != nil }
            return from == next ? end < otherEnd : from < next
        }
    }

    private func deploying(_ model: RegisteredModel, at now: Timestamp) -> ModelRegistry {
        var result = self
        var model = model
        if var old = current, let last = old.deployed.indices.last {
            old.deployed[last].to = now
            result.put(old)
        }
        model.deployed.append(RegisteredModel.Deployment(from: now))
        result.put(model)
        return result
    }

    private mutating func put(_ model: RegisteredModel) {
        if let (place, _) = lines.places.first(where: { $0.value.hash == model.hash }) {
            lines.replace(place, model, model.json)
        } else {
            lines.append(model, model.json)
        }
    }
}
