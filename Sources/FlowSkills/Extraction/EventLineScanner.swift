/// Finds the members of an event in a line of JSON without making a value of it.
///
/// The grammar of RFC 8259 is checked on the way. Members may stand at top level or in `data`; of
/// two with one meaning the first holds.
struct EventLineScanner {
    /// What members mean, whatever they are called.
    enum Field: Int, CaseIterable {
        case run, number, time, type, name, agent, node, status, success, error, duration, seconds
        case cost, arguments, output, outputRef, data, spans, path
    }

    struct Failure: Error {
        /// What is wrong, in words; `offset` bytes from the start of the line.
        let message: String
        let offset: Int
    }

    /// Where each field's value stands in the line, by `Field`; empty: it is not there.
    private(set) var values = [Range<Int>](repeating: 0..<0, count: Field.allCases.count)
    private var at = 0
    private static let depthLimit = 512

    /// Names of members, by their first eight bytes and their length.
    private static let keys: [(head: UInt64, length: Int, field: Field)] =
        [
            ("run", .run), ("seq", .number), ("time", .time), ("type", .type), ("name", .name),
            ("agent", .agent), ("node", .node), ("data", .data), ("status", .status),
            ("arguments", .arguments), ("duration_ms", .duration), ("cost_usd", .cost),
            ("output", .output), ("output_ref", .outputRef), ("result", .status),
            ("success", .success), ("error", .error), ("run_id", .run), ("timestamp", .time),
            ("event_type", .type), ("tool_name", .name), ("agent_name", .agent),
            ("node_id", .node), ("inputs", .arguments), ("args", .arguments),
            ("outputs", .output), ("duration_seconds", .seconds), ("resourceSpans", .spans),
            ("path", .path),
        ].map { name, field in (head(Array(name.utf8)), name.utf8.count, field) }

    private static func head(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    subscript(field: Field) -> Range<Int> { values[field.rawValue] }

    /// Reads one object that fills the line.
    mutating func scan(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
        for place in values.indices { values[place] = 0..<0 }
        at = 0
        blanks(line)
        guard at < line.count, line[at] == UInt8(ascii: "{") else {
            throw failure("an event is a JSON object")
        }
        try object(line, depth: 0, isEvent: true)
        blanks(line)
        guard at == line.count else { throw failure("text after the end of the object") }
        let data = self[.data]
        if !data.isEmpty, line[data.lowerBound] == UInt8(ascii: "{") {
            at = data.lowerBound
            try object(line, depth: 1, isEvent: true)
        }
    }

    private func failure(_ message: String) -> Failure { Failure(message: message, offset: at) }

    private mutating func blanks(_ line: UnsafeBufferPointer<UInt8>) {
        while at < line.count {
            let byte = line[at]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return }
            at += 1
        }
    }

