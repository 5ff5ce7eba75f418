package import FlowSystem

/// A model that is whole on disk and asks to be put in service, with what is known of it.
package struct DeploymentCandidate: Sendable {
    package let hash: String
    /// What it was trained from: `TrainingSet.hash`.
    package let dataset: String
    package let preset: String
    /// On the held rows of the set; nil where there are none.
    package let measured: RegisteredModel.Measured?
    /// nil where flow did not measure by itself.
    package let evaluation: Evaluation?
    /// To the held rows, in their order; nil where flow cannot ask it.
    fileprivate let answers: [Evaluation.Answer]?
    fileprivate let held: [TrainingSample]
    /// `TrainingSet.borrowed`.
    let borrowed: [String]

    /// A model that flow can ask, measured on the held rows of a set.
    package init(_ model: TriageModel, hash: String, measuredOn set: TrainingSet) {
        self.hash = hash
        dataset = model.samplesHash
        preset = model.preset
        held = set.held
        borrowed = set.borrowed
        let answers = model.answers(to: held)
        self.answers = answers
        evaluation = Evaluation(answers)
        measured = evaluation.map { .init($0, rowsHash: set.heldHash) }
    }

    /// A model of another kind, of which its own training says how good it is on the held rows.
    package init(
        foreign hash: String, preset: String, measured: RegisteredModel.Measured?,
        trainedOn set: TrainingSet
    ) {
        self.hash = hash
        dataset = set.hash
        self.preset = preset
        self.measured = measured
        evaluation = nil
        answers = nil
        held = set.held
        borrowed = set.borrowed
    }
}

/// What became of a candidate.
package struct Admission: Sendable {
    /// The registry with the model's line.
    package let registry: ModelRegistry
    package let hash: String
    package let decision: DeploymentDecision
    /// With the model in service, where both could be asked.
    package let compared: RegisteredModel.Compared?
    /// What the model that is in service now measures on the held rows; nil where nothing was.
    package let inService: (hash: String, measured: RegisteredModel.Measured)?
}

extension ModelRegistry {
    /// The hashes of the models whose weights `admitting` looks for.
    package func asked(for candidate: DeploymentCandidate) -> [String] {
        let line = RegisteredModel(candidate, parent: nil, createdAt: Timestamp(seconds: 0))
        let all = [current].compactMap(\.self) + rivals(of: line)
        return Set(all.map(\.hash)).subtracting([candidate.hash]).sorted()
    }

    /// Scores again the rivals whose weights are in `folder`, compares with the model in service,
    /// decides and records. Nothing is written: the registry's new bytes are the caller's to publish,
    /// so a reader goes from one model to the next in one step.
    ///
    /// Costs one prediction for each rival and held row.
    package func admitting(
        _ candidate: DeploymentCandidate, below folder: String, rule: DeploymentRule,
        at now: Timestamp
    ) -> Admission {
        var line = RegisteredModel(candidate, parent: current?.hash, createdAt: now)
        var rescored: [String: Double] = [:]
        var currentAnswers: [Evaluation.Answer]?
        for rival in rivals(of: line) {
            guard let model = try? ModelFolder.read(rival.hash, below: folder) else { continue }
            let answers = model.answers(to: candidate.held)
            if rival.isDeployed { currentAnswers = answers }
            rescored[rival.hash] = Evaluation(answers)?.f1
        }
        if let current, current.hash != line.hash, let answers = candidate.answers,
            !answers.isEmpty
        {
            let others =
                currentAnswers
                ?? (try? ModelFolder.read(current.hash, below: folder))?.answers(to: candidate.held)
            line.compared = others.map {
                .init(with: current.hash, comparison: ModelComparison(answers, against: $0))
            }
            currentAnswers = others
        }
        let decision = decide(line, rescored: rescored, rule: rule)
        let registry = recording(line, decision, at: now)
        return Admission(
            registry: registry, hash: line.hash, decision: decision, compared: line.compared,
            inService: registry.current.flatMap { current in
                let measured =
                    current.hash == line.hash
                    ? line.measured
                    : currentAnswers.flatMap { Evaluation($0) }.flatMap { evaluation in
                        line.measured.map { .init(evaluation, rowsHash: $0.rowsHash) }
                    }
                return measured.map { (current.hash, $0) }
            })
    }
}
