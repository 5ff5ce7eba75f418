/// What stands between the blanks of a text, as scikit-learn's `char_wb` has it: each word with one
/// blank on each side.
struct PaddedWords: Sendable {
    /// UTF-8; neighbours share the blank between them.
    private(set) var bytes: [UInt8] = [0x20]
    /// With their blanks.
    private(set) var ranges: [Range<Int>] = []

    init(_ text: LowerText) {
        bytes.reserveCapacity(text.bytes.count + 2)
        if text.isASCII {
            for byte in text.bytes {
                if PythonText.isSpace(ascii: byte) { end() } else { bytes.append(byte) }
            }
        } else {
            text.forEachScalar { scalar, encoded in
                if PythonText.isSpace(scalar) { end() } else { bytes += encoded }
            }
        }
        end()
    }

    private var start = 0

    private mutating func end() {
        guard bytes.count > start + 1 else { return }
        bytes.append(0x20)
        ranges.append(start..<bytes.count)
        start = bytes.count - 1
    }

    /// A word without the signs around it; one of nothing but signs is all of it.
    func name(_ number: Int) -> String {
        let word = String(decoding: bytes[ranges[number]].dropFirst().dropLast(), as: UTF8.self)
        let scalars = word.unicodeScalars
        guard let first = scalars.firstIndex(where: PythonText.isWord),
            let last = scalars.lastIndex(where: PythonText.isWord)
        else { return word }
        return String(scalars[first...last])
    }
}
