internal import FlowJSON
internal import FlowSkills

extension Feedback.Outcome {
    /// `{id, finding, reason, confidence}`, with `rate_ratio, interval, look, expected, seen` where it was
    /// judged by the posterior, and `fix: {use, lower_bound, tries, successes}` where it was tried.
    var json: JSON {
        var finding: JSONObject = [
            "id": .string(id), "finding": .string(self.finding.rawValue),
            "reason": .string(reason), "confidence": .number(newConfidence),
        ]
        if let judgement = judgement?.json.objectValue {
            for key in ["rate_ratio", "interval", "look", "expected", "seen"] {
                finding[key] = judgement[key]
            }
        }
        if let fix {
            finding["fix"] = .object([
                "use": .string(fix.use.rawValue),
                "lower_bound": .number((fix.lowerBound * 10_000).rounded() / 10_000),
                "tries": .integer(fix.tries), "successes": .integer(fix.succeeded),
            ])
        }
        return .object(finding)
    }

    /// `{id, reason}` of one that a person should look at.
    var flagJSON: JSON { ["id": .string(id), "reason": .string(flag?.reason ?? "")] }
}
