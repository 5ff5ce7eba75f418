internal import FlowJSON
internal import FlowText

/// A training example as one row of a table: the members of `input` and `metrics` are columns of
/// their own, lists and objects are JSON.
enum FlatExample {
    private enum Shape {
        case text, number, flag, list, object
    }

    /// In the order of the columns; `other` holds the members that flow does not know.
    private static let columns: [(name: String, group: String?, shape: Shape)] = [
        ("id", nil, .text), ("source", nil, .text), ("kind", nil, .text), ("task", nil, .text),
        ("error_pattern", "input", .text), ("component", "input", .text),
        ("context", "input", .text), ("output", nil, .object), ("hits_7d", "metrics", .number),
        ("hits_30d", "metrics", .number), ("impact_score", "metrics", .number),
        ("confidence", "metrics", .number), ("fingerprint", nil, .text), ("tags", nil, .list),
        ("timestamp", nil, .text), ("approved_at", nil, .text), ("description", nil, .text),
        ("examples", nil, .list), ("split", nil, .text), ("label", nil, .text),
        ("state", nil, .text), ("corrected", nil, .flag), ("weight", nil, .number),
        ("other", nil, .object),
    ]

    static var head: [String] { columns.map(\.name) }

    static func row(_ example: TrainingExample) -> [String] {
        let json = example.json
        return columns.map { column in
            let value =
                column.name == "other"
                ? JSON.object(example.other)
                : column.group.map { json[$0]?[column.name] } ?? json[column.name]
            return switch value {
            case .none, .null?: ""
            case .string(let text)?: text
            case .object(let object)? where object.isEmpty: ""
            case .array(let elements)? where elements.isEmpty: ""
            case let value?: value.text()
            }
        }
    }

    /// The object of a row; empty cells say nothing. A cell of a list that is not JSON is its only
    /// element.
    /// - Throws: a sentence that names the cell that is not what its column holds.
    static func object(_ head: [String], _ row: [String]) throws(LineMistake) -> JSONObject {
        var object = JSONObject()
        for (name, cell) in try TableRow.cells(row, under: head) {
            let shape = columns.first { $0.name == name }?.shape ?? .text
            let value = try value(cell, shape, name)
            guard name == "other" else {
                object[name] = value
                continue
            }
            for (key, value) in (value.objectValue ?? [:]).members { object[key] = value }
        }
        return object
    }

    private static func value(_ cell: String, _ shape: Shape, _ name: String)
        throws(LineMistake) -> JSON
    {
        let json = try? JSON.read(Array(cell.utf8))
        switch shape {
        case .text: return .string(cell)
        case .number:
            guard let json, json.doubleValue != nil else {
                throw LineMistake(
                    "'\(name)' should be a number, not \(VisibleText.quoted(cell))")
            }
            return json
        case .flag:
            guard let json, json.boolValue != nil else {
                throw LineMistake(
                    "'\(name)' should be true or false, not \(VisibleText.quoted(cell))")
            }
            return json
        case .list:
            guard let json, json.arrayValue != nil else { return [.string(cell)] }
            return json
        case .object:
            guard let json, json.objectValue != nil else {
                throw LineMistake(
                    "'\(name)' should be a JSON object, not \(VisibleText.quoted(cell))")
            }
            return json
        }
    }

    /// An object in which what a row has at its top stands where a line of the dataset has it: the
    /// members of `input` and `metrics` in them, a `text` among the `examples`.
    static func nested(_ flat: JSONObject) throws(LineMistake) -> JSONObject {
        var result = JSONObject()
        var groups: [String: JSONObject] = [:]
        for (key, value) in flat.members {
            if let group = columns.first(where: { $0.name == key })?.group {
                groups[group, default: JSONObject()][key] = value
            } else {
                result[key] = value
            }
        }
        for (group, members) in groups {
            var object = try MemberReader(object: result).object(group)
            for (key, value) in members.members where object[key] == nil { object[key] = value }
            result[group] = .object(object)
        }
        let reader = MemberReader(object: result)
        let text = try reader.string("text")
        if !text.isEmpty {
            let others = try reader.strings("examples").filter { $0 != text }
            result["examples"] = .array(([text] + others).map(JSON.string))
        }
        return JSONObject(result.members.filter { $0.0 != "text" })
    }
}
