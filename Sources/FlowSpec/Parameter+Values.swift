package import FlowJSON
internal import FlowText

/// Why a value is not one that a parameter takes: `takes a whole number, not the text 'x'`.
package struct ValueMistake: Error, Hashable, CustomStringConvertible {
    /// A sentence without its subject, which is the parameter's name.
    package let message: String
    package var description: String { message }
}

extension Parameter {
    /// The value in its one form (a duration in seconds, a whole number as `integer`), checked
    /// against type, `enum`, `minimum`, `maximum`, `pattern` and `items`.
    ///
    /// - Parameter coercing: whether text may stand for the number, boolean or duration that it
    ///   shows and these for text, as values from expressions do.
    package func checked(_ value: JSON, coercing: Bool = false) throws(ValueMistake) -> JSON {
        let value = try kind.converted(value, coercing: coercing)
        if let items, case .array(let elements) = value {
            var converted: [JSON] = []
            for (place, element) in elements.enumerated() {
                do throws(ValueMistake) {
                    converted.append(try items.converted(element, coercing: coercing))
                } catch {
                    throw ValueMistake(message: "element \(place + 1) \(error.message)")
                }
            }
            try checkRules(.array(converted))
            return .array(converted)
        }
        try checkRules(value)
        return value
    }

    /// The value that a text on a command line stands for, by the declared type: lists and objects
    /// are written as JSON.
    package func parsed(_ text: String) throws(ValueMistake) -> JSON {
        switch kind {
        case .string: return try checked(.string(text))
        case .array, .object:
            guard let value = try? JSON.read(text) else {
                let example = kind == .array ? #"["a", "b"]"# : #"{"a": 1}"#
                throw ValueMistake(
                    message: "takes JSON such as \(example), not \(VisibleText.quoted(text))")
            }
            return try checked(value)
        case .integer, .number, .boolean, .duration:
            return try checked(.string(text), coercing: true)
        case .any: return try checked((try? JSON.read(text)) ?? .string(text))
        }
    }

    private func checkRules(_ value: JSON) throws(ValueMistake) {
        if let allowed, !allowed.contains(where: { $0.canonical == value.canonical }) {
            let names = allowed.map { shown($0) }
            let hint = value.stringValue.map { text in
                Nearest.hint(text, among: allowed.compactMap(\.stringValue))
            }
            throw ValueMistake(
                message: "takes one of \(names.joined(separator: ", ")), not \(shown(value))"
                    + (hint ?? ""))
        }
        if let number = value.doubleValue {
            if let minimum, number < minimum {
                throw ValueMistake(
                    message: "must be at least \(shown(.number(minimum))), not \(shown(value))")
            }
            if let maximum, number > maximum {
                throw ValueMistake(
                    message: "must be at most \(shown(.number(maximum))), not \(shown(value))")
            }
        }
        if let pattern, case .string(let text) = value, let regex = try? LinearRegex(pattern),
            !regex.matches(text)
        {
            throw ValueMistake(
                message:
                    "must match \(VisibleText.quoted(pattern)), which \(VisibleText.quoted(text)) "
                    + "does not")
        }
    }

    private func shown(_ value: JSON) -> String {
        if let text = value.stringValue { return VisibleText.quoted(text) }
        return value.text() + (kind == .duration ? " s" : "")
    }
}

extension Parameter.Kind {
    /// With its article, for messages.
    var described: String {
        switch self {
        case .string: "text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .duration: "a length of time such as 90s, 10m or 7d"
        case .array: "a list"
        case .object: "a mapping"
        case .any: "any value but null"
        }
    }

    func converted(_ value: JSON, coercing: Bool) throws(ValueMistake) -> JSON {
        switch (self, value) {
        case (.string, .string), (.boolean, .bool), (.array, .array), (.object, .object),
            (.integer, .integer), (.number, .integer):
            return value
        case (.any, _) where !value.isNull: return value
        case (.integer, .double): if let whole = value.intValue { return .integer(whole) }
        case (.number, .double(let number)): if number.isFinite { return value }
        case (.duration, .string(let text)):
            if let seconds = DurationText.seconds(text) { return .number(seconds) }
            if coercing, case let number = ExpressionNumber.parse(text), number >= 0, !text.isEmpty,
                number.isFinite
            {
                return .number(number)
            }
        case (.duration, .integer), (.duration, .double):
            if let seconds = value.doubleValue, seconds >= 0, seconds.isFinite { return value }
        case (_, .string(let text)) where coercing:
            if let read = coerced(text) { return read }
        case (.string, .bool), (.string, .integer), (.string, .double):
            if coercing { return .string(value.expressionText) }
            throw ValueMistake(message: "takes text, not \(value.described); quote it")
        default: break
        }
        throw ValueMistake(message: "takes \(described), not \(value.described)")
    }

    /// The value that a text shows.
    private func coerced(_ text: String) -> JSON? {
        switch self {
        case .integer: Int(text).map(JSON.integer)
        case .number: (try? JSON.read(text)).flatMap { $0.doubleValue == nil ? nil : $0 }
        case .boolean: text == "true" ? true : text == "false" ? false : nil
        case .string, .duration, .array, .object, .any: nil
        }
    }
}
