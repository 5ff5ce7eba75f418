/// A picture as one SVG 1.1 file that needs nothing else: no scripts, no fonts, nothing from elsewhere.
package struct SVGFile: Sendable {
    /// What the picture is, and what it says to who cannot see it.
    package var title: String
    package var description: String
    package var width: Double
    package var height: Double
    /// How its classes look, beside the rules for text and axes that all pictures share.
    package var rules = ""
    /// Patterns and markers.
    package var definitions = ""
    package var content = SVGText()

    package init(title: String, description: String, width: Double, height: Double) {
        self.title = title
        self.description = description
        self.width = width
        self.height = height
    }

    /// The whole file. The same picture gives the same bytes.
    package var text: String {
        let (width, height) = (SVGText.number(width), SVGText.number(height))
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\""
            + " viewBox=\"0 0 \(width) \(height)\" role=\"img\""
            + " aria-labelledby=\"flow-title flow-desc\">\n"
            + "<title id=\"flow-title\">\(SVGText.escaped(title))</title>\n"
            + "<desc id=\"flow-desc\">\(SVGText.escaped(description))</desc>\n"
            + "<style>\(Self.shared)\(rules)</style>\n"
            + (definitions.isEmpty ? "" : "<defs>\(definitions)</defs>\n")
            + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + content.text + "</svg>\n"
    }

    private static let shared = """
        text{font-family:"DejaVu Sans",Verdana,Helvetica,Arial,sans-serif;font-size:12px;fill:#1f2328}\
        .head{font-size:17px;font-weight:bold}.sub{fill:#57606a}\
        .small{font-size:11px}.tiny{font-size:9px}.note{font-size:11px;fill:#57606a}\
        .end{text-anchor:end}.mid{text-anchor:middle}\
        .axis{fill:none;stroke:#8c959f;stroke-width:1}.grid{fill:none;stroke:#d8dee4;stroke-width:1}\

        """
}
