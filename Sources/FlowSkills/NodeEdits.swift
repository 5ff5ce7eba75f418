internal import FlowJSON
internal import FlowSystem
internal import FlowYAML

/// Edits of YAML nodes by their places. All nodes come from one reading of the text; a value that
/// is right already is left alone, and one that stands elsewhere (an alias, a merge) is refused.
struct NodeEdits {
    private var edits: TextEdits
    private(set) var problems: [Mistake] = []

    init(_ bytes: [UInt8]) { edits = TextEdits(bytes) }

    var isEmpty: Bool { edits.isEmpty }
    var count: Int { edits.count }
    func applied() -> [UInt8] { edits.applied() }

    /// A scalar on one line; times and fingerprints need no quotes.
    static func text(_ value: JSON, quoted: Bool = false) -> String {
        guard case .string(let text) = value else { return SkillText.flow(value) }
        if quoted { return SkillText.quoted(text) }
        if SkillName.isFingerprint(text) || Timestamp(text)?.rfc3339 == text { return text }
        return SkillText.scalar(text)
    }

    /// Gives the member `key` of a mapping a scalar or short value; a missing one is appended.
    mutating func set(_ key: String, _ value: JSON, in mapping: YAMLNode) {
        guard let (name, old) = Self.member(key, of: mapping) else {
            return insert("\(key): \(Self.text(value))", in: mapping)
        }
        if (try? old.json) == value { return }
        guard isOwn(name, old, mapping) else { return refuse(old, key) }
        if let scalar = old.scalar, !scalar.text.isEmpty || !scalar.isPlain {
            let text = Self.text(value, quoted: !scalar.isPlain)
            edits.replace(old.start.offset..<old.end.offset, with: text)
        } else {
            replaceValue(of: name, old, with: " " + Self.text(value))
        }
    }

    /// Gives the mapping `key` these members, of which missing ones are appended.
    mutating func setMapping(_ key: String, _ members: [(String, JSON)], in parent: YAMLNode) {
        var line: String { SkillText.flow(.object(JSONObject(members))) }
        guard let (name, old) = Self.member(key, of: parent) else {
            if isFlow(parent) { return insert("\(key): \(line)", in: parent) }
            let blanks = indent(of: parent)
            let lines = members.map { "\n\(blanks)  \($0): \(Self.text($1))" }
            return insert("\(key):" + lines.joined(), in: parent)
        }
        guard isOwn(name, old, parent) else { return refuse(old, key) }
        if let known = old.mapping, !known.isEmpty {
            for (key, value) in members { set(key, value, in: old) }
        } else {
            replaceValue(of: name, old, with: " " + line)
        }
    }

    /// Makes `active_guardrails` list these skills. While the same skills are listed only their
    /// changed values are written, so that members a person added stay.
    mutating func setGuardrails(_ skills: [Skill], in entry: YAMLNode) {
        let key = "active_guardrails"
        guard let (name, old) = Self.member(key, of: entry) else {
            if !skills.isEmpty {
                insert("\(key): " + CatalogText.flowGuardrails(skills), in: entry)
            }
            return
        }
        guard isOwn(name, old, entry) else { return refuse(old, key) }
        let items = old.sequence ?? []
        if items.map({ $0["skill_id"]?.scalar?.text }) == skills.map(\.id) {
            for (item, skill) in zip(items, skills) {
                for (key, value) in CatalogText.members(skill) { set(key, value, in: item) }
            }
        } else if isFlow(entry) || isFlow(old) && !items.isEmpty {
            replaceValue(of: name, old, with: " " + CatalogText.flowGuardrails(skills))
        } else if items.isEmpty {
            let block = CatalogText.guardrails(skills, indent: indent(of: entry).count + 2)
            replaceValue(of: name, old, with: "\n" + block)
        } else if skills.isEmpty {
            replaceValue(of: name, old, with: " []")
        } else {
            let column = old.start.column - 1
            let block = CatalogText.guardrails(skills, indent: column)
            edits.replace(
                old.start.offset..<old.end.offset, with: String(block.dropFirst(column)))
        }
    }

    /// Appends lines, written for an indentation of two, to the block mapping `key` of the root.
    /// - Returns: Whether that could be done.
    mutating func append(_ lines: String, to key: String, of root: YAMLNode) -> Bool {
        guard let (name, old) = Self.member(key, of: root) else {
            insert("\(key):\n\(lines)", in: root)
            return true
        }
        let known = old.mapping ?? []
        let isNull = (try? old.json)?.isNull ?? false
        guard isOwn(name, old, root), isNull || old.mapping != nil,
            known.isEmpty || !isFlow(old)
        else {
            refuse(old, key)
            return false
        }
        if known.isEmpty {
            replaceValue(of: name, old, with: "\n" + lines)
            return true
        }
        let blanks = indent(of: old)
        let shifted = lines.split(separator: "\n").map { "\n" + blanks + $0.dropFirst(2) }
        let end = lineEnd(of: old)
        edits.replace(end..<end, with: shifted.joined())
        return true
    }

    private static func member(_ key: String, of mapping: YAMLNode)
        -> (key: YAMLNode, value: YAMLNode)?
    {
        mapping.mapping?.first { $0.key.scalar?.text == key }
    }

    /// Whether key and value were written in this mapping and carry no anchor or tag of their own.
    private func isOwn(_ key: YAMLNode, _ value: YAMLNode, _ mapping: YAMLNode) -> Bool {
        mapping.start.offset <= key.start.offset && key.end.offset <= value.start.offset
            && value.end.offset <= mapping.end.offset
            && !"&!*".utf8.contains(edits.byte(at: value.start.offset) ?? 0)
    }

    private mutating func refuse(_ node: YAMLNode, _ key: String) {
        problems.append(
            Mistake(
                path: Catalog.path, line: node.start.line, column: node.start.column,
                message: "\(key) cannot be brought up to date: write it as a plain block here, "
                    + "without anchor, alias, tag or merge"))
    }

    /// Replaces all that follows the key's colon, up to the value's end.
    private mutating func replaceValue(of key: YAMLNode, _ old: YAMLNode, with text: String) {
        var colon = key.end.offset
        while let byte = edits.byte(at: colon), byte != UInt8(ascii: ":") { colon += 1 }
        let isEmpty = old.start.offset == old.end.offset
        edits.replace(colon + 1..<(isEmpty ? colon + 1 : old.end.offset), with: text)
    }

    private mutating func insert(_ member: String, in mapping: YAMLNode) {
        if isFlow(mapping) {
            let end = mapping.end.offset - 1
            let comma = (mapping.mapping ?? []).isEmpty ? "" : ", "
            edits.replace(end..<end, with: comma + member)
        } else {
            let end = lineEnd(of: mapping)
            edits.replace(end..<end, with: "\n" + indent(of: mapping) + member)
        }
    }

    /// Whether a collection is written in brackets.
    private func isFlow(_ node: YAMLNode) -> Bool {
        "{[".utf8.contains(edits.byte(at: node.start.offset) ?? 0)
    }

    /// The blanks before a block mapping's keys.
    private func indent(of mapping: YAMLNode) -> String {
        let column = mapping.mapping?.first?.key.start.column ?? mapping.start.column
        return String(repeating: " ", count: column - 1)
    }

    private func lineEnd(of node: YAMLNode) -> Int {
        let end = node.end.offset
        let isPast = end > 0 && edits.byte(at: end - 1) == 0x0A
        return edits.lineEnd(after: isPast ? end - 1 : end)
    }
}
