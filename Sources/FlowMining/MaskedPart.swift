/// Bytes of a text, and what stands in their place in all that is kept.
struct MaskedPart {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let start: Int
    var end: Int
    let placeholder: String

    /// The text with the parts replaced, which are in order and apart.
    static func spliced(_ bytes: Bytes, _ parts: [MaskedPart]) -> String {
        var result: [UInt8] = []
        var copied = 0
        for part in parts {
            result += bytes[copied..<part.start]
            result += Array(part.placeholder.utf8)
            copied = part.end
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Parts in order and apart: one that overlaps another is taken in by that which begins first or,
    /// of those that begin together, is the longest or, of those that are the same, is named first.
    static func joined(_ parts: [MaskedPart]) -> [MaskedPart] {
        let sorted = parts.enumerated().sorted {
            ($0.element.start, -$0.element.end, $0.offset)
                < ($1.element.start, -$1.element.end, $1.offset)
        }
        var result: [MaskedPart] = []
        for (_, part) in sorted {
            if let last = result.last, part.start < last.end {
                result[result.count - 1].end = max(last.end, part.end)
            } else {
                result.append(part)
            }
        }
        return result
    }

    /// Placeholders that stand in a text already: masking it again changes none.
    static func placed(in bytes: Bytes) -> [MaskedPart] {
        bytes.indices.compactMap { at in
            let end = PrivacyMask.placeholderEnd(bytes, at)
            if end == at { return nil }
            let text = String(decoding: bytes[at..<end], as: UTF8.self)
            return MaskedPart(start: at, end: end, placeholder: text)
        }
    }
}
