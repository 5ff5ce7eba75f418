/// A text in lower case, as Python has it, which every way of finding terms begins with.
struct LowerText: Sendable {
    /// UTF-8.
    let bytes: [UInt8]
    /// Whether each byte is a scalar.
    let isASCII: Bool

    init(_ text: String) {
        var text = text
        let ascii: [UInt8]? = text.withUTF8 { source in
            guard source.allSatisfy({ $0 < 0x80 }) else { return nil }
            return source.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        }
        isASCII = ascii != nil
        bytes = ascii ?? PythonText.lower(text).flatMap { UTF8.encode($0) ?? .init() }
    }

    /// Calls `body` with each scalar and its bytes.
    func forEachScalar(_ body: (Unicode.Scalar, ArraySlice<UInt8>) -> Void) {
        if isASCII {
            for place in bytes.indices {
                body(Unicode.Scalar(bytes[place]), bytes[place..<(place + 1)])
            }
            return
        }
        var start = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let end = start + UTF8.width(scalar)
            body(scalar, bytes[start..<end])
            start = end
        }
    }
}
