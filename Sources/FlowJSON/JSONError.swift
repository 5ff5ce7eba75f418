/// A text that is not JSON, with the place of the first mistake.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, in words.
    package let message: String
    /// Bytes from the start of the text.
    package let offset: Int
    /// From 1; columns count bytes.
    package let line: Int
    package let column: Int

    package var description: String { "line \(line), column \(column): \(message)" }
}
