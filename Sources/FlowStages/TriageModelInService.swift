internal import FlowLearning
internal import FlowMining
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// The model in service, as far as it can be asked here.
struct TriageModelInService {
    let line: RegisteredModel
    let model: TriageModel

    /// - Returns: nil where no model is in service, or where `problem` was told why it cannot be asked.
    init?(_ view: RepositoryView, _ workspace: String, problem: (String) -> Void) {
        do {
            guard let deployed = try view.deployedModel() else { return nil }
            try view.bringWeights(of: [deployed.hash], to: workspace)
            model = try ModelFolder.read(
                deployed.hash, below: Path.join(workspace, ModelPlace.folder))
            line = deployed
        } catch {
            problem(VisibleText.safe("the model in service cannot be asked: \(error)"))
            return nil
        }
    }

    /// The skill nearest to a group of errors; nil where the model knows no word of it, or would name
    /// `own`.
    func guess(_ evidence: SignatureEvidence, besides own: String) -> TriageGuess? {
        let said = model.predict(
            Self.text(evidence.examples, evidence.template), top: 1, words: 0)
        guard said.knownTerms > 0, let best = said.guesses.first, best.label != own else {
            return nil
        }
        return TriageGuess(skill: best.label, probability: best.probability)
    }

    /// What a model is asked about a group of errors: a message as programs wrote it, where one is
    /// kept.
    static func text(_ examples: [String], _ template: String) -> String {
        examples.first ?? template
    }
}
