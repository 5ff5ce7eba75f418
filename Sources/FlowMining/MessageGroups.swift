/// Texts that are one message a line, and the groups they fall into: grouping without records, for
/// whoever wants to see what it makes of a log.
///
/// Keeps one key a masked message and four bytes a line.
package struct MessageGroups: Sendable {
    /// Messages with one template.
    package struct Group: Sendable, Hashable {
        /// The fingerprint of the template alone, without type and component.
        package let fingerprint: Fingerprint
        package let template: String
        /// Lines in it.
        package var count: Int
        /// The first line in it, from 1.
        package let first: Int
    }

    private var lexer = MessageLexer(quotes: .weak)
    private var cutter: LineCutter
    private var numbers: [MessageKey: Int32] = [:]
    private var lines: [Int32] = []
    /// Lines longer than `longestLine` bytes, of which the rest was left out.
    package private(set) var cut = 0
    package static let longestLine = 1 << 20

    private let masks: MessageMasks

    package init(masks: MessageMasks = MessageMasks()) {
        self.masks = masks
        cutter = LineCutter(limit: Self.longestLine, offset: 0)
    }

    /// Takes a chunk of the text in; chunks may end anywhere.
    package mutating func read(_ chunk: [UInt8]) { takeLines { $0.read(chunk[...], $1) } }

    /// Takes in the last line, where no newline ends it.
    package mutating func finish() { takeLines { $0.finish($1) } }

    private mutating func takeLines(_ read: (inout LineCutter, (LineCutter.Line) -> Void) -> Void) {
        var cutter = self.cutter
        read(&cutter) { line in
            if line.lost > 0 { cut += 1 }
            let key = key(line.bytes)
            let next = Int32(numbers.count)
            let number = numbers[key, default: next]
            if number == next { numbers[key] = next }
            lines.append(number)
        }
        self.cutter = cutter
    }

    private mutating func key(_ line: ArraySlice<UInt8>) -> MessageKey {
        if !masks.isEmpty {
            // more than the lexer looks at: a match may begin within that and end beyond
            let text = String(decoding: line.prefix(2 * MessageLexer.longest), as: UTF8.self)
            if let masked = masks.masked(text) { return lexer.lex(masked).key }
        }
        return line.withUnsafeBufferPointer { lexer.lex($0).key }
    }

    /// The groups of all lines, and for each line the place of its group.
    package func groups() -> (groups: [Group], of: [Int32]) {
        let grouping = Grouping(numbers.keys)
        var groups: [Group] = []
        var places: [String: Int32] = [:]
        var ofKey = [Int32](repeating: -1, count: numbers.count)
        var templates = [String](repeating: "", count: numbers.count)
        for (key, number) in numbers { templates[Int(number)] = grouping[key]?.text ?? "" }
        var ofLine: [Int32] = []
        ofLine.reserveCapacity(lines.count)
        for (line, number) in lines.enumerated() {
            if ofKey[Int(number)] < 0 {
                let template = templates[Int(number)]
                let next = Int32(groups.count)
                let place = places[template, default: next]
                if place == next {
                    places[template] = next
                    groups.append(
                        Group(
                            fingerprint: Fingerprint(type: "", component: "", template: template),
                            template: template, count: 0, first: line + 1))
                }
                ofKey[Int(number)] = place
            }
            let place = ofKey[Int(number)]
            groups[Int(place)].count += 1
            ofLine.append(place)
        }
        return (groups, ofLine)
    }
}
