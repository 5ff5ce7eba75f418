internal import FlowJSON

/// Changes one value of a document; the places are those of the text as it was read.
struct YAMLEditor {
    let document: YAMLDocument
    var patch: YAMLPatch

    init(_ document: YAMLDocument) {
        self.document = document
        patch = YAMLPatch(document.bytes)
    }

    /// A value and what it stands in.
    struct Place {
        let node: YAMLNode
        /// The key, of a member.
        let key: YAMLNode?
        let owner: YAMLNode?
        /// Inside brackets or braces, where everything stands on one line.
        let isInFlow: Bool
        let index: Int
    }

    /// The places along the path as far as it leads.
    /// - Throws: `YAMLError` where a step does not fit the value, and where the value is written
    ///   elsewhere.
    func walk(_ path: [YAMLStep]) throws(YAMLError) -> [Place] {
        guard let root = document.root else { return [] }
        var places = [Place(node: root, key: nil, owner: nil, isInFlow: false, index: 0)]
        for (count, step) in path.enumerated() {
            guard let last = places.last,
                let next = try child(of: last, step, at: Array(path[...count]))
            else { return places }
            if let borrowed = next.node.borrowed {
                throw refusal(borrowed, Array(path[...count]), next.node)
            }
            places.append(next)
        }
        return places
    }

    private func child(
        of place: Place, _ step: YAMLStep, at path: [YAMLStep]
    ) throws(YAMLError) -> Place? {
        let isInFlow = place.isInFlow || place.node.layout.style == .flow
        switch (step, place.node.value) {
        case (.key(let name), .mapping(let members)):
            guard let index = members.firstIndex(where: { $0.key.scalar?.text == name }) else {
                return nil
            }
            return Place(
                node: members[index].value, key: members[index].key, owner: place.node,
                isInFlow: isInFlow, index: index)
        case (.index(let index), .sequence(let elements)):
            guard elements.indices.contains(index) else {
                throw error(
                    "there is no \(path.shown): the list has \(elements.count) element\(elements.count == 1 ? "" : "s")",
                    place.node.start)
            }
            return Place(
                node: elements[index], key: nil, owner: place.node, isInFlow: isInFlow,
                index: index)
        case (.key, _) where place.node.isNull: return nil
        default:
            let wanted = if case .key = step { "a mapping" } else { "a list" }
            let name = path.dropLast().isEmpty ? "the document" : Array(path.dropLast()).shown
            throw error("there is no \(path.shown): \(name) is not \(wanted)", place.node.start)
        }
    }

    func error(_ message: String, _ mark: YAMLMark) -> YAMLError {
        YAMLError(code: .edit, message: message, mark: mark)
    }

    private func refusal(
        _ borrowed: YAMLNode.Borrowed, _ path: [YAMLStep], _ node: YAMLNode
    ) -> YAMLError {
        let way = borrowed.isMerge ? "the merge key '<<'" : "an alias"
        let origin = borrowed.anchor.map { "&\($0), written on line \(node.start.line)" }
        return error(
            "\(path.shown) comes through \(way)" + (origin.map { " from \($0)" } ?? "")
                + "; change it there, or write the value here",
            borrowed.start)
    }
}

extension YAMLEditor {
    /// Puts `value` at the path; a missing last key is added.
    mutating func set(_ path: [YAMLStep], to value: JSON) throws(YAMLError) {
        let places = try walk(path)
        if places.count == path.count + 1, let place = places.last {
            return replace(place, with: value)
        }
        let found = max(0, places.count - 1)
        guard found == path.count - 1, case .key(let key)? = path.last else {
            throw error(
                "there is no \(Array(path.prefix(found + 1)).shown)",
                places.last?.node.start ?? .start)
        }
        guard let place = places.last else { return appendToEmpty(key, value) }
        if place.node.isNull {
            replace(place, with: .object([key: value]))
        } else {
            appendMember(key, value, to: place)
        }
    }

    private mutating func appendToEmpty(_ key: String, _ value: JSON) {
        let end = patch.bytes.count
        let isOpenLine = !patch.beginsLine(end)
        patch.insert((isOpenLine ? "\n" : "") + Self.memberText(key, value, 0) + "\n", at: end)
    }

    private static func memberText(_ key: String, _ value: JSON, _ column: Int) -> String {
        var writer = YAMLWriter()
        writer.member(key, value, indent: column)
        return String(repeating: " ", count: column) + writer.text
    }

