/// A value of a YAML text with its place; anchors, aliases and merge keys are resolved.
///
/// What an alias stands for shares its storage, and its places are those of the anchored text.
///
/// A class, though nothing in it changes: readers hand values around far more often than they are
/// made.
package final class YAMLNode: Sendable {
    package enum Value: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the text; keys are scalars and differ from each other. The members that
        /// a merge key brings stand where the merge key stood.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    package let value: Value
    /// The first character, which is that of the tag or anchor where there is one.
    package let start: YAMLMark
    /// Just after the last character; an empty value ends where it starts.
    package let end: YAMLMark
    /// As libyaml resolves it: `!local`, or `tag:yaml.org,2002:str` for `!!str`.
    package let tag: String?
    let layout: Layout
    /// Where the value came from, if it was not written here.
    let borrowed: Borrowed?

    enum Style: Sendable {
        case plain, quoted, block, flow
    }

    /// How the value was written, and its weight.
    struct Layout: Sendable {
        var style: Style
        /// Where a collection itself begins, after tag and anchor: its bracket, first dash or key.
        var content: YAMLMark
        /// Values in it, itself included.
        var size: Int32
        /// Levels in it: 1 for a scalar.
        var height: Int32
        /// The end of the last child that is written here, of a collection that has one.
        var tail: YAMLMark?
    }

    /// The alias that a value was reached through.
    final class Borrowed: Sendable {
        let anchor: String?
        let isMerge: Bool
        let start: YAMLMark
        let end: YAMLMark

        init(anchor: String?, isMerge: Bool, start: YAMLMark, end: YAMLMark) {
            self.anchor = anchor
            self.isMerge = isMerge
            self.start = start
            self.end = end
        }
    }

    init(
        value: Value, start: YAMLMark, end: YAMLMark, tag: String?, layout: Layout,
        borrowed: Borrowed? = nil
    ) {
        self.value = value
        self.start = start
        self.end = end
        self.tag = tag
        self.layout = layout
        self.borrowed = borrowed
    }

    func reached(through alias: Borrowed) -> YAMLNode {
        YAMLNode(
            value: value, start: start, end: end, tag: tag, layout: layout, borrowed: alias)
    }

    /// Where it stands in the text: the alias for a value that came through one.
    var written: (start: YAMLMark, end: YAMLMark) {
        borrowed.map { ($0.start, $0.end) } ?? (start, end)
    }
}

/// A scalar's text after quotes, escapes and folding are undone.
package struct YAMLScalar: Sendable, Hashable {
    package let text: String
    /// Without quotes and not a block: only such text can be a number, a boolean or null.
    package let isPlain: Bool
}

extension YAMLNode {
    /// The scalar, if it is one.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = value { scalar } else { nil } }

    /// The elements, if it is a sequence.
    package var sequence: [YAMLNode]? {
        if case .sequence(let elements) = value { elements } else { nil }
    }

    /// The members, if it is a mapping.
    package var mapping: [(key: YAMLNode, value: YAMLNode)]? {
        if case .mapping(let members) = value { members } else { nil }
    }

    /// The member `key` of a mapping, O(members); nil where there is none and for other values.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.scalar?.text == key }?.value
    }
}
