internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowSystem

/// `skills/mine`: reads errors, groups them into signatures, gives the most harmful ones as complete
/// skill documents.
enum MineStage: Stage {
    static let reference = "skills/mine"

    static func run(_ context: StageContext) throws {
        var reading = try ErrorReading(context)
        try reading.readAll()
        let signatures = reading.miner.signatures(Miner.Window(now: context.now))
        try SignatureMemory.remember(signatures, days: reading.days, in: context.state)
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

    /// The signatures with enough hits within the window, today included, the most harmful first.
    private static func candidates(_ signatures: [Signature], _ context: StageContext) -> [JSON] {
        let from = context.now.day - context.integer("window")
        let enough = signatures.filter { signature in
            let hits = signature.daily.filter { $0.day >= from }.reduce(0) { $0 + $1.count }
            return hits + signature.hitsToday >= context.integer("min-hits")
        }.sorted {
            $0.impactWithToday == $1.impactWithToday
                ? $0.fingerprint < $1.fingerprint : $0.impactWithToday > $1.impactWithToday
        }
        // Ids are given over all of them, so that raising `top` renames none.
        let drafts = SkillDraft.drafts(
            enough.map(\.evidence), owners: context.array("owners").compactMap(\.stringValue),
            generatedAt: context.now)
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

/// Reads all files of a source into a miner.
private struct ErrorReading {
    private let context: StageContext
    private let format: LogFormat?
    private let zone: ZoneOffset
    private static let chunk = 1 << 20
    private(set) var miner = Miner()
    /// UTC days of which something was read, errors or not.
    private(set) var days: Set<Int> = []
    private(set) var skipped = 0
    private(set) var files = 0

    init(_ context: StageContext) throws {
        self.context = context
        let name = context.text("format")
        format = name == "auto" ? nil : try LogFormat(named: name)
        zone = try ZoneOffset(context.text("timezone"))
    }

    mutating func readAll() throws {
        for path in try paths() { try read(path) }
    }

    /// The files that the source names; a pattern may match none, a path must be there.
    private func paths() throws -> [String] {
        var paths: [String] = []
        for word in context.text("source").split(separator: " ").map(String.init) {
            let isOutside = !Path.isWithin(
                Path.normal(Path.join(context.workspace, word)), context.workspace)
            if Glob.isPattern(word), !isOutside {
                paths += Glob.files(word, below: context.workspace)
            } else {
                paths.append(word)
            }
        }
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    private mutating func read(_ path: String) throws {
        var settings = ReadSettings(reference: context.now)
        settings.zone = zone
        settings.component = Self.component(of: path)
        var reader = LogReader(file: path, format: format, settings: settings)
        let file = try ReadingFile(Path.join(context.workspace, path))
        var miner = miner
        var days = days
        func take(_ record: ErrorRecord) {
            miner.add(record)
            if let day = record.time?.day { days.insert(day) }
        }
        while true {
            let chunk = try file.read(Self.chunk)
            if chunk.isEmpty { break }
            reader.read(chunk, take)
        }
        reader.finish(take)
        self.miner = miner
        self.days = days
        report(reader.report, path)
    }

    private mutating func report(_ report: ReadReport, _ path: String) {
        files += 1
        skipped += report.skippedCount
        for note in report.skipped.prefix(3) {
            context.note(
                "\(VisibleText.safe(path)):\(note.line): skipped: \(VisibleText.safe(note.reason))")
        }
        if report.skippedCount > 3 {
            context.note("\(VisibleText.safe(path)): \(report.skippedCount) lines skipped in all")
        }
    }

    /// `git` of `datasets/samples/git.log`.
    private static func component(of path: String) -> String {
        String(Path.name(path).prefix { $0 != "." })
    }
}
