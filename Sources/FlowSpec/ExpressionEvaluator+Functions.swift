internal import FlowJSON

extension ExpressionEvaluator {
    mutating func call(_ function: ExpressionFunction, _ arguments: [ExpressionTree])
        throws(ExpressionError) -> ExpressionValue
    {
        switch function {
        case .choice: return try choice(arguments)
        case .success: return try status(function, \.success)
        case .failure: return try status(function, \.failure)
        case .cancelled: return try status(function, \.cancelled)
        case .always:
            _ = try status(function, \.success)
            return ExpressionValue(true)
        default: break
        }
        var values: [ExpressionValue] = []
        for argument in arguments { values.append(try value(of: argument)) }
        switch function {
        case .contains: return ExpressionValue(.bool(contains(values[0], values[1])))
        case .startsWith: return ExpressionValue(.bool(primitives(values, FoldedText.starts)))
        case .endsWith: return ExpressionValue(.bool(primitives(values, FoldedText.ends)))
        case .format: return ExpressionValue(.string(try format(values)))
        case .join: return ExpressionValue(.string(try join(values)))
        case .toJSON: return ExpressionValue(.string(try jsonText(values[0].json)))
        case .fromJSON: return try fromJSON(values[0].text)
        case .hashFiles: return try hashFiles(values)
        case .choice, .success, .failure, .cancelled, .always: return ExpressionValue(.null)
        }
    }

    private func status(
        _ function: ExpressionFunction, _ answer: KeyPath<EvaluationContext.Status, Bool>
    ) throws(ExpressionError) -> ExpressionValue {
        guard let status = context.status else {
            throw .evaluation("Unrecognized function: '\(function.rawValue)'")
        }
        try refuseUnknown(function)
        return ExpressionValue(.bool(status[keyPath: answer]))
    }

    /// The value of the first predicate that is true; the others are not evaluated.
    private mutating func choice(_ arguments: [ExpressionTree]) throws(ExpressionError)
        -> ExpressionValue
    {
        var at = 0
        while at + 1 < arguments.count {
            guard case .bool(let holds) = try value(of: arguments[at]).json else {
                throw .evaluation("case predicate must evaluate to a boolean value")
            }
            if holds { return try value(of: arguments[at + 1]) }
            at += 2
        }
        return try value(of: arguments[at])
    }

    private func contains(_ search: ExpressionValue, _ item: ExpressionValue) -> Bool {
        if case .array(let elements) = search.json {
            return elements.contains { item.equals(ExpressionValue($0)) }
        }
        return search.isPrimitive && item.isPrimitive
            && FoldedText.contains(search.text, item.text)
    }

    private func primitives(_ values: [ExpressionValue], _ test: (String, String) -> Bool) -> Bool {
        values.allSatisfy(\.isPrimitive) && test(values[0].text, values[1].text)
    }

    private mutating func join(_ values: [ExpressionValue]) throws(ExpressionError) -> String {
        guard case .array(let items) = values[0].json else {
            return values[0].isPrimitive ? values[0].text : ""
        }
        let separator = values.count > 1 && values[1].isPrimitive ? values[1].text : ","
        var result = ""
        for (place, item) in items.enumerated() {
            let text = ExpressionValue(item).text
            try take(text.utf8.count + (place > 0 ? separator.utf8.count : 0))
            if place > 0 { result += separator }
            result += text
        }
        return result
    }

    private mutating func fromJSON(_ text: String) throws(ExpressionError) -> ExpressionValue {
        let doing = "Error parsing JSON when evaluating fromJson"
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw .evaluation("\(doing): empty input")
        }
        try take(text.utf8.count)
        do throws(JSONError) {
            return fresh(try JSON.read(text))
        } catch {
            throw .evaluation("\(doing): \(error)")
        }
    }

    private func refuseUnknown(_ function: ExpressionFunction) throws(ExpressionError) {
        guard context.unknown.contains([function.rawValue]) else { return }
        throw ExpressionError(kind: .unknown, message: "\(function.rawValue)()")
    }

    private func hashFiles(_ patterns: [ExpressionValue]) throws(ExpressionError)
        -> ExpressionValue
    {
        try refuseUnknown(.hashFiles)
        guard let hash = context.hashFiles else {
            throw .evaluation("Unrecognized function: 'hashFiles'")
        }
        return ExpressionValue(.string(hash(patterns.map(\.text))))
    }
}

