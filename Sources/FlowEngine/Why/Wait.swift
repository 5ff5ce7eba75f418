/// What a leg that was ready waited for.
struct Wait: Sendable, Hashable {
    enum Kind: String, Sendable {
        /// Nobody was at the run, or only people could go on.
        case resumption
        case group, lane, cpus, pool
        /// The node ran as many legs as it may.
        case legs = "max-parallel"
        /// Nodes before it want more processors than are free.
        case turn
        /// What a result in the cache depends on had to be read.
        case cache
        /// Nothing that the log tells of.
        case flow
    }

    let kind: Kind
    /// The name of the pool or the group, or a number.
    var detail = ""
    /// Nodes that had what it waited for; empty where that is not known, or where other runs had it.
    var holders: [String] = []

    /// What stands in `because`.
    var field: String {
        switch kind {
        case .pool, .group: "\(kind.rawValue) \(detail)"
        default: kind.rawValue
        }
    }

    /// What it waited for, with the node as `it`.
    var words: String {
        let who = holders.prefix(3).joined(separator: ", ")
        switch kind {
        case .resumption: return "the run to go on"
        case .group: return "the run's group\(detail.isEmpty ? "" : " \(detail)")"
        case .lane: return "a free lane (--max-parallel\(detail.isEmpty ? "" : " \(detail)"))"
        case .cpus: return "free processors (\(detail))"
        case .pool:
            return "a place in the pool \(detail), which "
                + (holders.isEmpty ? "other runs had" : "\(who) had")
        case .legs: return "one of \(detail) legs at once (max-parallel)"
        case .turn: return "its turn behind \(who), which needs more processors than were free"
        case .cache: return "the files that its result in the cache depends on to be read"
        case .flow: return "flow to start it"
        }
    }
}
