internal import FlowYAML

/// Reads YAML in which `if: !cancelled() && …` is the text it was meant to be.
///
/// To YAML a '!' before a value begins a tag. In the bytes that the parser sees another character of
/// one byte stands there, so that all places stay right; whoever reads the condition finds the '!'
/// in the file's own bytes.
enum PlainConditions {
    /// The text of a condition, as it is written.
    static func text(of node: YAMLNode, in bytes: [UInt8]) -> String {
        let text = node.scalar?.text ?? ""
        guard node.scalar?.isPlain == true, node.tag == nil, node.start.offset < bytes.count,
            bytes[node.start.offset] == mark, text.utf8.first == standIn
        else { return text }
        return "!" + text.dropFirst()
    }

    /// Reads a workflow's bytes; costs a second reading only where `if: !` stands in other text.
    static func read(_ bytes: [UInt8]) throws(YAMLError) -> YAMLDocument {
        let candidates = places(in: bytes)
        if candidates.isEmpty { return try YAMLDocument.read(bytes) }
        let document = try YAMLDocument.read(replacing(candidates, in: bytes))
        let conditions = Set(starts(document.root))
        let meant = candidates.filter(conditions.contains)
        // What stands in a script or a comment is what it is.
        if meant.count == candidates.count { return document }
        return try YAMLDocument.read(replacing(meant, in: bytes))
    }

    private static let mark = UInt8(ascii: "!")
    private static let standIn = UInt8(ascii: "~")

    private static func replacing(_ places: [Int], in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for place in places { bytes[place] = standIn }
        return bytes
    }

    /// Where a '!' follows `if:`.
    private static func places(in bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            var places: [Int] = []
            for at in bytes.indices where bytes[at] == mark {
                if followsKey(bytes, at) { places.append(at) }
            }
            return places
        }
    }

    private static func followsKey(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
        let colon = endOfText(bytes, before: at)
        guard colon < at, colon > 0, bytes[colon - 1] == UInt8(ascii: ":") else { return false }
        let end = endOfText(bytes, before: colon - 1)
        for key in ["if", "'if'", "\"if\""] {
            let start = end - key.utf8.count
            guard start >= 0, bytes[start..<end].elementsEqual(key.utf8) else { continue }
            return start == 0 || " \t\r\n{,?".utf8.contains(bytes[start - 1])
        }
        return false
    }

    /// Just after the last byte before a place that is no blank and no end of a line.
    private static func endOfText(_ bytes: UnsafeBufferPointer<UInt8>, before place: Int) -> Int {
        var end = place
        while end > 0, " \t\r\n".utf8.contains(bytes[end - 1]) { end -= 1 }
        return end
    }

    /// Where the conditions of all nodes begin.
    private static func starts(_ root: YAMLNode?) -> [Int] {
        (root?["nodes"]?.mapping ?? []).compactMap { $0.value["if"]?.start.offset }
    }
}
