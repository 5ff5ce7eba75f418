/// A place in a YAML text.
///
/// Kept in few bytes: each value of a text holds several.
package struct YAMLMark: Sendable, Hashable {
    /// From 1; a line ends with LF, CR LF or CR.
    package var line: Int { Int(lineNumber) }
    /// From 1, in Unicode scalars; a byte order mark counts as nothing.
    package var column: Int { Int(columnNumber) }
    /// Bytes from 0, the byte order mark included.
    package var offset: Int { Int(byteOffset) }

    private let lineNumber: Int32
    private let columnNumber: Int32
    private let byteOffset: Int32

    /// A text has less than 2 GiB.
    package init(line: Int, column: Int, offset: Int) {
        lineNumber = Int32(clamping: line)
        columnNumber = Int32(clamping: column)
        byteOffset = Int32(clamping: offset)
    }

    static let start = YAMLMark(line: 1, column: 1, offset: 0)
}

/// How much a text may ask of its reader; what goes beyond is refused, not tried.
package struct YAMLLimits: Sendable, Hashable {
    /// Of the text.
    package var bytes: Int
    /// Levels of nesting, aliases resolved.
    package var depth: Int
    /// Values in all, each counted as often as aliases and merge keys repeat it.
    package var nodes: Int

    package init(bytes: Int = 16 << 20, depth: Int = 100, nodes: Int = 500_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }

    /// 16 MiB, 100 levels, 500,000 values.
    package static let standard = YAMLLimits()
}
