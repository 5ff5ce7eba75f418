/// Whether a new model goes into service, and why.
package struct DeploymentDecision: Sendable, Hashable {
    package let deploys: Bool
    package let reason: String
}

/// The one rule of deployment: a model goes into service if its macro-F1 on the test rows is not
/// below that of the best model that ever was in service, on the same rows.
package struct DeploymentRule: Sendable, Hashable {
    /// By how much it may be below all the same. It is measured from the best, so that small steps
    /// down do not add up.
    package var maxRegression: Double
    /// With fewer test rows a difference means nothing, so the model in service stays.
    package var minTestRows: Int

    package init(maxRegression: Double = 0, minTestRows: Int = 50) {
        self.maxRegression = maxRegression
        self.minTestRows = minTestRows
    }
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

    /// What the rule says of a candidate.
    ///
    /// The first model always goes into service: there is none that it could be worse than. After it
    /// nothing is compared without test rows, with fewer than the rule asks for, or where the score of
    /// the model in service is unknown, and that one stays. `rescored`: macro-F1 by hash, of the
    /// `rivals` whose weights are there; older rivals without a score are left out.
    package func decide(
        _ candidate: RegisteredModel, rescored: [String: Double] = [:],
        rule: DeploymentRule = DeploymentRule()
    ) -> DeploymentDecision {
        if candidate.hash == current?.hash {
            return DeploymentDecision(deploys: true, reason: "it is in service already")
        }
        guard !everDeployed.isEmpty else {
            return DeploymentDecision(deploys: true, reason: Self.first(candidate, rule))
        }
        guard let measured = candidate.measured else {
            return .stays("there are no test rows: nothing was compared")
        }
        guard measured.rows >= rule.minTestRows else {
            return .stays(
                "\(ModelTraining.counted(measured.rows, "test row")) of at least"
                    + " \(rule.minTestRows): evaluated only")
        }
        func score(_ model: RegisteredModel) -> Double? {
            model.measured?.rowsHash == measured.rowsHash
                ? model.measured?.f1 : rescored[model.hash]
        }
        if let current, score(current) == nil {
            return .stays(
                "the weights of \(short(current)), in service, are missing or damaged:"
                    + " evaluated only; with models: {store: git} in flow.yaml every clone has"
                    + " them")
        }
        let scored = everDeployed.compactMap { model in
            score(model).map { (model: model, f1: $0) }
        }
        guard let best = scored.max(by: { $0.f1 < $1.f1 }) else {
            return .stays("no earlier model's weights are there: evaluated only")
        }
        return compare(candidate, measured, best, rule)
    }

    private func compare(
        _ candidate: RegisteredModel, _ measured: RegisteredModel.Measured,
        _ best: (model: RegisteredModel, f1: Double), _ rule: DeploymentRule
    ) -> DeploymentDecision {
        let deploys = measured.f1 >= best.f1 - rule.maxRegression
        let relation =
            measured.f1 >= best.f1
            ? "not below" : deploys ? "at most \(Figure.text(rule.maxRegression)) below" : "below"
        let test = candidate.compared.map {
            "; against \($0.with.prefix(12)) \($0.comparison.better) rows better and"
                + " \($0.comparison.worse) worse, McNemar's p \(Figure.text($0.comparison.p))"
        }
        return DeploymentDecision(
            deploys: deploys,
            reason: "macro-F1 \(Figure.text(measured.f1)) on \(measured.rows) test rows is"
                + " \(relation) \(Figure.text(best.f1)) of \(short(best.model)), the best that was"
                + " in service" + (test ?? ""))
    }

    private static func first(_ candidate: RegisteredModel, _ rule: DeploymentRule) -> String {
        guard let rows = candidate.measured?.rows else {
            return "the first model; there are no test rows to measure it on"
        }
        return rows < rule.minTestRows
            ? "the first model; \(ModelTraining.counted(rows, "test row")) of at least"
                + " \(rule.minTestRows), so later ones will only be evaluated"
            : "the first model"
    }

    private var everDeployed: [RegisteredModel] { models.filter { !$0.deployed.isEmpty } }

    private func short(_ model: RegisteredModel) -> String { String(model.hash.prefix(12)) }
}

extension DeploymentDecision {
    fileprivate static func stays(_ reason: String) -> DeploymentDecision {
        DeploymentDecision(deploys: false, reason: reason)
    }
}
