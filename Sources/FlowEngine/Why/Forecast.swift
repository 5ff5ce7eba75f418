/// What a run would do, found out without doing anything.
package struct Forecast: Sendable {
    /// What becomes of a leg, or of a node that has none.
    package enum Fate: Sendable, Hashable {
        /// - Parameter misses: why no earlier result stands for it; empty where it has no `cache`.
        case runs(misses: [String])
        /// - Parameter run: whose result stands for it.
        case cached(run: String)
        /// It runs unless an earlier result stands for it, which depends on what is named.
        case runsOrCached(String)
        /// It runs as often as what is named says, if at all.
        case legs(of: String)
        /// Whether it runs depends on its condition, or on nodes that it needs.
        case depends(condition: String?, needs: [String])
        case skipped(SkipReason)
        case waits
        /// An expression of it cannot be evaluated.
        case fails(String)
        /// Its matrix has no legs.
        case empty
    }

    package enum SkipReason: Sendable, Hashable {
        case unselected
        /// A need that does not succeed, and whether it was skipped itself.
        case need(String, isSkipped: Bool)
        case condition(String)
    }

    /// One leg, or a node that has none.
    package struct Part: Sendable {
        /// The node's path in the run: `deploy/build`, in leg 2 of a matrix `deploy.2/build`.
        package let path: String
        /// What tells the leg from the others; nil where there is no matrix, or where its legs are not
        /// known yet.
        package let leg: String?
        package let fate: Fate
    }

    /// By the node's path in the workflows, without legs: `deploy/build`. What is inside a node of which
    /// nothing can be said is missing.
    package internal(set) var parts: [String: [Part]] = [:]
}

/// What a cache would say of an attempt.
package enum CacheForecast: Sendable {
    /// - Parameters:
    ///   - key: of the files that would be restored; nil where they are as they were.
    case found(CachedResult, restores: [UInt8]?)
    case missed([String])
    /// What it depends on that is not known yet.
    case unknown(String)
}
