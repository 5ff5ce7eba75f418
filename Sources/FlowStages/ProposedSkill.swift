internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// A skill that one stage hands to another to be proposed: `{file, text, trend?, expected_7d?,
/// knowledge?, triage?}`.
struct ProposedSkill {
    let skill: Skill
    /// Where the proposal puts it.
    let path: String
    let bytes: [UInt8]
    /// Solved cases that fit, as `knowledge/enrich` found them.
    let cases: [SolvedCase]
    /// nil: it was not mined by flow.
    let trend: Trend?
    /// nil: no model was asked.
    let guess: TriageGuess?

    init(_ json: JSON) throws {
        guard let text = json["text"]?.stringValue, let file = json["file"]?.stringValue else {
            throw StageError("a skill to propose needs 'file' and 'text', strings")
        }
        bytes = Array(text.utf8)
        path = Path.join("skills/proposed", Path.name(file))
        skill = try Skill.read(bytes, path: path)
        if let way = json["trend"]?.stringValue.flatMap(Trend.Way.init),
            let expected = json["expected_7d"]?.doubleValue
        {
            trend = Trend(way, expected7d: expected)
        } else {
            trend = nil
        }
        guess = TriageGuess(json: json["triage"])
        cases = (json["knowledge"]?.arrayValue ?? []).map { json in
            func text(_ key: String) -> String { json[key]?.stringValue ?? "" }
            return SolvedCase(
                id: text("id"), title: text("title"), score: json["score"]?.doubleValue ?? 0,
                why: text("why"), rootCause: text("root_cause"), solution: text("solution"),
                url: text("url"))
        }
    }
}
