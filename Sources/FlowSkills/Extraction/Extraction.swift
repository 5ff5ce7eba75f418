internal import FlowStatistics

/// The procedures of a log.
package struct Extraction: Sendable {
    /// The best first.
    package let procedures: [Procedure]
    /// The patterns behind them, in the same order.
    let patterns: [StepPattern]

    package init(_ log: EventLog, _ settings: ExtractionSettings = ExtractionSettings()) {
        let runs = RunsBySymbol(log)
        let strata = SuccessLift.strata((0..<log.runCount).map { log.steps(of: $0).count })
        var found: [(pattern: StepPattern, procedure: Procedure)] = []
        for pattern in PatternFinder(log, settings).patterns() {
            let (pattern, evidence) = Self.settled(pattern, log, settings, runs)
            let lasting = evidence.following.count { log.outcomes[Int($0)] != .failure }
            guard lasting >= settings.minNodes, evidence.following.count >= settings.minFrequency
            else { continue }
            let draft = ProcedureDraft(
                log: log, pattern: pattern, evidence: evidence, strata: strata)
            found.append((pattern, draft.procedure()))
        }
        let raising = FalseDiscovery.rejected(
            found.map(\.procedure.evidence.lift.p), level: 0.05)
        for place in found.indices {
            found[place].procedure.evidence.lift.isRaising = raising[place]
        }
        found.sort { Self.isBefore($0.procedure, $1.procedure) }
        Self.name(&found)
        procedures = found.map(\.procedure)
        patterns = found.map(\.pattern)
    }

    /// The pattern without the optional steps that hardly any run which follows it has, and what the
    /// runs say of it.
    private static func settled(
        _ pattern: StepPattern, _ log: EventLog, _ settings: ExtractionSettings,
        _ runs: RunsBySymbol
    ) -> (StepPattern, PatternEvidence) {
        let evidence = PatternEvidence(pattern, log, settings, runs)
        var kept = pattern
        kept.steps = pattern.steps.indices.filter { slot in
            !pattern.steps[slot].isOptional
                || evidence.samples.count { $0[slot] >= 0 } * 10 >= evidence.samples.count
        }.map { pattern.steps[$0] }
        return kept == pattern
            ? (pattern, evidence) : (kept, PatternEvidence(kept, log, settings, runs))
    }

    private static func isBefore(_ one: Procedure, _ other: Procedure) -> Bool {
        one.score != other.score ? one.score > other.score : one.description < other.description
    }

    /// Gives procedures of one name numbers.
    private static func name(_ found: inout [(pattern: StepPattern, procedure: Procedure)]) {
        var taken: [String: Int] = [:]
        for place in found.indices {
            let name = found[place].procedure.name
            let number = taken[name, default: 0] + 1
            taken[name] = number
            if number > 1 { found[place].procedure.name = "\(name)-\(number)" }
        }
    }
}
