/// A JSON document over several lines, as programs print it for people: it begins with a line that
/// holds only a brace or bracket, and ends with one that holds only its counterpart, unindented.
struct JSONDocument: Sendable {
    enum Step {
        case goesOn, ended
        /// The line belongs to something else.
        case broken(String)
    }

    private(set) var bytes: [UInt8]
    let source: ErrorRecord.Source
    private(set) var lines = 1
    private let close: UInt8

    /// nil for a line that begins no such document.
    init?(_ line: LineCutter.Line, _ source: ErrorRecord.Source) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = line.bytes.starts(with: mark) ? line.bytes.dropFirst(3) : line.bytes
        guard let open = text.first, text.dropFirst().allSatisfy(MessagePieces.isBlank) else {
            return nil
        }
        switch open {
        case UInt8(ascii: "{"): close = UInt8(ascii: "}")
        case UInt8(ascii: "["): close = UInt8(ascii: "]")
        default: return nil
        }
        bytes = Array(text)
        self.source = source
    }

    /// Adds a line.
    /// - Parameter limit: bytes that the document may have.
    mutating func add(_ line: LineCutter.Line, limit: Int) -> Step {
        if bytes.count + line.bytes.count > limit {
            return .broken("it is longer than \(limit) bytes")
        }
        let isWhole =
            line.bytes.first == UInt8(ascii: "{")
            && (line.bytes.last == UInt8(ascii: "}") || line.bytes.count == 1)
        if isWhole, close == UInt8(ascii: "}") {
            return .broken("another begins before it ends")
        }
        bytes.append(UInt8(ascii: "\n"))
        bytes += line.bytes
        lines += 1
        let isEnd = line.bytes.first == close
        return isEnd && line.bytes.dropFirst().allSatisfy(MessagePieces.isBlank) ? .ended : .goesOn
    }
}
