/// A pattern that is refused, with the place of the first reason.
package struct RegexError: Error, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        /// No regular expression: a bracket without its other half, nothing to repeat.
        case syntax
        /// Something that RE2 or Python's `re` does not know, or reads in its own way.
        case unsupported
        /// More than the machine may hold.
        case tooLarge
    }

    package let code: Code
    /// What is wrong and what to write instead, in words.
    package let message: String
    /// Unicode scalars before it, from 0.
    package let offset: Int

    package var description: String { "offset \(offset): \(message)" }
}
