internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// `skills/mine`: reads errors, groups them into signatures, gives the most harmful ones as complete
/// skill documents.
enum MineStage: Stage {
    static let reference = "skills/mine"

    static func run(_ context: StageContext) throws {
        let source = try SourceMemory(context)
        // Mining needs no git repository; where there is one, it knows what groups were called.
        let view = try? RepositoryView(context.workspace)
        let known = try view.map(KnownErrors.init) ?? KnownErrors()
        let reading = try source.read(known.aliases.groupSplits) { context.note($0) }
        for file in reading.files { note(file, context) }
        for table in reading.tables {
            table.report.notes(of: table.place).forEach(context.note)
        }
        for text in reading.miner.coarsenings { context.note(VisibleText.safe(text)) }
        let (groups, regrouping) = try regrouped(reading.miner, source, known, context)
        try check(groups.signatures, context)
        let signatures = regrouping.aliases.joined(groups.signatures)
        try SignatureMemory.remember(
            signatures, components: groups.components(Miner.Window(now: context.now)),
            renamed: regrouping.pairs, context)
        let model = view.flatMap {
            TriageModelInService($0, context.workspace, problem: context.note)
        }
        let candidates = Self.candidates(
            signatures, known.taken.mapValues(regrouping.aliases.newest), model, context)
        context.output("candidates", .array(candidates))
        context.output("count", .integer(candidates.count))
        context.output("signatures", .integer(signatures.count))
        context.output("records", .integer(reading.miner.errors))
        context.output("new", .integer(reading.new))
        let reports = reading.files.map(\.report) + reading.tables.map(\.report)
        context.output("skipped", .integer(reports.reduce(0) { $0 + $1.skippedCount }))
        context.summary(
            "\(reading.miner.errors) errors (\(reading.new) new) in "
                + "\(places(reading)), \(signatures.count) signatures, "
                + "\(candidates.count) candidates")
    }

    /// The groups as they are now, and what they were called before.
    /// - Parameter miner: with the splits that were committed.
    private static func regrouped(
        _ miner: Miner, _ source: SourceMemory, _ known: KnownErrors, _ context: StageContext
    ) throws -> (MinedGroups, Regrouping) {
        let window = Miner.Window(now: context.now)
        let committed = known.aliases
        let memory = try source.groups()
        var groups = MinedGroups(miner, window)
        let regrouping = Regrouping(groups, memory, known.evidence, committed)
        // what was taken out of a group is taken out of what the group has become
        if !regrouping.pairs.isEmpty, !committed.splits.isEmpty {
            var miner = miner
            miner.splits = regrouping.aliases.groupSplits
            groups = MinedGroups(miner, window)
        }
        let now = regrouping.remembered(memory, groups, committed)
        if now != memory { try source.keep(now) }
        regrouping.notes.forEach(context.note)
        for pair in regrouping.pairs.prefix(3) {
            context.note("\(pair.old) is \(pair.new) now, since its group has grown")
        }
        if regrouping.pairs.count > 3 {
            context.note("\(regrouping.pairs.count) groups have another fingerprint now")
        }
        for text in groups.coarsenings(memory) { context.note(VisibleText.safe(text)) }
        return (groups, regrouping)
    }

    /// Stops where grouping what was read would teach the loop nonsense.
    private static func check(_ signatures: [Signature], _ context: StageContext) throws {
        let way = context.text("self-check")
        let signs = way == "off" ? [] : MiningCheck(signatures).signs
        if signs.isEmpty { return }
        let text = "the errors do not suit being grouped: " + signs.joined(separator: "; ")
        guard way == "stop" else { return context.note(text) }
        throw StageError(
            text
                + "; look at them with flow errors group, name the format or other sources, or let "
                + "it pass with self-check: warn (in the workflows of flow init: -p self_check=warn)"
        )
    }

    /// The signatures with enough hits within the window, today and errors without a time included,
    /// the most harmful first.
    private static func candidates(
        _ signatures: [Signature], _ taken: [String: String], _ model: TriageModelInService?,
        _ context: StageContext
    ) -> [JSON] {
        let from = context.now.day - context.integer("window")
        let enough = signatures.filter { signature in
            let hits = signature.daily.filter { $0.day >= from }.reduce(0) { $0 + $1.count }
            return hits + signature.hitsToday + signature.undated >= context.integer("min-hits")
        }.sorted {
            $0.impactWithToday == $1.impactWithToday
                ? $0.fingerprint < $1.fingerprint : $0.impactWithToday > $1.impactWithToday
        }
        // Ids are given over all of them, so that raising `top` renames none; what has one keeps it.
        let drafts = SkillDraft.drafts(
            enough.map(\.evidence), owners: context.array("owners").compactMap(\.stringValue),
            generatedAt: context.now, taken: taken)
        return drafts.prefix(context.integer("top")).map { draft in
            var object: JSONObject = [
                "id": .string(draft.id), "file": .string(draft.file), "name": .string(draft.name),
                "fingerprint": .string(draft.evidence.fingerprint),
                "impact_score": .number(
                    Skill.impactScore(
                        hits7d: draft.evidence.hits7d, hits30d: draft.evidence.hits30d)),
                "text": .string(draft.text),
                "trend": .string(draft.evidence.trend.way.rawValue),
                "expected_7d": .number(draft.evidence.trend.expected7d),
            ]
            if let guess = model?.guess(draft.evidence, besides: draft.id) {
                object["triage"] = guess.json
            }
            return .object(object)
        }
    }

    private static func note(_ file: SourceReader.FileReport, _ context: StageContext) {
        let path = VisibleText.safe(file.path)
        switch file.start {
        case .again(let reason): context.note(VisibleText.safe(reason))
        case .copy(let original):
            context.note("\(path) is taken for a copy of \(VisibleText.safe(original))")
        case .new, .resume: break
        }
        file.report.notes(of: file.path).forEach(context.note)
    }

    /// `2 files`, `1 files and 1 tables (17 rows)`.
    private static func places(_ reading: SourceMemory.Reading) -> String {
        let rows = reading.tables.reduce(0) { $0 + $1.report.lines }
        let tables = "\(reading.tables.count) tables (\(rows) rows)"
        if reading.tables.isEmpty { return "\(reading.files.count) files" }
        return reading.files.isEmpty ? tables : "\(reading.files.count) files and \(tables)"
    }
}
