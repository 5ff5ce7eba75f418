/// Text of others in Markdown.
package enum MarkdownText {
    /// The text as code that stands in a line or in a cell of a table: what Markdown, HTML or GitHub
    /// could read as more than text is a character reference, and in code there are no mentions and
    /// links. At most 300 characters.
    package static func code(_ text: String) -> String {
        let scalars = VisibleText.safe(text).unicodeScalars
        let short = scalars.count > 300 ? String.UnicodeScalarView(scalars.prefix(299)) : scalars
        let escaped = short.reduce(into: "") { result, scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isPlain || " ,;.-_/".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "&#\(scalar.value);"
            }
        }
        guard !escaped.isEmpty else { return "" }
        return "<code>\(escaped)\(scalars.count > 300 ? "…" : "")</code>"
    }
}
