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
            let skill = try fields.text("skill")
            guard SkillName.isID(skill) else {
                throw LineProblem("\"\(VisibleText.safe(skill))\" is no skill id (GR-9F3C2A1B)")
            }
            let type = try fields.text("type")
            switch type {
            case "evidence": return .success(try evidence(fields, skill: skill))
            case "verdict": return .success(.verdict(try verdict(fields, skill: skill)))
            case "reopened": return .success(.reopened(try reopened(fields, skill: skill)))
            case "proposed": return .success(.proposed(try proposed(fields, skill: skill)))
            default:
                throw LineProblem(
                    "unknown type \"\(VisibleText.safe(type))\": evidence, proposed, verdict or reopened"
                )
            }
        } catch {
            return .failure(error)
        }
    }

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
        let evidence = DayEvidence(
            day: try fields.day("day"), hits: hits, exposure: try fields.exposure(),
            release: try fields.optionalText("release"))
        return .evidence(skill: skill, evidence: evidence, days: days)
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
            round: try fields.round())
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

    func exposure() throws(LineProblem) -> Double? {
        guard has("exposure") else { return nil }
        guard let value = object["exposure"]?.doubleValue else {
            throw LineProblem("exposure must be a number or null")
        }
        guard value > 0 else {
            throw LineProblem(
                "exposure is \(JSON.number(value).text()): it must be above 0, or null if unknown")
        }
        return value
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