extension ExpressionEvaluator {
    /// Replaces `{0}` by the first value after the format; `{{` and `}}` stand for braces.
    private mutating func format(_ values: [ExpressionValue]) throws(ExpressionError) -> String {
        let text = values[0].text
        let format = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < format.count {
            let byte = format[at]
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                result.append(byte)
                at += 1
                continue
            }
            if at + 1 < format.count, format[at + 1] == byte {
                result.append(byte)
                at += 2
                continue
            }
            guard byte == UInt8(ascii: "{"), let hole = Self.hole(format, at) else {
                throw .evaluation("The following format string is invalid: \(text)")
            }
            guard hole.number + 1 < values.count else {
                throw .evaluation(
                    "The following format string references more arguments than were supplied: "
                        + text)
            }
            let value = values[hole.number + 1]
            if !hole.specifiers.isEmpty {
                throw .evaluation(
                    "The format specifiers '\(hole.specifiers)' are not valid for objects of type "
                        + "'\(value.kind)'")
            }
            let piece = value.text
            try take(piece.utf8.count)
            result += Array(piece.utf8)
            at = hole.end
        }
        try take(format.count)
        return String(decoding: result, as: UTF8.self)
    }

    /// `{0}` or `{0:specifiers}` that begins at `at`.
    private static func hole(_ format: [UInt8], _ at: Int)
        -> (number: Int, specifiers: String, end: Int)?
    {
        let digits = format[(at + 1)...].prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard let number = UInt8(String(decoding: digits, as: UTF8.self)),
            digits.endIndex < format.count
        else { return nil }
        var end = digits.endIndex
        if format[end] == UInt8(ascii: "}") { return (Int(number), "", end + 1) }
        guard format[end] == UInt8(ascii: ":") else { return nil }
        var specifiers: [UInt8] = []
        end += 1
        while end < format.count {
            if format[end] == UInt8(ascii: "}") {
                end += 1
                guard end < format.count, format[end] == UInt8(ascii: "}") else {
                    return (Int(number), String(decoding: specifiers, as: UTF8.self), end)
                }
            }
            specifiers.append(format[end])
            end += 1
        }
        return nil
    }
}

extension ExpressionEvaluator {
    /// JSON with two blanks a level; numbers as they are inside text.
    private mutating func jsonText(_ value: JSON) throws(ExpressionError) -> String {
        var result = ""
        try write(value, level: 0, to: &result)
        return result
    }

    private mutating func write(_ value: JSON, level: Int, to result: inout String)
        throws(ExpressionError)
    {
        let before = result.utf8.count
        let line = "\n" + String(repeating: " ", count: 2 * level)
        switch value {
        case .array(let items) where !items.isEmpty:
            try take(items.count * (line.utf8.count + 3))
            result += "["
            for (place, item) in items.enumerated() {
                result += (place > 0 ? "," : "") + line + "  "
                try write(item, level: level + 1, to: &result)
            }
            result += line + "]"
        case .object(let object) where !object.isEmpty:
            result += "{"
            for (place, member) in object.members.enumerated() {
                let key = JSON.string(member.0).text()
                result += (place > 0 ? "," : "") + line + "  " + key + ": "
                try take(key.utf8.count + line.utf8.count + 5)
                try write(member.1, level: level + 1, to: &result)
            }
            result += line + "}"
        case .integer, .double:
            result += ExpressionValue(value).text
            try take(result.utf8.count - before)
        default:
            result += value.text()
            try take(result.utf8.count - before)
        }
    }
}
