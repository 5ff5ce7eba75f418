/// A source that cannot be mined, or a setting that means nothing.
package struct MiningError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case unreadable, noFile, notAFile, badTimezone, badFormat, badSource, badDocument
        /// Solved cases that cannot be read, or an index of them.
        case badEntry, damagedIndex
    }

    package let code: Code
    /// What was done, to what: `read logs/app.log`.
    package let doing: String
    /// What is wrong and what to do about it.
    package let message: String

    package init(_ code: Code, doing: String, _ message: String) {
        self.code = code
        self.doing = doing
        self.message = message
    }

    package var description: String { "cannot \(doing): \(message)" }
}
