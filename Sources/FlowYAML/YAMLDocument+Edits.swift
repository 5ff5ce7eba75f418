package import FlowJSON

/// Changes that keep every other byte: comments, order, line breaks, indentation, quotes. Each is
/// read back before it is given out, and is given out only if nothing but the named value differs.
extension YAMLDocument {
    /// The text with `value` at the path; a missing last key is added after its siblings.
    ///
    /// A scalar stands on one line, a collection as a block below its key, or on one line where it
    /// stands in brackets. Costs a few passes over the text.
    /// - Throws: `YAMLError` where the path leads nowhere, where the value comes through an alias or
    ///   a merge key, and where other values would change too.
    package func setting(_ path: [YAMLStep], to value: JSON) throws(YAMLError) -> [UInt8] {
        try setting([(path, value)])
    }

    /// The same for several values that stand beside each other, at the cost of one.
    package func setting(
        _ values: [(path: [YAMLStep], value: JSON)]
    ) throws(YAMLError) -> [UInt8] {
        var editor = YAMLEditor(self)
        var expected = meaning
        for (path, value) in values {
            guard !path.isEmpty else { throw noPath("set") }
            try editor.set(path, to: value)
            expected = expected.replacing(path[...]) { _ in value }
        }
        return values.isEmpty ? bytes : try checked(editor, values[0].path, expected)
    }

    /// The text with `value` added to the list at the path, which is made if its key is missing or
    /// null.
    /// - Parameter keepingLast: How many elements may be left, the new one included, at least 1;
    ///   those that go are the first.
    /// - Throws: `YAMLError` as `setting` does.
    package func appending(
        _ value: JSON, to path: [YAMLStep], keepingLast: Int? = nil
    ) throws(YAMLError) -> [UInt8] {
        var editor = YAMLEditor(self)
        let places = try editor.walk(path)
        guard places.count == path.count + 1, let place = places.last, !place.node.isNull else {
            return try setting(path, to: .array([value]))
        }
        guard let elements = place.node.sequence else {
            throw editor.error("\(path.shown) is not a list", place.node.start)
        }
        let dropping = keepingLast.map { max(0, elements.count + 1 - max(1, $0)) } ?? 0
        editor.append(value, to: place, dropping: dropping)
        let expected = meaning.replacing(path[...]) { old in
            .array((old?.arrayValue ?? []).dropFirst(dropping) + [value])
        }
        return try checked(editor, path, expected)
    }

    /// The text without the member or element at the path.
    /// - Throws: `YAMLError` as `setting` does, and where there is nothing to remove.
    package func removing(_ path: [YAMLStep]) throws(YAMLError) -> [UInt8] {
        var editor = YAMLEditor(self)
        let places = try editor.walk(path)
        guard places.count == path.count + 1, let place = places.last else {
            throw editor.error("there is no \(path.shown)", places.last?.node.start ?? .start)
        }
        guard places.count > 1 else { throw noPath("remove") }
        editor.remove(place, in: places[places.count - 2])
        return try checked(editor, path, meaning.replacing(path[...]) { _ in nil })
    }

    private func noPath(_ act: String) -> YAMLError {
        YAMLError(code: .edit, message: "name the value to \(act)", mark: .start)
    }

    /// The value with what JSON cannot hold written out, so that any two texts can be compared.
    private var meaning: JSON { root?.meaning ?? .null }

    private func checked(
        _ editor: YAMLEditor, _ path: [YAMLStep], _ expected: JSON
    ) throws(YAMLError) -> [UInt8] {
        let bytes = editor.patch.result
        let mark = (try? editor.walk(path).last?.node.start) ?? .start
        do throws(YAMLError) {
            let changed = try YAMLDocument.read(bytes)
            if changed.meaning.bytes() == expected.bytes() { return bytes }
        } catch  where error.code == .limit {
            throw error
        } catch {}
        throw editor.error(
            "\(path.shown) cannot be changed without changing other values too, such as those of "
                + "an alias; change it by hand",
            mark)
    }
}

extension YAMLNode {
    fileprivate var meaning: JSON {
        switch value {
        case .scalar(let scalar):
            (try? json) ?? .object(["tag": .string(tag ?? ""), "text": .string(scalar.text)])
        case .sequence(let elements): .array(elements.map(\.meaning))
        case .mapping(let members):
            .object(JSONObject(members.map { ($0.key.scalar?.text ?? "", $0.value.meaning) }))
        }
    }
}

extension JSON {
    /// The value with what stands at the path changed; nil takes it away.
    fileprivate func replacing(_ path: ArraySlice<YAMLStep>, by change: (JSON?) -> JSON?) -> JSON {
        guard let step = path.first else { return change(self) ?? .null }
        let rest = path.dropFirst()
        func changed(_ old: JSON?) -> JSON? {
            rest.isEmpty ? change(old) : (old ?? .null).replacing(rest, by: change)
        }
        switch (step, self) {
        case (.key(let key), .object(var object)):
            object[key] = changed(object[key])
            return .object(object)
        case (.key(let key), _): return changed(nil).map { .object([key: $0]) } ?? self
        case (.index(let index), .array(var elements)) where elements.indices.contains(index):
            if let new = changed(elements[index]) {
                elements[index] = new
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        default: return self
        }
    }
}
