internal import FlowJSON
internal import FlowSystem
internal import FlowYAML
internal import FlowText

/// Reads the members of YAML mappings and notes every mistake at its place, so that a person sees
/// all of them at once.
struct Fields {
    let path: String
    private(set) var mistakes: [Mistake] = []

    init(path: String) { self.path = path }

    mutating func mistake(_ message: String, at node: YAMLNode?) {
        mistakes.append(
            Mistake(
                path: path, line: node?.start.line ?? 1, column: node?.start.column ?? 1,
                message: message))
    }

    mutating func mistake(_ error: YAMLError) {
        mistakes.append(
            Mistake(
                path: path, line: error.mark.line, column: error.mark.column,
                message: error.message))
    }

    /// The members by key; names each unknown key and the nearest known one, or those that there are.
    mutating func mapping(_ node: YAMLNode, _ what: String, known: [String]) -> [String: YAMLNode]?
    {
        guard let members = node.mapping else {
            mistake("\(what) must be a mapping" + Self.list(known, " of "), at: node)
            return nil
        }
        var result: [String: YAMLNode] = [:]
        for (key, value) in members {
            let name = key.scalar?.text ?? ""
            result[name] = value
            if !known.contains(name) {
                let hint = Nearest.hint(name, among: known)
                mistake(
                    "unknown key \"\(VisibleText.safe(name))\" in \(what)"
                        + (hint.isEmpty ? Self.list(known, "; there are ") : hint), at: key)
            }
        }
        return result
    }

    private static func list(_ names: [String], _ words: String) -> String {
        names.isEmpty ? "" : words + names.joined(separator: ", ")
    }

    /// The member, or a mistake at the mapping that lacks it.
    /// - Parameter what: What messages call the mapping; empty for the document itself.
    mutating func required(
        _ key: String, _ fields: [String: YAMLNode], in node: YAMLNode, _ what: String = ""
    ) -> YAMLNode? {
        if let value = fields[key] { return value }
        mistake("\(what.isEmpty ? key : "\(what).\(key)") is missing", at: node)
        return nil
    }

    /// A scalar's text; numbers and dates count as text too, null does not.
    mutating func text(_ node: YAMLNode, _ what: String) -> String? {
        guard let scalar = node.scalar, !isNull(node) else {
            mistake("\(what) must be text", at: node)
            return nil
        }
        return scalar.text
    }

    mutating func texts(_ node: YAMLNode, _ what: String) -> [String] {
        guard let elements = node.sequence else {
            mistake("\(what) must be a list of texts", at: node)
            return []
        }
        return elements.enumerated().compactMap { place, element in
            text(element, "\(what)[\(place)]")
        }
    }

    /// One of the cases of an enumeration; a mistake names them all and the nearest.
    mutating func choice<Choice>(_ node: YAMLNode, _ what: String, _: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(node, what) else { return nil }
        if let value = Choice(rawValue: text) { return value }
        let names = Choice.allCases.map(\.rawValue)
        mistake(
            "\(what) is \"\(VisibleText.safe(text))\"; it must be one of "
                + names.joined(separator: ", "), at: node)
        return nil
    }

    mutating func number(_ node: YAMLNode, _ what: String, in range: ClosedRange<Double>)
        -> Double?
    {
        guard let value = (try? node.json)?.doubleValue, range.contains(value) else {
            let limits =
                range.upperBound.isFinite
                ? "from \(JSON.number(range.lowerBound).text()) to "
                    + JSON.number(range.upperBound).text()
                : "of at least \(JSON.number(range.lowerBound).text())"
            mistake("\(what) must be a number \(limits)", at: node)
            return nil
        }
        return value
    }

    mutating func count(_ node: YAMLNode, _ what: String) -> Int? {
        guard let value = (try? node.json)?.intValue, value >= 0 else {
            mistake("\(what) must be a whole number of at least 0", at: node)
            return nil
        }
        return value
    }

    mutating func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        guard let value = (try? node.json)?.boolValue else {
            mistake("\(what) must be true or false", at: node)
            return nil
        }
        return value
    }

    /// A moment, or nil for null and for a mistake.
    mutating func time(_ node: YAMLNode, _ what: String) -> Timestamp? {
        if isNull(node) { return nil }
        guard let text = node.scalar?.text, let time = Timestamp(text) else {
            mistake("\(what) must be null or a time like 2025-11-07T12:00:00Z", at: node)
            return nil
        }
        return time
    }

    /// Any value as JSON.
    mutating func json(_ node: YAMLNode) -> JSON {
        do throws(YAMLError) {
            return try node.json
        } catch {
            mistake(error)
            return .null
        }
    }

    func isNull(_ node: YAMLNode) -> Bool { (try? node.json)?.isNull ?? false }
}
