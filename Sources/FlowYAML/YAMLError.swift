/// A YAML text that cannot be read, or a change that cannot be made to one, with its place.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        /// Not YAML, or YAML that this reader refuses (complex keys, several documents).
        case syntax
        /// Not UTF-8, or a control character.
        case encoding
        /// Larger or deeper than `YAMLLimits` allows, also through aliases.
        case limit
        /// A key given twice in one mapping.
        case duplicateKey
        /// An alias or a merge key that leads nowhere or into itself.
        case alias
        /// A value that does not fit its tag, or that JSON cannot hold.
        case value
        /// A change that was not made; the text is as it was.
        case edit
    }

    package let code: Code
    /// What happened, to what, and what to do about it, in words.
    package let message: String
    package let mark: YAMLMark

    package var description: String { "line \(mark.line), column \(mark.column): \(message)" }
}

/// A piece of someone else's text for a message: in quotes, on one line, at most 60 characters.
func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let short = scalars.count > 60 ? String(scalars.prefix(57)) + "..." : text
    let isPrintable = short.unicodeScalars.allSatisfy { YAMLText.isPrintable($0) }
    return isPrintable ? "'\(short)'" : YAMLText.doubleQuoted(short)
}
