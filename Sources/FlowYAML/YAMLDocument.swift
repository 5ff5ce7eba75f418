package import FlowJSON

/// A YAML text and its value.
package struct YAMLDocument: Sendable {
    package let bytes: [UInt8]
    /// Nil for a text that holds nothing but blanks and comments.
    package let root: YAMLNode?

    /// Reads a text of at most one document (YAML 1.1 and 1.2 syntax, UTF-8).
    ///
    /// Costs O(bytes) and memory for each value that is written; what aliases repeat is shared.
    /// - Throws: `YAMLError` at the first mistake, and where the text asks for more than `limits`.
    package static func read(
        _ bytes: [UInt8], limits: YAMLLimits = .standard
    ) throws(YAMLError) -> YAMLDocument {
        let source = try YAMLSource(bytes, limit: limits.bytes)
        // libyaml asserts that its input has an address, which no bytes have not.
        guard source.prefix < bytes.count else { return YAMLDocument(bytes: bytes, root: nil) }
        let root = try bytes[source.prefix...].withUnsafeBufferPointer {
            text throws(YAMLError) -> YAMLNode? in
            let parser = try YAMLParser(text, of: source)
            var composer = YAMLComposer(parser, source: source, limits: limits)
            return try composer.document()
        }
        return YAMLDocument(bytes: bytes, root: root)
    }

    /// Reads a text.
    package static func read(
        _ text: String, limits: YAMLLimits = .standard
    ) throws(YAMLError) -> YAMLDocument {
        try read(Array(text.utf8), limits: limits)
    }

    /// The whole value; null for an empty text.
    package var json: JSON { get throws(YAMLError) { try root?.json ?? .null } }
}
