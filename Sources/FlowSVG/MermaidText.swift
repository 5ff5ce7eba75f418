/// Words in a Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>).
package enum MermaidText {
    /// Mermaid reads HTML entities in labels; everything that is not plain becomes one.
    package static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { text, scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isPlain || " ._-×✓✗■–▸…·".unicodeScalars.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "#\(scalar.value);"
            }
        }
    }
}
