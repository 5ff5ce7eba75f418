internal import FlowEngine
internal import FlowSpec

/// What a plan says of one node, in words of which the node is the subject.
struct PlanWords {
    private let node: Node
    /// More legs than this are counted.
    private static let named = 3

    init(_ node: Node) { self.node = node }

    /// - Parameter legs: all parts of the node; none where one of several legs is spoken of.
    func sentence(_ fate: Forecast.Fate, legs: [Forecast.Part]) -> String {
        switch fate {
        case .runs(let misses):
            let reason = misses.isEmpty ? "" : "; \(CacheMiss(misses).words)"
            return act + after + since + times(legs) + place + reason
        case .cached(let run):
            let count = legs.count > 1 ? " (\(legs.count) legs)" : ""
            return
                "is cached\(count): nothing that its result depends on has changed since the run "
                + run
        case .runsOrCached(let what):
            return act + after + since + times(legs) + place
                + ", unless the cache has its result, which depends on \(what)"
        case .legs(let what):
            return act + after + since + times(legs) + place + "; \(what) says what they are"
        case .depends(let condition?, _): return "\(act)\(after) if \(condition)"
        case .depends(nil, let needs):
            return "\(act) if \(needs.joined(separator: ", ")) " + (needs.count > 1 ? "do" : "does")
        case .skipped(.unselected): return "is not selected"
        case .skipped(.need(let need, let isSkipped)):
            return "is skipped because \(need) " + (isSkipped ? "is" : "fails")
        case .skipped(.condition(let source)):
            return "is skipped: its condition is false: \(source)"
        case .waits: return act + after + since
        case .fails(let message): return "fails: \(message)"
        case .empty: return "does nothing: its matrix has no legs"
        }
    }

    /// What comes of several legs.
    func sentence(_ parts: [Forecast.Part]) -> String {
        let running = parts.filter { $0.fate.isRun }
        let cached = parts.filter { $0.fate.isCached }
        let rest = parts.filter { !$0.fate.isRun && !$0.fate.isCached }
        if running.count == parts.count {
            return act + after + since + times(parts) + place + reasons(parts)
        }
        if let first = (cached + rest).first, [cached.count, rest.count].contains(parts.count) {
            return sentence(first.fate, legs: parts)
        }
        var words: [String] = []
        if !running.isEmpty {
            words.append(
                "\(act) \(running.count) of \(parts.count) legs\(after)\(reasons(running))")
        }
        if !cached.isEmpty { words.append("\(cached.count) of \(parts.count) legs are cached") }
        if let first = rest.first {
            words.append(
                "\(rest.count) of \(parts.count) legs: " + sentence(first.fate, legs: []))
        }
        return words.joined(separator: "; ")
    }

    /// Why the cache does not stand for legs, the first of them by name.
    private func reasons(_ parts: [Forecast.Part]) -> String {
        let missed = parts.compactMap { part -> String? in
            guard case .runs(let misses) = part.fate, !misses.isEmpty else { return nil }
            return "\(part.leg ?? part.path): \(CacheMiss(misses).words)"
        }
        guard !missed.isEmpty else { return "" }
        let more = missed.count > Self.named ? ["\(missed.count - Self.named) more"] : []
        return "; " + (missed.prefix(Self.named) + more).joined(separator: "; ")
    }

    private var act: String {
        switch node.work {
        case .workflow(let part, _): return "runs \(part.reference)"
        case .approve(let gate):
            let who = gate.reviewers.isEmpty ? "" : " by \(gate.reviewers.joined(separator: ", "))"
            let count = gate.quorum > 1 ? "\(gate.quorum) approvals" : "approval"
            let cli = gate.via.contains(.cli) ? ["\(count)\(who)"] : []
            let merge = gate.via.contains(.gitMerge) ? ["the merge of its branches"] : []
            return "waits for " + (cli + merge).joined(separator: " or ")
        default: return "runs"
        }
    }

    private var after: String {
        node.needs.isEmpty ? "" : " after \(node.needs.joined(separator: ", "))"
    }

    private var since: String {
        node.condition.map { ", since \($0.expression.source)" } ?? ""
    }

    /// How often it runs, where it has a matrix.
    private func times(_ legs: [Forecast.Part]) -> String {
        guard let matrix = node.matrix, !legs.isEmpty else {
            return legs.count > 1 ? ", \(legs.count) times" : ""
        }
        let axes = matrix.axes.map(\.name).joined(separator: " × ")
        let count = legs[0].leg == nil ? "" : " (\(legs.count) \(legs.count == 1 ? "leg" : "legs"))"
        return axes.isEmpty ? count : ", once for each \(axes)\(count)"
    }

    private var place: String { node.pool.map { ", with a place in the pool \($0)" } ?? "" }
}

extension Forecast.Fate {
    fileprivate var isRun: Bool { if case .runs = self { true } else { false } }
    fileprivate var isCached: Bool { if case .cached = self { true } else { false } }
}
