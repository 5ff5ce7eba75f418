internal import FlowGit
package import FlowJSON
internal import FlowLearning
internal import FlowMining
internal import FlowSkills
package import FlowStore
internal import FlowSystem
internal import FlowText

/// What the model is unsure of, and what people say to that.
extension ModelDesk {
    /// `{predictions: [{fingerprint, component, template, text, label, probability, known_terms,
    /// hits_7d}], corrections: {reviewed, changed, rate, confused}, model}`: the groups of errors of the
    /// newest mining that no approved skill covers and no person has labelled, of which the model in
    /// service is less sure than `below`; those with the highest impact first.
    package static func review(_ workspace: Workspace, below: Double, limit: Int) throws -> JSON {
        let view = try RepositoryView(workspace.root)
        let (hash, model) = try Self.model({ workspace.root }, nil)
        let skills = try view.skills()
        let labelled = Set(
            try dataset(view).examples.filter(\.isCorrected).map(\.fingerprint))
        var unsure: [JSON] = []
        for signature in try SignatureDesk(workspace).all {
            let fingerprint = signature.fingerprint.text
            let isCovered = skills.covering(fingerprint).contains { $0.skill.status == .approved }
            if isCovered || labelled.contains(fingerprint) { continue }
            let text = TriageModelInService.text(signature.examples, signature.template)
            let said = model.predict(text, top: 1, words: 0)
            guard let best = said.guesses.first, best.probability < below || said.knownTerms == 0
            else { continue }
            unsure.append([
                "fingerprint": .string(fingerprint), "component": .string(signature.component),
                "template": .string(signature.template), "text": .string(text),
                "label": .string(best.label), "probability": .number(best.probability),
                "known_terms": .integer(said.knownTerms), "hits_7d": .integer(signature.hits7d),
            ])
        }
        return [
            "model": .string(hash), "below": .number(below), "total": .integer(unsure.count),
            "predictions": .array(Array(unsure.prefix(limit))),
            "corrections": CorrectionCounts(try view.ledger().state.corrections).json,
        ]
    }

    /// What a correction did.
    package struct Corrected: Sendable {
        package let fingerprint: String
        /// What the model in service says; nil: there is none that can be asked.
        package let predicted: String?
        package let commit: String
    }

    /// Notes in the ledger and the dataset which label a group of errors has: a line of source `manual`
    /// that counts twice in a training.
    /// - Parameters:
    ///   - id: a fingerprint of the newest mining or its beginning.
    ///   - label: a skill's id, or a label of the dataset.
    package static func correct(
        _ id: String, label: String, note: String, in workspace: Workspace
    ) throws -> Corrected {
        let settled = try SettledRepository(workspace.root)
        var view = try RepositoryView(settled)
        let old = try dataset(view)
        let signature = try SignatureDesk(workspace).signature(id)
        let skills = try view.skills()
        try check(label, skills, old)
        let model = TriageModelInService(view, workspace.root) { _ in }
        let text = TriageModelInService.text(signature.examples, signature.template)
        let predicted = model.flatMap { service in
            service.model.predict(text, top: 1, words: 0).guesses.first.map {
                LedgerEntry.CorrectionLine.Prediction(
                    label: $0.label, probability: $0.probability, model: service.line.hash)
            }
        }
        let now = SystemClock().now()
        let line = LedgerEntry.CorrectionLine(
            fingerprint: signature.fingerprint.text, label: label, predicted: predicted,
            by: try view.repository.identity(view.signature).name, note: note, time: now)
        try view.append([.correction(line)], to: try view.ledger())
        let (new, _) = old.upserting([
            example(signature, label, skills.aliases, like: old, note, now)
        ])
        if new.bytes != old.bytes { try view.write(DatasetFile.path, new.bytes) }
        let short = signature.fingerprint.text.prefix(8)
        let commit = try view.publish(
            settled, "Label \(short) as \(VisibleText.safe(label))", note)
        return Corrected(
            fingerprint: signature.fingerprint.text, predicted: predicted?.label, commit: commit)
    }

    private static func dataset(_ view: RepositoryView) throws -> DatasetFile {
        try view.bytes(DatasetFile.path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
    }

    private static func check(_ label: String, _ skills: SkillSet, _ dataset: DatasetFile) throws {
        let ids = skills.members.filter { $0.skill.status != .deprecated }.map(\.skill.id)
        let known = Set(ids + dataset.examples.map(\.label))
        guard known.contains(label) else {
            throw StageError(
                "\(VisibleText.quoted(label)) is neither a skill nor a label of the dataset"
                    + Nearest.hint(label, among: known.sorted()))
        }
    }

    private static func example(
        _ signature: FlowMining.Signature, _ label: String, _ aliases: Aliases,
        like dataset: DatasetFile, _ note: String, _ now: Timestamp
    ) -> TrainingExample {
        let fingerprint = signature.fingerprint.text
        let like = dataset.examples.first { $0.id == label }
        var example = TrainingExample(
            id: "MANUAL-" + SHA256.hex(fingerprint.utf8).prefix(8).uppercased(),
            source: TrainingExample.Source.manual, kind: like?.kind ?? "", task: like?.task ?? "",
            input: .init(
                errorPattern: signature.template, component: signature.component,
                context: like?.input.context ?? ""),
            output: like?.output ?? [:],
            metrics: .init(hits7d: signature.hits7d, hits30d: signature.hits30d),
            fingerprint: fingerprint, firstFingerprint: aliases.first(fingerprint),
            tags: like?.tags ?? [], timestamp: now, approvedAt: now,
            description: note, examples: signature.examples, label: label, state: .approved)
        example.isCorrected = true
        return example
    }
}
