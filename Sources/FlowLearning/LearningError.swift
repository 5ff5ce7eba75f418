/// What went wrong with a dataset, a training, a model folder or the registry.
package struct LearningError: Error, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        /// A line of the dataset or of the registry that is not what it should be.
        case unreadableLine
        /// Two lines for one (fingerprint, source), or one model twice in the registry.
        case repeatedLine
        /// No line or model of that id.
        case unknown
        /// A state that cannot follow the present one.
        case forbiddenMove
        /// Samples that cannot be trained on.
        case unusableSamples
        /// A model folder whose bytes are not those that were written.
        case damagedModel
        /// A model that a training of the team's own made, which flow cannot ask.
        case foreignModel
        /// The operating system refused.
        case system
    }

    package let code: Code
    /// What was done, to what: `read the dataset`.
    package let doing: String
    /// What went wrong and what to do about it, in words.
    package let message: String
    /// The line of the file, from 1, where the mistake is in one.
    package let line: Int?

    package init(_ code: Code, doing: String, _ message: String, line: Int? = nil) {
        self.code = code
        self.doing = doing
        self.message = message
        self.line = line
    }

    package var description: String {
        "cannot \(doing): " + (line.map { "line \($0): " } ?? "") + message
    }
}
