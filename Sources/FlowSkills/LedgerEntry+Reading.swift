internal import FlowJSON
internal import FlowSystem
internal import FlowText

extension LedgerEntry {
    /// Longest run of quiet days that one line may state; a month has no more.
    package static let longestRun = 31

    /// Reads one line's object; text says what is wrong with it.
    static func read(_ json: JSON) -> Result<LedgerEntry, LineProblem> {
        do throws(LineProblem) {
            let fields = try LedgerFields(json)
            let type = try fields.text("type")
            if type == "component" { return .success(.component(try component(fields))) }
            if type == "correction" { return .success(.correction(try correction(fields))) }
            guard let read = readers[type] else {
                throw LineProblem(
                    "unknown type \"\(VisibleText.safe(type))\", which does not count: component, "
                        + "correction, " + readers.keys.sorted().joined(separator: ", "))
            }
            let skill = try fields.text("skill")
            let isReviewed = ProposalSubject(skill).edited != nil && reviews.contains(type)
            guard SkillName.isID(skill) || isReviewed else {
                throw LineProblem("\"\(VisibleText.safe(skill))\" is no skill id (GR-9F3C2A1B)")
            }
            return .success(try read(fields, skill))
        } catch {
            return .failure(error)
        }
    }

    private typealias Reader = @Sendable (LedgerFields, String) throws(LineProblem) -> LedgerEntry

    /// The types that speak of a proposal, which may be one to edit a skill.
    private static let reviews: Set = ["verdict", "reopened", "proposed"]

    private static let readers: [String: Reader] = [
        "evidence": { (fields, skill) throws(LineProblem) in try evidence(fields, skill: skill) },
        "attempt": { (fields, skill) throws(LineProblem) in
            .attempt(try attempt(fields, skill: skill))
        },
        "verdict": { (fields, skill) throws(LineProblem) in
            .verdict(try verdict(fields, skill: skill))
        },
        "reopened": { (fields, skill) throws(LineProblem) in
            .reopened(try reopened(fields, skill: skill))
        },
        "proposed": { (fields, skill) throws(LineProblem) in
            .proposed(try proposed(fields, skill: skill))
        },
    ]

    private static func evidence(
        _ fields: LedgerFields, skill: String
    ) throws(LineProblem) -> LedgerEntry {
        let days = fields.has("days") ? try fields.count("days") : 1
        guard (1...longestRun).contains(days) else {
            throw LineProblem("days is \(days): one line states 1 to \(longestRun) days")
        }
        let hits = try fields.count("hits")
        guard days == 1 || hits == 0 else {
            throw LineProblem("only quiet days may share a line: \(hits) hits over \(days) days")
        }
        let release = try fields.optionalText("release")
        try fields.checkExposure()
        // An earlier flow wrote the exposure, and one line for all releases.
        let isWhole = release == nil && fields.isThere("exposure")
        let evidence = DayEvidence(
            day: try fields.day("day"), hits: hits,
            share: isWhole ? .whole : .init(release: release),
            components: try fields.texts("components"))
        return .evidence(skill: skill, evidence: evidence, days: days)
    }

    private static func component(_ fields: LedgerFields) throws(LineProblem) -> ComponentLine {
        let counts = ComponentCounts(
            records: try fields.count("records"), errors: try fields.count("errors"),
            untouched: try fields.count("untouched"))
        guard counts.errors <= counts.records else {
            throw LineProblem(
                "\(counts.errors) of \(counts.records) records cannot be errors")
        }
        guard counts.untouched <= counts.errors else {
            throw LineProblem(
                "\(counts.untouched) of \(counts.errors) errors cannot be untouched")
        }
        return ComponentLine(
            component: try fields.text("component"), day: try fields.day("day"),
            release: try fields.optionalText("release"), counts: counts)
    }

    private static func correction(_ fields: LedgerFields) throws(LineProblem) -> CorrectionLine {
        var predicted: CorrectionLine.Prediction?
        if let label = try fields.optionalText("predicted") {
            predicted = .init(
                label: label, probability: try fields.share("probability"),
                model: try fields.optionalText("model") ?? "")
        }
        return CorrectionLine(
            fingerprint: try fields.text("fingerprint"), label: try fields.text("label"),
            predicted: predicted, by: try fields.optionalText("by") ?? "",
            note: try fields.optionalText("note") ?? "", time: try fields.time("time"))
    }

