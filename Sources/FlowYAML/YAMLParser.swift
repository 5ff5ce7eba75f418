internal import CYAML

/// One thing that libyaml saw, copied out of its memory. Marks are character indices.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, collectionEnd
        case alias(String)
        case scalar(YAMLScalar, anchor: String?, tag: String?, style: YAMLNode.Style)
        case sequence(anchor: String?, tag: String?, isFlow: Bool)
        case mapping(anchor: String?, tag: String?, isFlow: Bool)
    }

    let kind: Kind
    let start: Int
    let end: Int
    /// A literal or folded scalar, whose end lies behind its line breaks.
    var isBlockScalar = false
}

/// The owner of libyaml's event parser, over bytes that the caller keeps in place.
///
/// `yaml_parser_t` must not move, so it has memory of its own.
struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let source: YAMLSource

    /// - Parameter text: The bytes of `source` after its byte order mark; they outlive the parser.
    init(_ text: UnsafeBufferPointer<UInt8>, of source: YAMLSource) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        self.source = source
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError(
                code: .limit, message: "there is no memory left to read YAML", mark: .start)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event.
    /// - Throws: `YAMLError` in plain words where the text is not YAML.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        return Self.copy(event)
    }

    private static func copy(_ event: yaml_event_t) -> YAMLEvent {
        let isScalar = event.type == YAML_SCALAR_EVENT
        let style = isScalar ? event.data.scalar.style : YAML_ANY_SCALAR_STYLE
        return YAMLEvent(
            kind: kind(event), start: event.start_mark.index, end: event.end_mark.index,
            isBlockScalar: style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
    }

    private static func kind(_ event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let buffer = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return .scalar(
                YAMLScalar(text: String(decoding: buffer, as: UTF8.self), isPlain: isPlain),
                anchor: text(scalar.anchor), tag: text(scalar.tag),
                style: isPlain ? .plain : .quoted)
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            return .sequence(
                anchor: text(sequence.anchor), tag: text(sequence.tag),
                isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            return .mapping(
                anchor: text(mapping.anchor), tag: text(mapping.tag),
                isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        default: return .streamEnd
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func failure() -> YAMLError {
        let state = parser.pointee
        if state.error == YAML_MEMORY_ERROR {
            return YAMLError(
                code: .limit, message: "there is no memory left to read YAML", mark: .start)
        }
        let problem = state.problem.map { String(cString: $0) } ?? "this is not YAML"
        let context = state.context.map { String(cString: $0) } ?? ""
        let mark = source.mark(state.problem_mark.index)
        let byte = mark.offset < source.bytes.count ? source.bytes[mark.offset] : nil
        let beginsLine = YAMLPatch(source.bytes).beginsLine(mark.offset)
        let words = YAMLProblem.words(
            problem, context: context, byte: byte, beginsLine: beginsLine)
        let since = source.mark(state.context_mark.index)
        let hasBeginning = words.namesBeginning && since.offset < mark.offset
        return YAMLError(
            code: .syntax,
            message: words.text
                + (hasBeginning ? " (begun at line \(since.line), column \(since.column))" : ""),
            mark: mark)
    }
}