    private mutating func object(
        _ line: UnsafeBufferPointer<UInt8>, depth: Int, isEvent: Bool
    ) throws(Failure) {
        guard depth < Self.depthLimit else { throw failure("nested too deep") }
        at += 1
        blanks(line)
        if at < line.count, line[at] == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            blanks(line)
            guard at < line.count, line[at] == UInt8(ascii: "\"") else {
                throw failure("expected a key in quotes")
            }
            let key = try string(line)
            blanks(line)
            guard at < line.count, line[at] == UInt8(ascii: ":") else {
                throw failure("expected ':' after the key")
            }
            at += 1
            blanks(line)
            let start = at
            try value(line, depth: depth + 1)
            if isEvent { note(line, key, start..<at) }
            blanks(line)
            guard at < line.count else { throw failure("the object has no end") }
            if line[at] == UInt8(ascii: ",") {
                at += 1
            } else if line[at] == UInt8(ascii: "}") {
                at += 1
                return
            } else {
                throw failure("expected ',' or '}'")
            }
        }
    }

    /// Notes a member whose meaning is known; `null` says nothing.
    private mutating func note(
        _ line: UnsafeBufferPointer<UInt8>, _ key: Range<Int>, _ value: Range<Int>
    ) {
        guard line[value.lowerBound] != UInt8(ascii: "n") else { return }
        var head: UInt64 = 0
        for place in key.prefix(8) { head = head << 8 | UInt64(line[place]) }
        for known in Self.keys where known.head == head && known.length == key.count {
            if values[known.field.rawValue].isEmpty { values[known.field.rawValue] = value }
            return
        }
    }

    private mutating func value(_ line: UnsafeBufferPointer<UInt8>, depth: Int) throws(Failure) {
        guard at < line.count else { throw failure("the line ends where a value should be") }
        switch line[at] {
        case UInt8(ascii: "\""): _ = try string(line)
        case UInt8(ascii: "{"): try object(line, depth: depth, isEvent: false)
        case UInt8(ascii: "["): try array(line, depth: depth)
        case UInt8(ascii: "t"): try word(line, "true")
        case UInt8(ascii: "f"): try word(line, "false")
        case UInt8(ascii: "n"): try word(line, "null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(line)
        default: throw failure("no value begins so")
        }
    }

    private mutating func array(_ line: UnsafeBufferPointer<UInt8>, depth: Int) throws(Failure) {
        guard depth < Self.depthLimit else { throw failure("nested too deep") }
        at += 1
        blanks(line)
        if at < line.count, line[at] == UInt8(ascii: "]") {
            at += 1
            return
        }
        while true {
            blanks(line)
            try value(line, depth: depth + 1)
            blanks(line)
            guard at < line.count else { throw failure("the array has no end") }
            if line[at] == UInt8(ascii: ",") {
                at += 1
            } else if line[at] == UInt8(ascii: "]") {
                at += 1
                return
            } else {
                throw failure("expected ',' or ']'")
            }
        }
    }

    private mutating func word(
        _ line: UnsafeBufferPointer<UInt8>, _ word: StaticString
    ) throws(Failure) {
        let end = at + word.utf8CodeUnitCount
        let matches =
            end <= line.count
            && word.withUTF8Buffer { letters in line[at..<end].elementsEqual(letters) }
        guard matches else { throw failure("expected '\(word)'") }
        at = end
    }

    private mutating func digits(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
        let start = at
        while at < line.count, line[at] &- 0x30 < 10 { at += 1 }
        if at == start { throw failure("expected a digit") }
    }

    private mutating func number(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
        if line[at] == UInt8(ascii: "-") { at += 1 }
        let whole = at
        try digits(line)
        if line[whole] == UInt8(ascii: "0"), at > whole + 1 {
            throw failure("a number has no leading zeros")
        }
        if at < line.count, line[at] == UInt8(ascii: ".") {
            at += 1
            try digits(line)
        }
        if at < line.count, line[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < line.count, line[at] == UInt8(ascii: "+") || line[at] == UInt8(ascii: "-") {
                at += 1
            }
            try digits(line)
        }
    }

    /// Passes over a string; gives what stands between its quotes.
    private mutating func string(
        _ line: UnsafeBufferPointer<UInt8>
    ) throws(Failure) -> Range<Int> {
        at += 1
        let start = at
        while at < line.count {
            let byte = line[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return start..<(at - 1)
            }
            if byte == UInt8(ascii: "\\") {
                at += 1
                try escape(line)
            } else if byte < 0x20 {
                throw failure("a control character in a string is not escaped")
            } else {
                at += 1
            }
        }
        throw failure("the string has no closing quote")
    }

    private mutating func escape(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
        guard at < line.count else { throw failure("the line ends inside an escape") }
        switch line[at] {
        case UInt8(ascii: "u"):
            guard at + 4 < line.count,
                line[(at + 1)...(at + 4)].allSatisfy({ byte in
                    byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
                })
            else { throw failure("expected four hexadecimal digits after '\\u'") }
            at += 5
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        default: throw failure("no such escape")
        }
    }
}
