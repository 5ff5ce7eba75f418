internal import FlowStatistics

/// The procedures of a log.
package struct Extraction: Sendable {
    /// The best first.
    package let procedures: [Procedure]
    /// The patterns behind them, in the same order.
    let patterns: [StepPattern]

    /// Mines a log.
    /// - Parameter mask: What a procedure keeps of arguments goes through it.
    package init(
        _ log: ExecutionLog, _ settings: ExtractionSettings = ExtractionSettings(),
        mask: ValueMask = .none
    ) {
        let survey = Survey(log, settings, mask)
        var found: [(pattern: StepPattern, procedure: Procedure)] = []
        for pattern in PatternFinder(log, settings).patterns() {
            let (pattern, evidence) = Self.settled(pattern, survey)
            let lasting = evidence.following.count { log.outcomes[Int($0)] != .failure }
            guard lasting >= settings.minNodes, evidence.following.count >= settings.minFrequency
            else { continue }
            found.append((pattern, survey.procedure(pattern, evidence)))
        }
        Self.finish(&found)
        procedures = found.map(\.procedure)
        patterns = found.map(\.pattern)
    }

    /// The procedure that one run followed in some of its nodes, chosen by hand, with what all runs say
    /// of it.
    /// - Parameter nodes: As the log names them; those of none are all.
    /// - Throws: `SkillsError` where the run is not in the log, or has no successful step there.
    package init(
        _ log: ExecutionLog, run: String, nodes: [String], name: String?,
        _ settings: ExtractionSettings = ExtractionSettings(),
        mask: ValueMask = .none
    ) throws(SkillsError) {
        let doing = "extract a procedure from run \(run)"
        guard let number = (0..<log.runCount).first(where: { log.name(of: $0) == run }) else {
            throw SkillsError(code: .invalid, doing: doing, message: "the log has no such run")
        }
        let steps = log.steps(of: number)
        let known = Set(steps.compactMap { log.node(of: $0) })
        if let missing = nodes.first(where: { !known.contains($0) }) {
            throw SkillsError(
                code: .invalid, doing: doing,
                message: "no step of it is of node \(missing); there are "
                    + known.sorted().joined(separator: ", "))
        }
        let symbols = steps.filter { place in
            nodes.isEmpty || log.node(of: place).map(nodes.contains) == true
        }.map { log.steps[$0] }.filter { !log.symbols[Int($0)].hasFailed }
        guard !symbols.isEmpty else {
            throw SkillsError(
                code: .invalid, doing: doing, message: "it has no successful step there")
        }
        let pattern = StepPattern(symbols)
        var settings = settings
        // steps of other nodes may stand between
        if !nodes.isEmpty { settings.maxGap = max(settings.maxGap, steps.count) }
        let survey = Survey(log, settings, mask)
        let evidence = PatternEvidence(pattern, log, settings, survey.runs)
        var found = [(pattern: pattern, procedure: survey.procedure(pattern, evidence))]
        if let name { found[0].procedure.name = Slug.make(name, separator: "-", limit: 64) }
        Self.finish(&found)
        procedures = found.map(\.procedure)
        patterns = found.map(\.pattern)
    }

    /// What all patterns are held against.
    private struct Survey {
        let log: ExecutionLog
        let settings: ExtractionSettings
        let mask: ValueMask
        let runs: RunsBySymbol
        let strata: (of: [Int], count: Int)

        init(
            _ log: ExecutionLog, _ settings: ExtractionSettings, _ mask: ValueMask
        ) {
            self.log = log
            self.settings = settings
            self.mask = mask
            runs = RunsBySymbol(log)
            strata = SuccessLift.strata((0..<log.runCount).map { log.steps(of: $0).count })
        }

        func procedure(_ pattern: StepPattern, _ evidence: PatternEvidence) -> Procedure {
            ProcedureDraft(
                log: log, pattern: pattern, evidence: evidence, strata: strata, mask: mask
            ).procedure()
        }
    }

    /// Says which procedures raise success, puts the best first and gives each a name of its own.
    private static func finish(_ found: inout [(pattern: StepPattern, procedure: Procedure)]) {
        let raising = FalseDiscovery.rejected(
            found.map(\.procedure.evidence.lift.p), level: 0.05)
        for place in found.indices {
            found[place].procedure.evidence.lift.isRaising = raising[place]
        }
        found.sort { isBefore($0.procedure, $1.procedure) }
        for (place, name) in ProcedureNames.distinct(found.map(\.procedure)).enumerated() {
            found[place].procedure.name = name
        }
    }

    /// The pattern without the optional steps that hardly any run which follows it has, and with those
    /// that all have no longer optional, and what the runs say of it.
    private static func settled(
        _ pattern: StepPattern, _ survey: Survey
    ) -> (StepPattern, PatternEvidence) {
        func evidence(_ pattern: StepPattern) -> PatternEvidence {
            PatternEvidence(pattern, survey.log, survey.settings, survey.runs)
        }
        let first = evidence(pattern)
        var kept = pattern
        kept.steps = pattern.steps.indices.compactMap { slot in
            var step = pattern.steps[slot]
            let there = first.samples.count { $0[slot] >= 0 }
            let isRare =
                there == 0
                || Chance.isBelow(there, of: first.samples.count, share: PatternGrowth.leastInside)
            if step.isOptional, isRare { return nil }
            step.isOptional = there < first.samples.count
            return step
        }
        return kept == pattern ? (pattern, first) : (kept, evidence(kept))
    }

    private static func isBefore(_ one: Procedure, _ other: Procedure) -> Bool {
        one.score != other.score ? one.score > other.score : one.description < other.description
    }
}
