internal import FlowText

/// Text of an SVG file as it grows.
package struct SVGText: Sendable {
    package private(set) var text = ""

    package init() {}

    package mutating func add(_ piece: String) { text += piece }

    /// `<title>`, which viewers show as a tooltip.
    package mutating func add(title lines: [String]) {
        text +=
            "<title>\(Self.escaped(lines.filter { !$0.isEmpty }.joined(separator: "\n")))</title>"
    }

    /// Words that are cut where they are too wide.
    package mutating func add(
        words: String, x: Double, y: Double, style: String = "", width: Double, size: Double
    ) {
        add(words: Self.cut(words, width: width, size: size), x: x, y: y, style: style)
    }

    package mutating func add(words: String, x: Double, y: Double, style: String = "") {
        let look = style.isEmpty ? "" : " class=\"\(style)\""
        text += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(look)>"
        text += Self.escaped(words) + "</text>"
    }

    package mutating func add(
        box x: Double, _ y: Double, _ width: Double, _ height: Double, style: String,
        more: String = ""
    ) {
        text += "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
        text += " width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        text += " class=\"\(style)\"\(more)/>"
    }

    package mutating func add(path: String, style: String) {
        text += "<path d=\"\(path)\" class=\"\(style)\"/>"
    }

    /// With one digit after the point at most; what is no number becomes 0.
    package static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    /// The text for XML 1.0, in an element or an attribute: marks escaped; controls, and the two
    /// scalars that XML forbids, made visible.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n": result += "&#10;"
            case "\u{FFFE}", "\u{FFFF}": result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result += VisibleText.scalar(scalar)
            }
        }
        return result
    }

    // MARK: Widths

    /// How much wider bold text is.
    package static let bold = 1.15

    /// An upper estimate of a text's width in the fonts that viewers have (those of DejaVu Sans,
    /// which is wide).
    package static func width(_ text: String, size: Double) -> Double {
        text.unicodeScalars.reduce(0) { $0 + share($1) } * size
    }

    private static func share(_ scalar: Unicode.Scalar) -> Double {
        switch scalar.value {
        case 0x300...0x36F: 0
        case 0x20...0x7E:
            switch Character(scalar) {
            case "i", "j", "l", "I", "'", ".", ",", ":", ";", "|", "!", " ": 0.34
            case "f", "r", "t", "-", "(", ")", "[", "]", "/", "\\", "J", "\"": 0.44
            case "m", "M", "w", "W", "%", "@": 1
            case "A"..."Z", "+", "=", "<", ">", "~", "^", "#", "&": 0.82
            default: 0.64
            }
        case ..<0x250: 0.75
        case 0x250..<0x1100: 0.85
        default: 1.1
        }
    }

    /// The text in lines that fit, broken at blanks and behind marks where that can be, and within a word
    /// where it cannot; what is more than `most` lines is cut.
    package static func lines(_ text: String, width room: Double, size: Double, most: Int)
        -> [String]
    {
        guard width(text, size: size) > room else { return [text] }
        var lines: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty, lines.count < most - 1, width(String(rest), size: size) > room {
            let line = rest.prefix(firstLine(of: rest, width: room, size: size))
            lines.append(String(line.trimmed))
            rest = rest.dropFirst(line.count).trimmed
        }
        if !rest.isEmpty { lines.append(cut(String(rest), width: room, size: size)) }
        return lines
    }

    /// How many letters of a text that is too wide go into its first line; at least one.
    private static func firstLine(of text: Substring, width room: Double, size: Double) -> Int {
        var left = room
        var count = 0
        var broken = 0
        for letter in text {
            left -= letter.unicodeScalars.reduce(0) { $0 + share($1) } * size
            if letter == " " { broken = count }
            guard left >= 0 else { break }
            count += 1
            if "-_/.,:".contains(letter) { broken = count }
        }
        // A break so early would leave lines that are mostly empty.
        return max(1, broken * 3 >= count ? broken : count)
    }

    /// The text, with its end replaced by `…` where it is too wide.
    package static func cut(_ text: String, width room: Double, size: Double) -> String {
        guard width(text, size: size) > room else { return text }
        var left = room - share("…") * size
        var kept = ""
        for letter in text {
            left -= letter.unicodeScalars.reduce(0) { $0 + share($1) } * size
            guard left >= 0 else { break }
            kept.append(letter)
        }
        return kept + "…"
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