    private static func attempt(
        _ fields: LedgerFields, skill: String
    ) throws(LineProblem) -> AttemptLine {
        AttemptLine(
            skill: skill, time: try fields.time("time"), success: try fields.flag("success"),
            by: try fields.optionalText("by") ?? "", note: try fields.optionalText("note") ?? "")
    }

    private static func verdict(
        _ fields: LedgerFields, skill: String
    ) throws(LineProblem) -> VerdictLine {
        let name = try fields.text("verdict")
        guard let verdict = Verdict(rawValue: name), verdict != .pending else {
            throw LineProblem(
                "unknown verdict \"\(VisibleText.safe(name))\": approved, rejected or withdrawn")
        }
        return VerdictLine(
            skill: skill, verdict: verdict, reason: try fields.optionalText("reason") ?? "",
            by: try fields.optionalText("by") ?? "", time: try fields.time("time"),
            round: try fields.round(), fingerprint: try fields.optionalText("fingerprint"))
    }

    private static func proposed(
        _ fields: LedgerFields, skill: String
    ) throws(LineProblem) -> ProposedLine {
        ProposedLine(
            skill: skill, fingerprint: try fields.text("fingerprint"),
            path: try fields.text("path"), time: try fields.time("time"),
            hits30d: try fields.count("hits_30d"), round: try fields.round())
    }

    private static func reopened(
        _ fields: LedgerFields, skill: String
    ) throws(LineProblem) -> ReopenedLine {
        ReopenedLine(
            skill: skill, by: try fields.optionalText("by") ?? "", time: try fields.time("time"),
            round: try fields.round())
    }
}

/// What is wrong with one line.
struct LineProblem: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// The members of a line, each read as what it must be.
private struct LedgerFields {
    let object: JSONObject

    init(_ json: JSON) throws(LineProblem) {
        guard let object = json.objectValue else {
            throw LineProblem("a line must be an object, this is \(json.typeName)")
        }
        self.object = object
    }

    func isThere(_ key: String) -> Bool { object[key] != nil }
    func has(_ key: String) -> Bool { object[key].map { !$0.isNull } ?? false }

    func text(_ key: String) throws(LineProblem) -> String {
        guard let text = try optionalText(key) else { throw LineProblem("\(key) is missing") }
        return text
    }

    func optionalText(_ key: String) throws(LineProblem) -> String? {
        guard has(key) else { return nil }
        guard let text = object[key]?.stringValue else {
            throw LineProblem("\(key) must be text, it is \(object[key]?.typeName ?? "missing")")
        }
        return text
    }

    func count(_ key: String) throws(LineProblem) -> Int {
        guard let count = object[key]?.intValue else {
            throw LineProblem("\(key) must be a whole number")
        }
        guard count >= 0 else { throw LineProblem("\(key) is negative: \(count)") }
        return count
    }

    func round() throws(LineProblem) -> Int { has("round") ? try count("round") : 1 }

    /// From 0 to 1.
    func share(_ key: String) throws(LineProblem) -> Double {
        guard let value = object[key]?.doubleValue, (0...1).contains(value) else {
            throw LineProblem("\(key) must be a number from 0 to 1")
        }
        return value
    }

    func flag(_ key: String) throws(LineProblem) -> Bool {
        guard let flag = object[key]?.boolValue else {
            throw LineProblem("\(key) must be true or false")
        }
        return flag
    }

    func texts(_ key: String) throws(LineProblem) -> [String] {
        guard has(key) else { return [] }
        let texts = object[key]?.arrayValue?.map(\.stringValue)
        guard let texts, texts.allSatisfy({ $0 != nil }) else {
            throw LineProblem("\(key) must be a list of texts")
        }
        return texts.compactMap(\.self)
    }

    /// Only lines of an earlier flow have it; it counted errors among the records, so it says nothing.
    func checkExposure() throws(LineProblem) {
        guard has("exposure") else { return }
        guard let value = object["exposure"]?.doubleValue else {
            throw LineProblem("exposure must be a number or null")
        }
        guard value > 0 else {
            throw LineProblem(
                "exposure is \(JSON.number(value).text()): it must be above 0, or null if unknown")
        }
    }

    func day(_ key: String) throws(LineProblem) -> Int {
        let value = try text(key)
        guard value.utf8.count == 10, let time = Timestamp(value) else {
            throw LineProblem("\(key) must be a date like 2026-11-20")
        }
        return time.day
    }

    func time(_ key: String) throws(LineProblem) -> Timestamp {
        guard let time = Timestamp(try text(key)) else {
            throw LineProblem("\(key) must be a time like 2026-11-20T02:00:00Z")
        }
        return time
    }
}
