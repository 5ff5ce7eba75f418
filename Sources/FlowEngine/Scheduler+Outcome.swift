internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

extension Scheduler {
    /// The drafts for an attempt that has begun.
    package func started(_ leg: LegID, attempt: Int, pid: Int) -> [EventDraft] {
        [draft(EventType.attemptStarted, leg, attempt, ["pid": .integer(pid)])]
    }

    /// The drafts for an attempt that has ended: what it handed over, how it ended, and whether it is
    /// tried again.
    package func finished(_ leg: LegID, _ outcome: AttemptOutcome) -> [EventDraft] {
        let node = state.definition(leg.node)
        let legState = state.nodes[leg.node].legs[leg.leg]
        var drafts: [EventDraft] = []
        var number = legState.attempts
        if legState.phase != .running {
            number += 1
            // What stands for an attempt was none: nothing has begun.
            if outcome.cachedFrom == nil {
                drafts.append(draft(EventType.attemptStarted, leg, number, ["pid": nil]))
            }
        }
        let verdict = Verdict(outcome, timeout: node.timeout)
        drafts += outcome.events.map { draft($0.type, leg, number, $0.data) }
        if verdict.result == .success {
            drafts += outcome.outputs.map { name, value in
                draft(EventType.nodeOutput, leg, number, ["name": .string(name), "value": value])
            }
        }
        let tries = number - legState.lost
        let delay =
            stopping.contains(leg.node)
            ? nil : node.retry.delay(after: tries, verdict) { seed(leg) }
        var data = verdict.data(outcome.result)
        if let from = outcome.cachedFrom { data["cached_from"] = .string(from) }
        if !outcome.cacheMisses.isEmpty {
            data["cache_misses"] = .array(outcome.cacheMisses.map(JSON.string))
        }
        if let delay {
            data["retry_ms"] = .integer(delay.milliseconds)
        } else if verdict.result == .failure,
            contexts(of: leg.node).isTolerated(node, leg.node, state, leg: leg.leg)
        {
            data["tolerated"] = true
        }
        drafts.append(draft(EventType.attemptFinished, leg, number, data))
        if let delay {
            drafts.append(
                draft(
                    EventType.attemptRetrying, leg, number + 1,
                    ["delay_ms": .integer(delay.milliseconds)]))
        }
        return drafts
    }

    /// The same for the same leg of the same run, so that a simulated run can be repeated.
    private func seed(_ leg: LegID) -> UInt64 {
        SHA256.digest("\(contexts[0].identity.id)/\(leg.node)/\(leg.leg)".utf8).prefix(8)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// What the way an attempt ended means.
struct Verdict {
    let result: NodeResult
    /// A sentence; empty for success.
    let reason: String
    let cause: RetryPolicy.Cause

    init(_ outcome: AttemptOutcome, timeout: Duration?) {
        let last = outcome.lastLine.isEmpty ? "" : ": \(outcome.lastLine)"
        let end = outcome.result
        switch end.end {
        case _ where end.cancelled:
            (result, reason, cause) = (.cancelled, "it was cancelled", .signal)
        case _ where end.timedOut:
            let limit = timeout.map { " of \($0)" } ?? ""
            (result, reason, cause) = (.failure, "it ran longer than its timeout\(limit)", .timeout)
        case .exit(0):
            if let mistake = outcome.mistake {
                (result, reason, cause) = (.failure, mistake, .failure)
            } else {
                (result, reason, cause) = (.success, "", .failure)
            }
        case .exit(let code):
            (result, reason, cause) = (.failure, "exit \(code)\(last)", .exit(code))
        case .signal(let number):
            (result, reason, cause) = (.failure, "ended by signal \(number)\(last)", .signal)
        case .unstarted(let error): (result, reason, cause) = (.failure, "\(error)", .failure)
        }
    }

    func data(_ end: CommandResult) -> JSONObject {
        var exit = JSON.null
        var signal = JSON.null
        if case .exit(let code) = end.end { exit = .integer(code) }
        if case .signal(let number) = end.end { signal = .integer(number) }
        var data: JSONObject = [
            "result": .string(result.rawValue), "exit": exit, "signal": signal,
            "duration_ms": .integer(end.duration.milliseconds),
            "cpu_ms": .integer(end.cpu.milliseconds), "max_rss_kb": .integer(end.maxRSS),
        ]
        if !reason.isEmpty { data["reason"] = .string(reason) }
        return data
    }
}

extension RetryPolicy {
    /// Tries of a command that asks for another one (`EX_TEMPFAIL`), even without `retry`.
    private static let temporaryTries = 3
    private static let temporaryExit = 75

    /// How long to wait before the next try; nil: there is none.
    func delay(after tries: Int, _ verdict: Verdict, seed: () -> UInt64) -> Duration? {
        guard verdict.result == .failure else { return nil }
        let isTemporary = verdict.cause == .exit(Self.temporaryExit)
        let most = isTemporary ? max(maxAttempts, Self.temporaryTries) : maxAttempts
        guard tries < most, isTemporary || covers(verdict.cause) else { return nil }
        let steps = (1..<max(tries, 1)).reduce(1.0) { product, _ in product * factor }
        let milliseconds = min(Double(delay.milliseconds) * steps, Double(maxDelay.milliseconds))
        guard jitter == .full else { return .milliseconds(Int(milliseconds)) }
        var generator = SplitMix64(state: seed() &+ UInt64(tries))
        return .milliseconds(Int(milliseconds * Double.random(in: 0...1, using: &generator)))
    }

    private func covers(_ cause: Cause) -> Bool {
        if case .exit = cause { return causes.contains(.failure) || causes.contains(cause) }
        return causes.contains(cause)
    }
}

/// A small generator whose numbers depend on its seed only (Steele, Lea, Flood 2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
