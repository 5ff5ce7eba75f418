package import FlowJSON

extension YAMLNode {
    /// The value by the YAML 1.2 core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>).
    ///
    /// Only plain scalars are null, booleans and numbers; `yes`, `on` and dates are text. Whole
    /// numbers beyond 64 bits become doubles. A scalar with a tag of its own, such as
    /// `!cancelled()`, is the text with its tag. Keys are their text.
    /// - Throws: `YAMLError` for infinities and not-a-number, which JSON cannot hold, and for a
    ///   value that its tag (`!!int`) does not fit.
    package var json: JSON {
        get throws(YAMLError) {
            switch value {
            case .scalar(let scalar): return try resolved(scalar)
            case .sequence(let elements):
                try checkTag("seq")
                var values: [JSON] = []
                values.reserveCapacity(elements.count)
                for element in elements { values.append(try element.json) }
                return .array(values)
            case .mapping(let members):
                try checkTag("map")
                var object = JSONObject()
                for (key, value) in members { object[key.scalar?.text ?? ""] = try value.json }
                return .object(object)
            }
        }
    }

    private static let core = "tag:yaml.org,2002:"

    /// The part of a tag of YAML's own after `!!`.
    private var coreTag: Substring? {
        guard let tag, tag.hasPrefix(Self.core) else { return nil }
        return tag.dropFirst(Self.core.count)
    }

    private func checkTag(_ expected: String) throws(YAMLError) {
        guard let coreTag, coreTag != expected else { return }
        throw YAMLError(
            code: .value,
            message:
                "the tag !!\(coreTag) does not fit a \(expected == "seq" ? "list" : "mapping")",
            mark: start)
    }

    private func resolved(_ scalar: YAMLScalar) throws(YAMLError) -> JSON {
        guard let tag else {
            return scalar.isPlain ? try number(YAMLCoreSchema.value(of: scalar.text)) : text
        }
        guard let coreTag else { return tag == "!" ? text : tagged(tag, scalar) }
        let value = YAMLCoreSchema.value(of: scalar.text)
        switch (coreTag, value) {
        case ("str", _): return text
        case ("null", .json(.null)), ("bool", .json(.bool)), ("int", .json(.integer)),
            ("float", .json(.double)), ("float", .notFinite):
            return try number(value)
        case ("float", .json(.integer(let whole))): return .double(Double(whole))
        default:
            throw YAMLError(
                code: .value, message: "\(quoted(scalar.text)) does not fit the tag !!\(coreTag)",
                mark: start)
        }
    }

    private var text: JSON { .string(scalar?.text ?? "") }

    private func tagged(_ tag: String, _ scalar: YAMLScalar) -> JSON {
        .string(scalar.text.isEmpty ? tag : "\(tag) \(scalar.text)")
    }

    private func number(_ value: YAMLCoreSchema.Value) throws(YAMLError) -> JSON {
        switch value {
        case .json(let json): return json
        case .notFinite:
            throw YAMLError(
                code: .value,
                message: "\(quoted(scalar?.text ?? "")) is a number that JSON cannot hold; "
                    + "quote it if it is text",
                mark: start)
        }
    }
}
