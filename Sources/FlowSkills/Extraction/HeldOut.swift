package import FlowJSON

/// How procedures of earlier runs hold in later ones.
package struct HeldOut: Sendable, Hashable {
    /// Of one procedure.
    package struct Row: Sendable, Hashable {
        package let name: String
        /// Later runs that began it.
        package let begun: Int
        /// Those of them that went through with it.
        package let followed: Int
        /// How often that broke off: what came where the next step should have been, the most frequent
        /// first, three at most, with how often.
        package let breaks: [Break]
    }

    package struct Break: Sendable, Hashable {
        /// The step that did not come.
        package let missing: String
        package let runs: Int
    }

    /// Runs it was mined from, the first by time, and runs held out.
    package let minedRuns: Int
    package let heldOutRuns: Int
    /// The share of the later runs that follow a procedure at least.
    package let runCoverage: Double
    /// The share of the later runs' steps that executions of procedures consist of.
    package let stepCoverage: Double
    /// Of all times a later run began a procedure, the share in which it went through with it, or with
    /// another that has the same first two steps.
    package let precision: Double
    package let rows: [Row]

    /// Mines the first `share` of the runs by time and looks at the rest.
    package init(_ log: ExecutionLog, _ settings: ExtractionSettings, share: Double = 0.8) {
        let cut = Int(Double(log.runCount) * share)
        let mined = Extraction(log.keeping(runs: 0..<cut), settings)
        let rest = log.keeping(runs: cut..<log.runCount)
        let runs = RunsBySymbol(rest)
        var isCovered = [Bool](repeating: false, count: rest.steps.count)
        var isFollowing = [Bool](repeating: false, count: rest.runCount)
        var rows: [Row] = []
        var beginnings: [[Int32]: (begun: Set<Int32>, followed: Set<Int32>)] = [:]
        for (pattern, procedure) in zip(mined.patterns, mined.procedures) {
            let evidence = PatternEvidence(pattern, rest, settings, runs)
            var matcher = PatternMatcher(
                pattern, gap: settings.maxGap, symbols: rest.symbols.count)
            for run in evidence.following {
                isFollowing[Int(run)] = true
                matcher.forEach(in: rest.steps, rest.steps(of: Int(run))) { places in
                    for place in places where place >= 0 { isCovered[Int(place)] = true }
                }
            }
            let first = pattern.required.prefix(2).map { pattern.steps[$0].symbol }
            beginnings[first, default: ([], [])].begun.formUnion(evidence.begun)
            beginnings[first, default: ([], [])].followed.formUnion(evidence.following)
            rows.append(
                Row(
                    name: procedure.name, begun: evidence.begun.count,
                    followed: evidence.following.count,
                    breaks: Self.breaks(pattern, procedure, evidence, rest, settings)))
        }
        func part(_ count: Int, _ total: Int) -> Double {
            total == 0 ? 0 : Double(count) / Double(total)
        }
        minedRuns = cut
        heldOutRuns = rest.runCount
        runCoverage = part(isFollowing.count { $0 }, rest.runCount)
        stepCoverage = part(isCovered.count { $0 }, rest.steps.count)
        precision = part(
            beginnings.values.reduce(0) { $0 + $1.followed.count },
            beginnings.values.reduce(0) { $0 + $1.begun.count })
        self.rows = rows
    }

    /// Which step did not come in runs that began the pattern and did not follow it.
    private static func breaks(
        _ pattern: StepPattern, _ procedure: Procedure, _ evidence: PatternEvidence,
        _ log: ExecutionLog, _ settings: ExtractionSettings
    ) -> [Break] {
        let following = Set(evidence.following)
        var counts: [Int: Int] = [:]
        for run in evidence.begun where !following.contains(run) {
            var reached = pattern.required.count - 1
            // the longest beginning that the run does follow
            while reached > 0 {
                var start = pattern
                start.steps = Array(pattern.steps[0..<pattern.required[reached]])
                var matcher = PatternMatcher(
                    start, gap: settings.maxGap, symbols: log.symbols.count)
                var isThere = false
                matcher.forEach(in: log.steps, log.steps(of: Int(run))) { _ in isThere = true }
                if isThere { break }
                reached -= 1
            }
            counts[pattern.required[reached], default: 0] += 1
        }
        return counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            .prefix(3).map { Break(missing: procedure.steps[$0.key].id, runs: $0.value) }
    }
}

extension HeldOut {
    package var json: JSON {
        [
            "mined_runs": .integer(minedRuns), "held_out_runs": .integer(heldOutRuns),
            "run_coverage": Procedure.short(runCoverage),
            "step_coverage": Procedure.short(stepCoverage), "precision": Procedure.short(precision),
            "procedures": .array(
                rows.map { row in
                    [
                        "name": .string(row.name), "begun": .integer(row.begun),
                        "followed": .integer(row.followed),
                        "breaks": .array(
                            row.breaks.map {
                                ["missing": .string($0.missing), "runs": .integer($0.runs)]
                            }),
                    ]
                }),
        ]
    }
}
