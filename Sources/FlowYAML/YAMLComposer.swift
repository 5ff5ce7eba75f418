/// Builds the one value of a text from libyaml's events.
struct YAMLComposer: ~Copyable {
    private let parser: YAMLParser
    private let source: YAMLSource
    private let limits: YAMLLimits
    private var anchors: [String: Anchor] = [:]
    /// The line of the last place, counted from 0: the next one is not far.
    private var line = 0
    /// Values so far, those that aliases repeat counted each time.
    private var count = 0

    private enum Anchor {
        /// A collection whose end has not been seen: an alias to it would contain itself.
        case open
        case closed(YAMLNode)
    }

    init(_ parser: consuming YAMLParser, source: YAMLSource, limits: YAMLLimits) {
        self.parser = parser
        self.source = source
        self.limits = limits
    }

    /// The value of the only document; nil where the text holds none.
    mutating func document() throws(YAMLError) -> YAMLNode? {
        _ = try parser.next()
        guard case .documentStart = try parser.next().kind else { return nil }
        let root = try node(try parser.next(), depth: 1)
        _ = try parser.next()
        let after = try parser.next()
        guard case .streamEnd = after.kind else {
            throw YAMLError(
                code: .syntax,
                message: "a second document begins here; a file holds one document",
                mark: mark(after.start))
        }
        return root
    }

