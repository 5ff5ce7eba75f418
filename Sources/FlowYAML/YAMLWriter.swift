internal import FlowJSON

/// Lays values out, two blanks a level. What it writes never ends with a newline.
struct YAMLWriter {
    private(set) var text = ""
    /// libyaml and PyYAML look for the ':' of a key within 1,024 characters.
    private static let longestKey = 1_000
    private static let longestList = 60

    /// A value where the line has been begun at column `indent`.
    mutating func value(_ value: JSON, indent: Int) {
        if let inline = Self.inline(value) {
            text += inline
        } else if case .string(let string) = value {
            // A literal below a dash or a key stands two columns further in.
            literal(string, indent: indent)
        } else {
            block(value, indent: indent)
        }
    }

    /// The members or elements of a collection that is not empty.
    mutating func block(_ value: JSON, indent: Int) {
        var isFirst = true
        func begin(_ writer: inout YAMLWriter) {
            if !isFirst { writer.line(indent) }
            isFirst = false
        }
        switch value {
        case .array(let elements):
            for element in elements {
                begin(&self)
                self.element(element, indent: indent)
            }
        case .object(let object):
            for (key, value) in object.members {
                begin(&self)
                member(key, value, indent: indent)
            }
        default: break
        }
    }

    /// `- value` with the dash at column `indent`.
    mutating func element(_ value: JSON, indent: Int) {
        text += "- "
        if Self.inline(value) == nil, case .string(let string) = value {
            literal(string, indent: indent)
        } else {
            self.value(value, indent: indent + 2)
        }
    }

    /// `key: value` with the key at column `indent`.
    mutating func member(_ key: String, _ value: JSON, indent: Int) {
        text += Self.key(key, inFlow: false) ?? explicitKey(key, indent: indent)
        text += ":"
        memberValue(value, indent: indent)
    }

    /// What follows the colon of a key at column `indent`.
    mutating func memberValue(_ value: JSON, indent: Int) {
        if let inline = Self.inline(value) {
            text += " " + inline
        } else if case .string(let string) = value {
            text += " "
            literal(string, indent: indent)
        } else {
            line(indent + 2)
            block(value, indent: indent + 2)
        }
    }

    private func explicitKey(_ key: String, indent: Int) -> String {
        "? " + YAMLText.doubleQuoted(key) + "\n" + String(repeating: " ", count: indent)
    }

    private mutating func line(_ indent: Int) {
        text += "\n" + String(repeating: " ", count: indent)
    }

    private mutating func literal(_ string: String, indent: Int) {
        let lines = string.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        let endsWithBreak = lines.last?.isEmpty == true
        text += endsWithBreak ? "|" : "|-"
        for piece in endsWithBreak ? lines.dropLast() : lines[...] {
            text += "\n"
            if piece.isEmpty { continue }
            text += String(repeating: " ", count: indent + 2) + (String(piece) ?? "")
        }
    }
}

extension YAMLWriter {
    /// The value on one line in block context; nil for what takes several lines there.
    static func inline(_ value: JSON) -> String? {
        switch value {
        case .string(let string):
            if isLiteral(string) { return nil }
            return self.string(string, inFlow: false)
        case .array(let elements):
            if elements.isEmpty { return "[]" }
            let text = flow(value)
            let isShort = text.utf8.count <= longestList && elements.allSatisfy(isSimple)
            return isShort ? text : nil
        case .object(let object): return object.isEmpty ? "{}" : nil
        default: return flow(value)
        }
    }

    /// The value on one line, as it may stand in brackets and anywhere else.
    static func flow(_ value: JSON) -> String {
        switch value {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .double(let value): return YAMLText.number(value)
        case .string(let string): return self.string(string, inFlow: true)
        case .array(let elements): return "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .object(let object):
            let members = object.members.map { flowMember($0, $1) }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }

    /// `key: value` in braces.
    static func flowMember(_ key: String, _ value: JSON) -> String {
        (self.key(key, inFlow: true) ?? "? " + YAMLText.doubleQuoted(key) + " ") + ": "
            + flow(value)
    }

    /// One line for any scalar.
    static func string(_ string: String, inFlow: Bool) -> String {
        YAMLPlain.isSafe(string, inFlow: inFlow) ? string : YAMLText.doubleQuoted(string)
    }

    /// Nil for a key too long to be found by its colon.
    private static func key(_ key: String, inFlow: Bool) -> String? {
        let text = string(key, inFlow: inFlow)
        return text.unicodeScalars.count > longestKey ? nil : text
    }

    private static func isSimple(_ value: JSON) -> Bool {
        switch value {
        case .string(let string): YAMLPlain.isWord(string)
        case .array, .object: false
        default: true
        }
    }

    /// Whether the text has several lines and every reader gives them back from a literal block:
    /// no blank begins the first or ends any line, one line break at most ends the last.
    private static func isLiteral(_ string: String) -> Bool {
        guard string.utf8.contains(0x0A) else { return false }
        var previous: Unicode.Scalar?
        var isBlankLine = false
        for scalar in string.unicodeScalars {
            if scalar == "\n" {
                guard let previous, previous != " " else { return false }
                isBlankLine = previous == "\n"
            } else if !YAMLText.isPrintable(scalar) || previous == nil && scalar == " " {
                return false
            }
            previous = scalar
        }
        return previous != " " && !(previous == "\n" && isBlankLine)
    }
}
