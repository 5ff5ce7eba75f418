package import FlowSystem

extension Feedback {
    /// Judges every skill that acts by the rate of its errors before and after it was deployed, all of
    /// them together; see `Judging`.
    ///
    /// Finding and confidence are functions of the documents' deployment, the ledger and `now`. A
    /// document changes only when a look is due, when the error has come back, and when the confidence
    /// that it shows, of two decimal places, moves.
    package static func posterior(
        _ skills: [SkillSet.Member], ledger: LedgerState, now: Timestamp
    ) -> Report {
        var report = Report()
        let members = judged(skills, ledger, now: now, &report)
        var gaps: [String: SkillPeriods.Gap] = [:]
        var series: [JudgedSeries] = []
        // Skills of one component have one control, of which one copy is enough.
        var controls: [JudgedSeries.Control: JudgedSeries.Control] = [:]
        for member in members where member.skill.procedure == nil {
            do throws(SkillPeriods.Gap) {
                let periods = try SkillPeriods(of: member.skill, ledger, now: now)
                var one = periods.series(member.skill.id)
                if let control = one.control {
                    one.control = controls[control] ?? control
                    controls[control] = one.control
                }
                series.append(one)
            } catch {
                gaps[member.skill.id] = error
            }
        }
        let judgements = Dictionary(Judging.together(series).map { ($0.id, $0) }) { one, _ in one }
        for member in members {
            let id = member.skill.id
            do throws(SkillsError) {
                if member.skill.procedure != nil {
                    report.add(try tried(member, ledger))
                    continue
                }
                guard let judgement = judgements[id] else {
                    report.add(Outcome(member, gap: gaps[id]?.text ?? "", ledger))
                    continue
                }
                let step = PosteriorStep(skill: member.skill, judgement: judgement)
                report.add(try step.outcome(member, ledger, now: now))
            } catch {
                report.problems += error.mistakes
            }
        }
        return report
    }
}

/// What a judgement changes in a skill's document.
private struct PosteriorStep {
    let skill: Skill
    let judgement: Judgement

    func outcome(
        _ member: SkillSet.Member, _ ledger: LedgerState, now: Timestamp
    ) throws(SkillsError) -> Feedback.Outcome {
        var outcome = Feedback.Outcome(member, judgement, ledger)
        // Where no day since is known the document's own confidence stands.
        guard judgement.days > 0 else { return outcome }
        outcome.newConfidence = judgement.confidence.rounded(places: 2)
        outcome.entries = entries(to: outcome.newConfidence)
        guard !outcome.entries.isEmpty || outcome.newConfidence != outcome.oldConfidence else {
            return outcome
        }
        let recent = SkillSeries(of: skill, ledger, in: now.day - 30..<now.day)
        outcome.bytes = try Skill.judged(
            member.file.bytes, path: member.file.path, confidence: outcome.newConfidence,
            entries: outcome.entries, counts: recent.counts(now: now, lastSeen: lastSeen(recent)))
        return outcome
    }

    /// The last day with an error, to the day, where that is news.
    private func lastSeen(_ recent: SkillSeries) -> Timestamp? {
        guard let day = recent.days.last(where: { $0.hits > 0 })?.day else { return nil }
        let known = skill.metadata.lastSeen?.day ?? .min
        return day > known ? Timestamp(day: day) : nil
    }

    /// The steps that the history does not have: of the last look, and of the day since which the error
    /// is back.
    private func entries(to confidence: Double) -> [Skill.HistoryEntry] {
        let days = [judgement.look.map { judgement.firstDay + $0 }, judgement.returned].compactMap(
            \.self)
        let known = Set(
            skill.metadata.confidenceHistory.filter { $0.method == Feedback.posteriorMethod }
                .map(\.timestamp))
        return Set(days.map(Timestamp.init(day:))).subtracting(known).sorted().map { time in
            Skill.HistoryEntry(
                timestamp: time, old: skill.metadata.confidence, new: confidence,
                reason: judgement.reason, hits7d: Int(perWeek(Double(judgement.seen)).rounded()),
                expected7d: perWeek(judgement.expected).rounded(places: 2),
                rateRatio: judgement.rateRatio.flatMap {
                    $0.isFinite ? $0.rounded(places: 4) : nil
                },
                interval: judgement.interval.map(Skill.Interval.init),
                method: Feedback.posteriorMethod)
        }
    }

    private func perWeek(_ value: Double) -> Double {
        value * 7 / Double(judgement.days)
    }
}

extension Feedback {
    fileprivate static let posteriorMethod = "posterior"
}

extension Skill.Interval {
    init(_ interval: RateInterval) {
        self.init(
            low: interval.low.rounded(places: 4),
            high: interval.high.isFinite ? interval.high.rounded(places: 4) : nil)
    }
}

extension SkillPeriods {
    /// The same as the statistics take it.
    func series(_ id: String) -> JudgedSeries {
        let isKnown = hasExposure
        func rates(_ days: [SkillSeries.Day], _ hits: (SkillSeries.Day) -> Int) -> [DayRate] {
            days.map {
                DayRate(
                    day: $0.day, hits: hits($0),
                    exposure: isKnown ? Double($0.exposure) : 1)
            }
        }
        let isControlled = before.contains { $0.untouched > 0 }
        return JudgedSeries(
            id: id, before: rates(before) { $0.hits }, after: rates(after) { $0.hits },
            control: isControlled
                ? .init(
                    before: rates(before) { $0.untouched }, after: rates(after) { $0.untouched })
                : nil,
            firstDay: firstDay, closedDays: closedDays)
    }
}

extension SkillPeriods.Gap {
    fileprivate var text: String {
        switch self {
        case .notDeployed: "deployed_at is not set: it is not known since when it acts"
        case .answersNoError: "a procedure answers no error"
        case .neverCounted: "no day of it is known"
        case .notReleased: "no release since its deployment is known"
        case .shortBaseline(let known):
            "\(known) of the \(SkillPeriods.Rule.baselineDays) days before its deployment are known, "
                + "\(SkillPeriods.Rule.leastDays) are needed"
        }
    }
}

extension SkillSeries {
    /// The closed days before now, as far as every one of them is known.
    func counts(now: Timestamp, lastSeen: Timestamp?) -> Skill.Counts {
        func hits(_ days: Int) -> Int? {
            let (known, hits) = total(now.day - days..<now.day)
            return known == days ? hits : nil
        }
        return Skill.Counts(hits7d: hits(7), hits30d: hits(30), lastSeen: lastSeen)
    }
}
