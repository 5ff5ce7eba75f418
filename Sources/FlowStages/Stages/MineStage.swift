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
        let reading = try ErrorReading(context)
        let signatures = reading.miner.signatures(Miner.Window(now: context.now))
        try SignatureMemory.remember(signatures, days: reading.days, context)
        let candidates = Self.candidates(signatures, context)
        context.output("candidates", .array(candidates))
        context.output("count", .integer(candidates.count))
        context.output("signatures", .integer(signatures.count))
        context.output("records", .integer(reading.miner.errors))
        context.output("skipped", .integer(reading.skipped))
        context.note(
            "\(reading.miner.errors) errors in \(reading.files) files, "
                + "\(signatures.count) signatures, \(candidates.count) candidates")
    }

    /// The signatures with enough hits within the window, today and errors without a time included,
    /// the most harmful first.
    private static func candidates(_ signatures: [Signature], _ context: StageContext) -> [JSON] {
        let from = context.now.day - context.integer("window")
        let enough = signatures.filter { signature in
            let hits = signature.daily.filter { $0.day >= from }.reduce(0) { $0 + $1.count }
            return hits + signature.hitsToday + signature.undated >= context.integer("min-hits")
        }.sorted {
            $0.impactWithToday == $1.impactWithToday
                ? $0.fingerprint < $1.fingerprint : $0.impactWithToday > $1.impactWithToday
        }
        // Ids are given over all of them, so that raising `top` renames none. Mining needs no git
        // repository; where there is one, its skills keep their ids.
        let taken = (try? RepositoryView(context.workspace).skills().taken) ?? [:]
        let drafts = SkillDraft.drafts(
            enough.map(\.evidence), owners: context.array("owners").compactMap(\.stringValue),
            generatedAt: context.now, taken: taken)
        return drafts.prefix(context.integer("top")).map { draft in
            [
                "id": .string(draft.id), "file": .string(draft.file), "name": .string(draft.name),
                "fingerprint": .string(draft.evidence.fingerprint),
                "impact_score": .number(
                    Skill.impactScore(
                        hits7d: draft.evidence.hits7d, hits30d: draft.evidence.hits30d)),
                "text": .string(draft.text),
            ]
        }
    }
}

/// All records of a source, counted.
private struct ErrorReading {
    private(set) var miner = Miner()
    /// UTC days of which something was read, errors or not.
    private(set) var days: Set<Int> = []
    private(set) var skipped = 0
    private(set) var files = 0

    init(_ context: StageContext) throws {
        let format = context.text("format")
        var settings = ReadSettings(reference: context.now)
        settings.zone = try LogZone(context.text("timezone"))
        let reader = SourceReader(
            format: format == "auto" ? nil : try LogFormat(named: format), settings: settings,
            isGrowing: false)
        let patterns = context.text("source").split(separator: " ").map(String.init)
        guard !patterns.isEmpty else { throw StageError("'source' names no file") }
        var miner = Miner()
        var days: Set<Int> = []
        var state = SourceState()
        let reports = try reader.read(patterns, &state) { record in
            miner.add(record)
            if let day = record.time?.day { days.insert(day) }
        }
        self.miner = miner
        self.days = days
        files = reports.count
        skipped = reports.reduce(0) { $0 + $1.report.skippedCount }
        for report in reports { Self.note(report, context) }
    }

    private static func note(_ file: SourceReader.FileReport, _ context: StageContext) {
        let path = VisibleText.safe(file.path)
        let notes = file.report.skipped + file.report.cut
        for note in notes.prefix(3) {
            context.note("\(path):\(note.line): \(VisibleText.safe(note.reason))")
        }
        let count = file.report.skippedCount + file.report.cutCount
        if count > 3 { context.note("\(path): \(count) lines skipped or cut in all") }
    }
}
