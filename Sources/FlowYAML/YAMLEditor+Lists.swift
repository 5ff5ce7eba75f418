internal import FlowJSON

extension YAMLEditor {
    /// Adds a value at the end of a list and takes the first `dropping` elements away.
    mutating func append(_ value: JSON, to place: Place, dropping: Int) {
        guard case .sequence(let elements) = place.node.value else { return }
        guard let tail = place.node.layout.tail, dropping < elements.count else {
            return appendOnly(value, to: place, isEmpty: elements.isEmpty)
        }
        if place.node.layout.style == .flow {
            patch.insert(", " + YAMLWriter.flow(value), at: tail.offset)
            if dropping > 0 {
                patch.remove(
                    elements[0].written.start.offset..<elements[dropping].written.start.offset)
            }
        } else {
            let column = place.node.layout.content.column - 1
            var writer = YAMLWriter()
            writer.element(value, indent: column)
            patch.insertLines(
                String(repeating: " ", count: column) + writer.text, after: tail.offset)
            dropElements(place.node, elements, dropping)
        }
    }

    /// The value becomes the list's only element.
    private mutating func appendOnly(_ value: JSON, to place: Place, isEmpty: Bool) {
        let isInline = place.isInFlow || inlineText(value, isInFlow: false) != nil
        if isEmpty, isInline, place.node.layout.style == .flow {
            patch.insert(YAMLWriter.flow(value), at: place.node.layout.content.offset + 1)
        } else {
            replace(place, with: .array([value]))
        }
    }

    /// Comments between the elements stay, those on their lines go.
    private mutating func dropElements(_ list: YAMLNode, _ elements: [YAMLNode], _ count: Int) {
        guard count > 0 else { return }
        let dashes = dashes(list, elements)
        guard patch.beginsLine(dashes[0]) else { return patch.remove(dashes[0]..<dashes[count]) }
        for index in 0..<count {
            patch.removeLines(from: dashes[index], to: elements[index].written.end.offset)
        }
    }

    /// Where the dash of each element of a block list stands.
    private func dashes(_ list: YAMLNode, _ elements: [YAMLNode]) -> [Int] {
        [list.layout.content.offset]
            + elements.dropLast().map { patch.skipComments($0.written.end.offset) }
    }

    /// Takes a member or an element away.
    mutating func remove(_ place: Place, in owner: Place) {
        let list = owner.node
        if isOnly(place, in: list) {
            return replace(owner, with: list.sequence == nil ? .object([:]) : .array([]))
        }
        if list.layout.style == .flow {
            let start = (place.key ?? place.node).written.start.offset
            return removeFromFlow(start..<place.node.written.end.offset)
        }
        if let elements = list.sequence {
            let dashes = dashes(list, elements)
            let dash = dashes[place.index]
            let end = elements[place.index].written.end.offset
            if patch.beginsLine(dash) || place.index + 1 == elements.count {
                patch.removeLines(from: dash, to: end)
            } else {
                patch.remove(dash..<dashes[place.index + 1])
            }
        } else if let key = place.key {
            removeMember(key.written.start.offset..<place.node.written.end.offset)
        }
    }

    /// Whether nothing, not even a merge key, is left without it.
    private func isOnly(_ place: Place, in owner: YAMLNode) -> Bool {
        switch owner.value {
        case .scalar: true
        case .sequence(let elements): elements.count == 1
        case .mapping(let members): members.count == 1
        }
    }

    private mutating func removeMember(_ range: Range<Int>) {
        guard !patch.beginsLine(range.lowerBound) else {
            return patch.removeLines(from: range.lowerBound, to: range.upperBound)
        }
        // After a dash: the next member takes the place, unless a comment stands before it.
        let next = patch.skipSpace(range.upperBound)
        if patch.has("#", at: next) {
            patch.remove(range)
        } else {
            patch.remove(range.lowerBound..<next)
        }
    }

    private mutating func removeFromFlow(_ range: Range<Int>) {
        let comma = patch.skipComments(range.upperBound)
        if patch.has(",", at: comma) {
            var after = comma + 1
            while after < patch.bytes.count, patch.isBlank(after) { after += 1 }
            patch.remove(range.lowerBound..<after)
        } else {
            var before = range.lowerBound
            while before > 0, !patch.has(",", at: before) { before -= 1 }
            patch.remove(before..<range.upperBound)
        }
    }
}
