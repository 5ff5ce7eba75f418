internal import FlowText

/// The text of a small SVG 1.1 picture as it grows: no scripts, no fonts, nothing from elsewhere.
struct PictureText {
    private let width: Double
    private let height: Double
    private let title: String
    private var body = ""

    init(width: Double, height: Double, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    /// The whole file.
    var text: String {
        let (width, height) = (Self.number(width), Self.number(height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" \
            font-family="DejaVu Sans, Verdana, sans-serif" font-size="11">
            <title>\(Self.escaped(title))</title>
            <rect width="100%" height="100%" fill="#fff"/>
            \(body)</svg>

            """
    }

    /// - Parameters:
    ///   - more: attributes, as they stand in the file.
    ///   - tip: what a viewer shows of it.
    mutating func add(
        box x: Double, _ y: Double, _ width: Double, _ height: Double, more: String,
        tip: String = ""
    ) {
        let place =
            "x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
            + "height=\"\(Self.number(height))\""
        body += "<rect \(place) \(more)"
        body += tip.isEmpty ? "/>\n" : "><title>\(Self.escaped(tip))</title></rect>\n"
    }

    mutating func add(
        line x: Double, _ y: Double, to otherX: Double, _ otherY: Double, more: String
    ) {
        body +=
            "<line x1=\"\(Self.number(x))\" y1=\"\(Self.number(y))\" x2=\"\(Self.number(otherX))\" "
            + "y2=\"\(Self.number(otherY))\" \(more)/>\n"
    }

    /// Words of at most `most` letters; what is longer is cut.
    mutating func add(
        words: String, x: Double, y: Double, anchor: String = "start", most: Int = 200,
        more: String = ""
    ) {
        let cut = words.count > most ? words.prefix(most - 1) + "…" : Substring(words)
        body +=
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\""
            + "\(more.isEmpty ? "" : " " + more)>\(Self.escaped(String(cut)))</text>\n"
    }

    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    /// For XML 1.0: marks escaped; controls, and the two scalars that XML forbids, made visible.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{FFFE}", "\u{FFFF}": result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result += VisibleText.scalar(scalar)
            }
        }
    }
}