    private mutating func appendMember(_ key: String, _ value: JSON, to place: Place) {
        let layout = place.node.layout
        guard layout.style == .flow else {
            let column = layout.content.column - 1
            let tail = layout.tail ?? layout.content
            return patch.insertLines(Self.memberText(key, value, column), after: tail.offset)
        }
        if let tail = layout.tail {
            patch.insert(", " + YAMLWriter.flowMember(key, value), at: tail.offset)
        } else if place.isInFlow || YAMLWriter.inline(value) != nil {
            patch.insert(YAMLWriter.flowMember(key, value), at: layout.content.offset + 1)
        } else {
            replace(place, with: .object([key: value]))
        }
    }

    /// Writes a value where another stands.
    mutating func replace(_ place: Place, with value: JSON) {
        let isBlock = place.node.layout.style == .block
        switch (isBlock, inlineText(value, isInFlow: place.isInFlow)) {
        case (false, let text?): replaceInline(place, with: text)
        case (true, let text?): replaceBlock(place, withInline: text)
        case (true, nil): replaceBlock(place, with: value)
        case (false, nil): replaceInline(place, withBlock: value)
        }
    }

    /// The value on one line, if it may stand on one here.
    func inlineText(_ value: JSON, isInFlow: Bool) -> String? {
        if isInFlow { return YAMLWriter.flow(value) }
        if case .string(let string) = value { return YAMLWriter.string(string, inFlow: false) }
        return YAMLWriter.inline(value)
    }

    private mutating func replaceInline(_ place: Place, with text: String) {
        let range = place.node.start.offset..<lastByte(of: place.node)
        guard range.isEmpty else { return patch.replace(range, with: text) }
        let hasColon = place.key == nil || patch.has(":", at: max(0, range.lowerBound - 1))
        let needsBlank = range.lowerBound > 0 && !patch.beginsLine(range.lowerBound)
        patch.replace(range, with: (hasColon ? needsBlank ? " " : "" : ": ") + text)
    }

    /// Just after the colon of a key.
    private func afterColon(_ key: YAMLNode) -> Int {
        let at = patch.skipSpace(key.written.end.offset)
        return patch.has(":", at: at) ? at + 1 : key.written.end.offset
    }

    /// Where a value ends on its last line; the end of `|+` text lies on the next.
    private func lastByte(of node: YAMLNode) -> Int {
        let end = node.end.offset
        let isNextLine = end > node.start.offset && patch.isLineStart(end)
        return isNextLine ? patch.lineEnd(before: end) : end
    }

    private mutating func replaceBlock(_ place: Place, withInline text: String) {
        let node = place.node
        let end = lastByte(of: node)
        guard let key = place.key, node.start.line > key.written.end.line else {
            return patch.replace(node.start.offset..<end, with: text)
        }
        patch.insert(" " + text, at: afterColon(key))
        let first = patch.lineEnd(before: patch.lineStart(node.start.offset))
        patch.remove(first..<patch.lineEnd(end))
    }

    private mutating func replaceBlock(_ place: Place, with value: JSON) {
        let content = place.node.layout.content
        var column = content.column - 1
        var text = ""
        // A list may stand at the column of its key, a mapping may not.
        if let key = place.key, value.objectValue != nil, column <= key.written.start.column - 1 {
            let deeper = key.written.start.column + 1
            text = String(repeating: " ", count: deeper - column)
            column = deeper
        }
        var writer = YAMLWriter()
        writer.block(value, indent: column)
        let end = patch.lineEnd(lastByte(of: place.node))
        patch.replace(content.offset..<end, with: text + writer.text)
    }

    private mutating func replaceInline(_ place: Place, withBlock value: JSON) {
        let node = place.node
        let (start, end) = (node.start.offset, lastByte(of: node))
        let lineEnd = patch.lineEnd(end)
        var writer = YAMLWriter()
        if let key = place.key, node.start.line == key.written.end.line {
            let column = key.written.start.column + 1
            writer.block(value, indent: column)
            patch.remove(afterColon(key)..<max(afterColon(key), end))
            patch.insert("\n" + String(repeating: " ", count: column) + writer.text, at: lineEnd)
            return
        }
        let needsBlank = start == end && start > 0 && !patch.beginsLine(start)
        let column = node.start.column - 1 + (needsBlank ? 1 : 0)
        writer.block(value, indent: column)
        if lineEnd == end {
            patch.replace(start..<end, with: (needsBlank ? " " : "") + writer.text)
        } else {
            // A comment stays before the block, where it cannot become part of a text in it.
            patch.remove(start..<end + (patch.has(" ", at: end) && start < end ? 1 : 0))
            patch.insert("\n" + String(repeating: " ", count: column) + writer.text, at: lineEnd)
        }
    }
}

extension YAMLNode {
    /// Plain null, also by leaving the value out.
    var isNull: Bool {
        guard let scalar, scalar.isPlain, tag == nil else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }
}
