internal import FlowJSON
internal import FlowSystem

/// Applies the seed's ratio rule to one skill.
struct RatioJudge {
    private let skill: Skill
    private let evidence: SkillSeries
    private let now: Timestamp
    private let parameters: Feedback.Parameters
    private let lastSeen: Timestamp?

    /// - Parameter lastSeen: the newest error's time; nil where unknown.
    init(
        skill: Skill, ledger: LedgerState, now: Timestamp, parameters: Feedback.Parameters,
        lastSeen: Timestamp?
    ) {
        self.skill = skill
        self.now = now
        self.parameters = parameters
        self.lastSeen = lastSeen
        let first = min(skill.metadata.deployedAt ?? now, now).day - parameters.baselineDays
        evidence = SkillSeries(of: skill, ledger, in: first..<now.day)
    }

    /// One span of 7 days after deployment.
    private struct Window {
        let first: Int
        var days: Range<Int> { first..<first + 7 }
        var end: Timestamp { Timestamp(day: first + 7) }
        var text: String {
            "\(Timestamp(day: first).date) to \(Timestamp(day: first + 6).date)"
        }
    }

    func outcome(_ document: SkillFile) throws(SkillsError) -> Feedback.Outcome {
        guard let deployed = skill.metadata.deployedAt else {
            return nothing(document, "deployed_at is not set: it is not known since when it acts")
        }
        let windows = closedWindows(since: deployed)
        guard let newest = windows.last else {
            let end = Timestamp(day: deployed.day + 8)
            return nothing(document, "the first 7 days after its deployment end \(end.date)")
        }
        let counted = skill.metadata.confidenceHistory.map(\.timestamp).max()
        let news = windows.filter { window in counted.map { window.end > $0 } ?? true }
        guard !news.isEmpty else {
            let last = skill.metadata.confidenceHistory.last?.reason ?? ""
            return nothing(
                document,
                "no further 7 days have closed since \(newest.end.date)"
                    + (last.isEmpty ? "" : "; then: \(last)"), finding: .unchanged)
        }
        let baseline = deployed.day - parameters.baselineDays..<deployed.day
        let (known, hits) = evidence.total(baseline)
        guard known >= parameters.minimumBaselineDays else {
            return nothing(
                document,
                "\(known) of the \(parameters.baselineDays) days before its deployment "
                    + "are known, \(parameters.minimumBaselineDays) are needed")
        }
        let expected = Double(hits) / Double(known) * 7
        guard expected >= parameters.minimumExpected else {
            return nothing(
                document, "expected \(number(expected, 1)) in 7 days: too few to compare with")
        }
        return try judged(news, expected: expected, document)
    }

    private func closedWindows(since deployed: Timestamp) -> [Window] {
        stride(from: deployed.day + 1, through: now.day - 7, by: 7).map(Window.init)
    }

    private func judged(
        _ windows: [Window], expected: Double, _ document: SkillFile
    ) throws(SkillsError) -> Feedback.Outcome {
        var confidence = skill.metadata.confidence
        var entries: [Skill.HistoryEntry] = []
        for window in windows {
            let (known, hits) = evidence.total(window.days)
            guard known == 7 else { continue }
            let entry = step(window, hits: hits, expected: expected, from: confidence)
            confidence = entry.new
            entries.append(entry)
        }
        guard let last = entries.last else {
            let gaps = windows.map { "\(7 - evidence.total($0.days).known) of \($0.text)" }
            return nothing(document, "days are unknown: " + gaps.joined(separator: ", "))
        }
        let bytes = try Skill.judged(
            document.bytes, path: document.path, confidence: confidence, entries: entries,
            counts: evidence.counts(now: now, lastSeen: lastSeen))
        let old = skill.metadata.confidence
        return Feedback.Outcome(
            id: skill.id, path: document.path, finding: finding(of: entries), reason: last.reason,
            oldConfidence: old, newConfidence: confidence, entries: entries,
            bytes: bytes == document.bytes ? nil : bytes)
    }

    private func step(
        _ window: Window, hits: Int, expected: Double, from old: Double
    ) -> Skill.HistoryEntry {
        let ratio = Double(hits) / expected
        let multiplier = parameters.thresholds.multiplier(ratio)
        let new = min(1, max(0, old * multiplier)).rounded(places: 4)
        let what =
            multiplier > 1 ? "boosted" : multiplier < 1 ? "reduced" : "unchanged"
        return Skill.HistoryEntry(
            timestamp: window.end, old: old, new: new,
            reason: "\(what): \(window.text) expected \(number(expected, 1)), saw \(hits); "
                + "rate ratio \(number(ratio, 2))",
            hits7d: hits, expected7d: expected.rounded(places: 2),
            rateRatio: ratio.rounded(places: 4), method: "ratio")
    }

    /// By what all new windows together did; at the limits 0 and 1 by the last window's ratio.
    private func finding(of entries: [Skill.HistoryEntry]) -> Finding {
        guard let first = entries.first, let last = entries.last else { return .notEnoughData }
        if last.new > first.old { return .boosted }
        if last.new < first.old { return .reduced }
        let multiplier = parameters.thresholds.multiplier(last.rateRatio ?? 1)
        return multiplier > 1 ? .boosted : multiplier < 1 ? .reduced : .unchanged
    }

    private func nothing(
        _ document: SkillFile, _ reason: String, finding: Finding = .notEnoughData
    ) -> Feedback.Outcome {
        Feedback.Outcome(
            id: skill.id, path: document.path, finding: finding, reason: reason,
            oldConfidence: skill.metadata.confidence, newConfidence: skill.metadata.confidence,
            entries: [], bytes: nil)
    }

    private func number(_ value: Double, _ places: Int) -> String {
        JSON.number(value.rounded(places: places)).text()
    }
}
