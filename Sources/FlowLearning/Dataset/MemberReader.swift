internal import FlowJSON
internal import FlowSystem

/// What is wrong with one line, in words; the reader of the file adds the line's number.
struct LineMistake: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

func article(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .array, .object, .integer: "an \(value.typeName)"
    default: "a \(value.typeName)"
    }
}

/// Typed members of one JSON object; a missing one and null are the same.
struct MemberReader {
    let object: JSONObject
    /// Before each name in messages: `metrics.`.
    var path = ""

    private func present(_ key: String) -> JSON? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    private func mistake(_ key: String, _ expected: String, _ value: JSON) -> LineMistake {
        LineMistake("'\(path)\(key)' should be \(expected), not \(article(value))")
    }

    /// A text that must be there and not be empty.
    func name(_ key: String) throws(LineMistake) -> String {
        let text = try string(key)
        guard !text.isEmpty else { throw LineMistake("'\(path)\(key)' is missing or empty") }
        return text
    }

    func string(_ key: String, default other: String = "") throws(LineMistake) -> String {
        guard let value = present(key) else { return other }
        guard let text = value.stringValue else { throw mistake(key, "a string", value) }
        return text
    }

    func strings(_ key: String) throws(LineMistake) -> [String] {
        guard let value = present(key) else { return [] }
        let texts = value.arrayValue?.map(\.stringValue)
        guard let texts, texts.allSatisfy({ $0 != nil }) else {
            throw mistake(key, "a list of strings", value)
        }
        return texts.compactMap(\.self)
    }

    func object(_ key: String) throws(LineMistake) -> JSONObject {
        guard let value = present(key) else { return JSONObject() }
        guard let object = value.objectValue else { throw mistake(key, "an object", value) }
        return object
    }

    func objects(_ key: String) throws(LineMistake) -> [JSONObject] {
        guard let value = present(key) else { return [] }
        let objects = value.arrayValue?.map(\.objectValue)
        guard let objects, objects.allSatisfy({ $0 != nil }) else {
            throw mistake(key, "a list of objects", value)
        }
        return objects.compactMap(\.self)
    }

    func count(_ key: String) throws(LineMistake) -> Int? {
        guard let value = present(key) else { return nil }
        guard let count = value.intValue, count >= 0 else {
            throw mistake(key, "a whole number from 0", value)
        }
        return count
    }

    func number(_ key: String) throws(LineMistake) -> Double? {
        guard let value = present(key) else { return nil }
        guard let number = value.doubleValue else { throw mistake(key, "a number", value) }
        return number
    }

    func flag(_ key: String) throws(LineMistake) -> Bool {
        guard let value = present(key) else { return false }
        guard let flag = value.boolValue else { throw mistake(key, "true or false", value) }
        return flag
    }

    /// How much a text counts; nil where nothing says so.
    func weight(_ key: String) throws(LineMistake) -> Double? {
        guard let weight = try number(key) else { return nil }
        guard weight.isFinite, weight > 0, weight <= 1e6 else {
            throw LineMistake("'\(path)\(key)' should be above 0 and at most 1000000")
        }
        return weight
    }

    /// What a model should answer; not longer than a name is.
    func label(default other: String = "") throws(LineMistake) -> String {
        let label = try string("label", default: other)
        let count = label.unicodeScalars.count
        guard count <= TrainingExample.longestLabel else {
            throw LineMistake(
                "'\(path)label' has \(count) characters; at most \(TrainingExample.longestLabel)"
                    + " make a name")
        }
        return label
    }

    func timestamp(_ key: String) throws(LineMistake) -> Timestamp? {
        guard let value = present(key) else { return nil }
        guard let time = value.stringValue.flatMap({ Timestamp($0) }) else {
            throw mistake(key, "a time such as 2026-11-20T02:00:00Z", value)
        }
        return time
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, default other: Word
    ) throws(LineMistake) -> Word {
        guard let value = present(key) else { return other }
        guard let word = value.stringValue.flatMap(Word.init(rawValue:)) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw LineMistake("'\(path)\(key)' should be one of \(words)")
        }
        return word
    }
}
