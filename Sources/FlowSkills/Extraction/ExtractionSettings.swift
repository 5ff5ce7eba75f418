/// What counts as a procedure; the first four are the thresholds of the design's seed.
package struct ExtractionSettings: Sendable, Hashable {
    /// Steps of a pattern, at least.
    package var minLength = 3
    /// Runs in which a pattern occurs, at least.
    package var minFrequency = 2
    /// Two patterns, or two executions, that are this much alike are one: 1 less the edit distance
    /// over the longer one's length.
    package var minSimilarity = 0.8
    /// Runs that follow a procedure and do not fail, at least.
    package var minNodes = 3
    /// Other steps between two steps of a procedure, at most.
    package var maxGap = 2
    /// Procedures, at most: the ones that explain most steps.
    package var limit = 100

    package init() {}
}
