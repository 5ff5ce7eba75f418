internal import FlowYAML

/// Where each character of a scalar's text stands in the file.
///
/// YAML's text is not what is written: quotes, escapes, folded lines and indentation go. This walks
/// the written and the read text side by side. Where the two part in a way it does not know, the
/// places that follow stay where they parted: a diagnostic is then near, not wrong by a line.
struct ScalarPlaces {
    private(set) var places: [Place] = []
    private let raw: [Unicode.Scalar]
    private var at = 0
    private var place: Place

    struct Place: Equatable {
        var line: Int
        /// From 1, in Unicode scalars.
        var column: Int
    }

    /// Costs O(the scalar's length).
    init(of node: YAMLNode, in bytes: [UInt8]) {
        let text = Array((node.scalar?.text ?? "").unicodeScalars)
        let start = min(node.start.offset, bytes.count)
        let end = min(max(start, node.end.offset), bytes.count)
        raw = Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
        place = Place(line: node.start.line, column: node.start.column)
        places.reserveCapacity(text.count + 1)
        skipProperties(hasTag: node.tag != nil)
        switch current {
        case "'": quoted(text) { $0.singleQuoted() }
        case "\"": quoted(text) { $0.doubleQuoted() }
        case "|", ">": block(text)
        default: flow(text) { $0.step() }
        }
        while places.count <= text.count { places.append(place) }
    }

    /// The place of a character; one beyond the end is just after the last.
    func place(at offset: Int) -> Place { places[min(max(0, offset), places.count - 1)] }

    private var current: Unicode.Scalar? { at < raw.count ? raw[at] : nil }

    private func isBreak(_ scalar: Unicode.Scalar?) -> Bool { scalar == "\n" || scalar == "\r" }

    private func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar == " " || scalar == "\t" }

    private mutating func step() {
        guard let scalar = current else { return }
        at += 1
        if scalar == "\n" || (scalar == "\r" && current != "\n") {
            place = Place(line: place.line + 1, column: 1)
        } else if scalar != "\r" {
            place.column += 1
        }
    }

    /// Tag and anchor stand before the text; without a tag a '!' is text (`PlainConditions`).
    private mutating func skipProperties(hasTag: Bool) {
        while (hasTag && current == "!") || current == "&" {
            while let scalar = current, !isBlank(scalar), !isBreak(scalar) { step() }
            while isBlank(current) || isBreak(current) { step() }
        }
    }

    private mutating func quoted(_ text: [Unicode.Scalar], _ one: (inout ScalarPlaces) -> Void) {
        step()
        flow(text, one)
    }

    private mutating func singleQuoted() {
        if current == "'" { step() }
        step()
    }

    private mutating func doubleQuoted() {
        guard current == "\\" else { return step() }
        step()
        let digits: Int
        switch current {
        case "x": digits = 2
        case "u": digits = 4
        case "U": digits = 8
        default: digits = 0
        }
        for _ in 0...digits { step() }
    }

    /// Plain or quoted text, which may be folded over lines.
    private mutating func flow(_ text: [Unicode.Scalar], _ one: (inout ScalarPlaces) -> Void) {
        var index = 0
        while index < text.count {
            skipContinuations()
            let isFold = (text[index] == " " || text[index] == "\n") && foldLength() != nil
            places.append(place)
            if isFold {
                for _ in 0..<(foldLength() ?? 0) { step() }
                index += 1
                while index < text.count, text[index - 1] == "\n", text[index] == "\n" {
                    places.append(place)
                    index += 1
                }
            } else {
                one(&self)
                index += 1
            }
        }
        skipContinuations()
    }

    /// A backslash at a line's end joins two lines and is no character.
    private mutating func skipContinuations() {
        while current == "\\", at + 1 < raw.count, isBreak(raw[at + 1]) {
            step()
            while isBlank(current) || isBreak(current) { step() }
        }
    }

    /// How many characters from here are blanks around at least one line break.
    private func foldLength() -> Int? {
        var end = at
        var breaks = false
        while end < raw.count, isBlank(raw[end]) || isBreak(raw[end]) {
            breaks = breaks || isBreak(raw[end])
            end += 1
        }
        return breaks ? end - at : nil
    }

    private mutating func block(_ text: [Unicode.Scalar]) {
        while let scalar = current, !isBreak(scalar) { step() }
        step()
        let indentation = indentation(text)
        skipLines(indentation)
        var index = text.prefix { $0 == "\n" }.count
        for _ in 0..<index { places.append(place) }
        while index < text.count {
            places.append(place)
            if isBreak(current) {
                index += 1
                while index < text.count, text[index - 1] == "\n", text[index] == "\n" {
                    places.append(place)
                    index += 1
                }
                skipLines(indentation)
            } else {
                step()
                index += 1
            }
        }
    }

    /// Goes past line breaks and the indentation after them.
    private mutating func skipLines(_ indentation: Int) {
        var blanks = 0
        while true {
            if isBreak(current) {
                step()
                blanks = 0
            } else if current == " ", blanks < indentation {
                step()
                blanks += 1
            } else {
                return
            }
        }
    }

    /// What the first line with text is indented by, less what is left of that in the text.
    private func indentation(_ text: [Unicode.Scalar]) -> Int {
        let written = raw[at...].drop { isBreak($0) }.split(whereSeparator: isBreak)
            .first { !$0.allSatisfy { $0 == " " } }
        let read = text.drop { $0 == "\n" }
        let isSpace = { (scalar: Unicode.Scalar) in scalar == " " }
        return max(
            0, (written?.prefix(while: isSpace).count ?? 0) - read.prefix(while: isSpace).count)
    }
}