    private mutating func mark(_ index: Int) -> YAMLMark { source.mark(index, near: &line) }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        let start = mark(event.start)
        switch event.kind {
        case .alias(let name): return try alias(name, event, depth: depth)
        case .scalar(let scalar, let anchor, let tag, let style):
            try grow(by: 1, depth: depth, at: start)
            let node = YAMLNode(
                value: .scalar(scalar), start: start, end: end(of: event), tag: tag,
                layout: .init(style: style, content: start, size: 1, height: 1))
            if let anchor { anchors[anchor] = .closed(node) }
            return node
        case .sequence(let anchor, let tag, let isFlow):
            try grow(by: 1, depth: depth, at: start)
            if let anchor { anchors[anchor] = .open }
            let node = try sequence(event, tag, isFlow: isFlow, depth: depth)
            if let anchor { anchors[anchor] = .closed(node) }
            return node
        case .mapping(let anchor, let tag, let isFlow):
            try grow(by: 1, depth: depth, at: start)
            if let anchor { anchors[anchor] = .open }
            let node = try mapping(event, tag, isFlow: isFlow, depth: depth)
            if let anchor { anchors[anchor] = .closed(node) }
            return node
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .collectionEnd:
            throw YAMLError(code: .syntax, message: "expected a value here", mark: start)
        }
    }

    /// Counts values that are about to be added at this depth.
    private mutating func grow(by size: Int, depth: Int, at mark: YAMLMark) throws(YAMLError) {
        count += size
        guard count <= limits.nodes else {
            throw YAMLError(
                code: .limit,
                message: "more than \(limits.nodes) values, those that aliases repeat included",
                mark: mark)
        }
        guard depth <= limits.depth else {
            throw YAMLError(
                code: .limit, message: "nested deeper than \(limits.depth) levels", mark: mark)
        }
    }

    private mutating func alias(
        _ name: String, _ event: YAMLEvent, depth: Int
    ) throws(YAMLError) -> YAMLNode {
        let place = mark(event.start)
        switch anchors[name] {
        case .closed(let node):
            try grow(
                by: Int(node.layout.size), depth: depth + Int(node.layout.height) - 1, at: place)
            return node.reached(
                through: .init(
                    anchor: name, isMerge: false, start: place, end: mark(event.end)))
        case .open:
            throw YAMLError(
                code: .alias, message: "the alias *\(name) stands inside its own anchor &\(name)",
                mark: place)
        case nil:
            throw YAMLError(
                code: .alias,
                message: "there is no anchor &\(name) before this alias; quote the value if it is "
                    + "text",
                mark: place)
        }
    }

    private mutating func sequence(
        _ event: YAMLEvent, _ tag: String?, isFlow: Bool, depth: Int
    ) throws(YAMLError) -> YAMLNode {
        var elements: [YAMLNode] = []
        var size: Int32 = 1
        var height: Int32 = 0
        var last = event
        while true {
            last = try parser.next()
            if case .collectionEnd = last.kind { break }
            let element = try node(last, depth: depth + 1)
            elements.append(element)
            size += element.layout.size
            height = max(height, element.layout.height)
        }
        var content = mark(isFlow ? event.end - 1 : event.end)
        let isDash = content.offset < source.bytes.count && source.bytes[content.offset] == 0x2D
        if !isFlow, !isDash { content = mark(event.end - 1) }
        return YAMLNode(
            value: .sequence(elements), start: mark(event.start),
            end: isFlow
                ? mark(last.end)
                : (elements.last?.written.end ?? content), tag: tag,
            layout: .init(
                style: isFlow ? .flow : .block, content: content, size: size, height: height + 1,
                tail: elements.last?.written.end))
    }

    private mutating func mapping(
        _ event: YAMLEvent, _ tag: String?, isFlow: Bool, depth: Int
    ) throws(YAMLError) -> YAMLNode {
        var members = YAMLMembers()
        var last = event
        var lastValue: YAMLNode?
        while true {
            last = try parser.next()
            if case .collectionEnd = last.kind { break }
            let key = try node(last, depth: depth + 1)
            let value = try node(try parser.next(), depth: depth + 1)
            lastValue = value
            guard let name = key.scalar else {
                throw YAMLError(
                    code: .syntax,
                    message: "a key must be text; quote it if it begins with '[', "
                        + "'{' or '*'", mark: key.written.start)
            }
            let isMerge = name.isPlain && name.text == "<<" && key.tag == nil
            if isMerge || key.tag == "tag:yaml.org,2002:merge" {
                try merge(value, key: key, into: &members, depth: depth)
            } else {
                try members.add(name.text, key, value)
            }
        }
        let content = mark(isFlow ? event.end - 1 : event.end)
        let resolved = members.resolved
        var size: Int32 = 1
        var height: Int32 = 0
        for (key, value) in resolved {
            size += key.layout.size + value.layout.size
            height = max(height, value.layout.height)
        }
        return YAMLNode(
            value: .mapping(resolved), start: mark(event.start),
            end: isFlow
                ? mark(last.end) : (lastValue?.written.end ?? content),
            tag: tag,
            layout: .init(
                style: isFlow ? .flow : .block, content: content,
                size: size, height: height + 1,
                tail: lastValue?.written.end))
    }

    /// The members of `<<: *one` or `<<: [*one, *other]`, of which the first wins.
    private mutating func merge(
        _ value: YAMLNode, key: YAMLNode, into members: inout YAMLMembers, depth: Int
    ) throws(YAMLError) {
        try members.addMerge(key)
        for source in value.sequence ?? [value] {
            guard let merged = source.mapping else {
                throw YAMLError(
                    code: .alias,
                    message: "'<<' takes a mapping or a list of mappings, such as *base",
                    mark: source.written.start)
            }
            let place = source.written
            try grow(by: Int(source.layout.size), depth: depth, at: place.start)
            let origin = YAMLNode.Borrowed(
                anchor: source.borrowed?.anchor, isMerge: true, start: place.start, end: place.end)
            for member in merged {
                members.merge(member.key, member.value.reached(through: origin))
            }
        }
    }

    /// The end of a scalar; that of a block scalar is the end of its last line with text, unless
    /// `|+` makes the blank lines after it part of the text.
    private mutating func end(of event: YAMLEvent) -> YAMLMark {
        guard event.isBlockScalar else { return mark(event.end) }
        let start = mark(event.start).offset
        let header = source.bytes[start...].prefix { $0 != 0x0A && $0 != 0x0D && $0 != 0x23 }
        if header.contains(UInt8(ascii: "+")) { return mark(event.end) }
        var index = event.end
        var offset = mark(index).offset
        while offset > start, [0x20, 0x09, 0x0A, 0x0D].contains(source.bytes[offset - 1]) {
            offset -= 1
            index -= 1
        }
        return mark(index)
    }
}
