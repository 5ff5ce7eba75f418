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
    /// `{predictions: [{fingerprint, source, component, template, text, label, probability,
    /// known_terms, hits_7d}], corrections: {reviewed, changed, rate, confused}, model}`: what no person
    /// has labelled and of which the model in service is less sure than `below`. First the groups of
    /// errors of the newest mining that no approved skill covers, those with the highest impact first
    /// (source `mining`); then what was imported into the dataset and waits for a review, in the order
    /// of its lines.
    package static func review(_ workspace: Workspace, below: Double, limit: Int) throws -> JSON {
        let view = try RepositoryView(workspace.root)
        let (hash, model) = try Self.model({ workspace.root }, nil)
        let skills = try view.skills()
        let dataset = try dataset(view)
        let mined = try SignatureDesk(workspace).all.map { UnlabelledError($0) }
        let open = mined.filter { error in
            !skills.covering(error.fingerprint).contains { $0.skill.status == .approved }
        }
        let imported = dataset.examples.filter {
            $0.state == .pending && $0.source != TrainingExample.Source.production
        }.map { UnlabelledError($0) }
        // What is labelled, what is covered, then what is listed already.
        var seen = Set(mined.map(\.fingerprint)).subtracting(open.map(\.fingerprint))
            .union(dataset.examples.filter(\.isCorrected).map(\.fingerprint))
        var unsure: [JSON] = []
        for error in open + imported where seen.insert(error.fingerprint).inserted {
            let said = model.predict(error.text, top: 1, words: 0)
            guard let best = said.guesses.first, best.probability < below || said.knownTerms == 0
            else { continue }
            unsure.append([
                "fingerprint": .string(error.fingerprint), "source": .string(error.source),
                "component": .string(error.component), "template": .string(error.template),
                "text": .string(error.text), "label": .string(best.label),
                "probability": .number(best.probability),
                "known_terms": .integer(said.knownTerms),
                "hits_7d": error.hits7d.map(JSON.integer) ?? .null,
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
    ///   - id: the beginning of a fingerprint of the newest mining, else of the fingerprint or the id
    ///     of a line that was imported into the dataset.
    ///   - label: a skill's id, or a label of the dataset.
    package static func correct(
        _ id: String, label: String, note: String, in workspace: Workspace
    ) throws -> Corrected {
        let settled = try SettledRepository(workspace.root)
        var view = try RepositoryView(settled)
        let old = try dataset(view)
        let skills = try view.skills()
        let error = try find(id, SignatureDesk(workspace), old)
        try check(label, skills, old)
        let model = TriageModelInService(view, workspace.root) { _ in }
        let predicted = model.flatMap { service in
            service.model.predict(error.text, top: 1, words: 0).guesses.first.map {
                LedgerEntry.CorrectionLine.Prediction(
                    label: $0.label, probability: $0.probability, model: service.line.hash)
            }
        }
        let now = SystemClock().now()
        let line = LedgerEntry.CorrectionLine(
            fingerprint: error.fingerprint, label: label, predicted: predicted,
            by: try view.repository.identity(view.signature).name, note: note, time: now)
        try view.append([.correction(line)], to: try view.ledger())
        let (new, _) = old.upserting([
            example(error, label, skills.aliases, like: old, note, now)
        ])
        if new.bytes != old.bytes { try view.write(DatasetFile.path, new.bytes) }
        let short = error.fingerprint.prefix(8)
        let commit = try view.publish(
            settled, "Label \(short) as \(VisibleText.safe(label))", note)
        return Corrected(
            fingerprint: error.fingerprint, predicted: predicted?.label, commit: commit)
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

    /// - Throws: where `id` means nothing, or more than one.
    private static func find(_ id: String, _ mined: SignatureDesk, _ dataset: DatasetFile) throws
        -> UnlabelledError
    {
        let isMined = mined.all.contains { $0.fingerprint.text.hasPrefix(id) }
        let lines = dataset.examples.filter {
            $0.source != TrainingExample.Source.production && !$0.isCorrected
                && ($0.fingerprint.hasPrefix(id) || $0.id.hasPrefix(id))
        }
        guard !id.isEmpty, !isMined, let line = lines.first else {
            return UnlabelledError(try mined.signature(id))
        }
        guard Set(lines.map(\.fingerprint)).count == 1 else {
            throw StageError(
                "\(VisibleText.safe(id)) means \(lines.count) lines of the dataset, such as "
                    + lines.prefix(3).map { VisibleText.safe($0.id) }.joined(separator: ", ")
                    + "; write more of it")
        }
        return UnlabelledError(line)
    }

    private static func example(
        _ error: UnlabelledError, _ label: String, _ aliases: Aliases,
        like dataset: DatasetFile, _ note: String, _ now: Timestamp
    ) -> TrainingExample {
        let fingerprint = error.fingerprint
        let like = dataset.examples.first { $0.id == label }
        var example = TrainingExample(
            id: "MANUAL-" + SHA256.hex(fingerprint.utf8).prefix(8).uppercased(),
            source: TrainingExample.Source.manual, kind: like?.kind ?? "", task: like?.task ?? "",
            input: .init(
                errorPattern: error.template, component: error.component,
                context: like?.input.context ?? ""),
            output: like?.output ?? [:],
            metrics: .init(hits7d: error.hits7d, hits30d: error.hits30d),
            fingerprint: fingerprint, firstFingerprint: aliases.first(fingerprint),
            tags: like?.tags ?? [], timestamp: now, approvedAt: now,
            description: note, examples: error.examples, label: label, state: .approved)
        example.isCorrected = true
        return example
    }
}

/// What a person can label: a group of errors, or a line of the dataset.
private struct UnlabelledError {
    let fingerprint: String
    /// `mining`, or the line's.
    let source: String
    let component: String
    let template: String
    let examples: [String]
    let hits7d: Int?
    let hits30d: Int?

    init(_ signature: FlowMining.Signature) {
        fingerprint = signature.fingerprint.text
        source = "mining"
        component = signature.component
        template = signature.template
        examples = signature.examples
        hits7d = signature.hits7d
        hits30d = signature.hits30d
    }

    init(_ example: TrainingExample) {
        fingerprint = example.fingerprint
        source = example.source
        component = example.input.component
        template = example.input.errorPattern
        examples = example.examples
        hits7d = example.metrics.hits7d
        hits30d = example.metrics.hits30d
    }

    /// What a model is asked.
    var text: String { TriageModelInService.text(examples, template) }
}
