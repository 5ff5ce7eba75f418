internal import FlowSystem
internal import FlowText

/// Joins attempts to a cache of results.
package struct AttemptCache: Sendable {
    private let results: any ResultCache
    private let workflow: String
    private let places: LocalExecutor.Places
    private let stages: String

    /// - Parameters:
    ///   - workflow: the name of the run's workflow.
    ///   - version: flow's own, which a stage's result depends on.
    package init(
        _ results: any ResultCache, workflow: String, version: String,
        places: LocalExecutor.Places
    ) {
        self.results = results
        self.workflow = workflow
        self.places = places
        stages = version + "\u{0}" + (places.stageProgram.flatMap(Files.identity) ?? "")
    }

    /// Hands on the outcomes that stand for attempts, where that is known at once, as `ResultCache`
    /// does.
    package func recall(_ attempts: [Attempt], _ use: ([AttemptOutcome?]) -> Void) {
        results.recall(attempts.count) {
            subject(attempts[$0])
        } use: {
            use($0.map { $0.map(AttemptOutcome.init) })
        }
    }

    /// What is known of an attempt before its command starts; nil: it has no `cache`.
    package func look(_ attempt: Attempt) -> Look? {
        guard let subject = subject(attempt) else { return nil }
        switch results.look(subject) {
        case .found(let result): return Look(outcome: AttemptOutcome(result), cache: self)
        case .missed(let reasons, let ticket):
            return Look(reasons: CacheFields.shortened(reasons), ticket: ticket, cache: self)
        }
    }

    /// What `look` would say, once the files of these results are restored; nil: it has no `cache`.
    package func foresee(_ attempt: Attempt, after restored: [[UInt8]]) -> CacheForecast? {
        guard let subject = subject(attempt) else { return nil }
        let forecast = results.foresee(subject, after: restored)
        guard case .missed(let reasons) = forecast else { return forecast }
        return .missed(CacheFields.shortened(reasons))
    }

    /// What a look gave.
    package struct Look: Sendable {
        /// Stands for the attempt; nil: its command has to run.
        package private(set) var outcome: AttemptOutcome?
        fileprivate private(set) var reasons: [String] = []
        fileprivate private(set) var ticket: CacheTicket?
        fileprivate let cache: AttemptCache

        /// Keeps what the command has done, if it may be kept, and says in the outcome why it had to
        /// run.
        /// - Parameter outcome: with nothing masked.
        package func keep(_ outcome: inout AttemptOutcome) {
            outcome.cacheMisses = reasons
            guard let ticket, outcome.result.succeeded, outcome.mistake == nil else { return }
            cache.results.keep(ticket, outputs: outcome.outputs, run: cache.places.runID)
        }
    }

    private func subject(_ attempt: Attempt) -> CacheSubject? {
        guard let query = attempt.cache else { return nil }
        var folder: String?
        if case .action(let action, _) = attempt.program { folder = action }
        return CacheSubject(
            workflow: workflow, node: attempt.nodeID, leg: attempt.legKey,
            recipe: CacheRecipe(
                attempt, query, passed: places.passed(attempt.envPass), stages: stages),
            actionFolder: folder, inputs: query.inputs, outputs: query.outputs)
    }
}

extension LocalExecutor.Places {
    /// The variables of flow's own environment, or of `.env`, that are there.
    fileprivate func passed(_ names: [String]) -> [(name: String, value: String)] {
        Set(names).sorted().compactMap { name in
            (environment[name] ?? dotEnv[name]).map { (name, $0) }
        }
    }
}

extension AttemptOutcome {
    fileprivate init(_ cached: CachedResult) {
        self.init(result: CommandResult(end: .exit(0)), outputs: cached.outputs)
        cachedFrom = cached.run
    }
}
