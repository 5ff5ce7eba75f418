/// The words of a text, as scikit-learn's `TfidfVectorizer` finds them: lower-cased, maximal runs of
/// word characters of at least `minimum` scalars (its pattern `(?u)\b\w\w+\b` means 2).
///
/// The words stand in one buffer with one blank between them, so that every run of neighbours, an
/// n-gram, is one slice of it.
struct TextWords: Sendable {
    /// UTF-8.
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [Range<Int>] = []

    init(_ text: String, minimum: Int = 2) { self.init(LowerText(text), minimum: minimum) }

    init(_ text: LowerText, minimum: Int = 2) {
        bytes.reserveCapacity(text.bytes.count + 1)
        if text.isASCII {
            for byte in text.bytes {
                if PythonText.isWord(ascii: byte) { bytes.append(byte) } else { end(minimum) }
            }
        } else {
            text.forEachScalar { scalar, encoded in
                if PythonText.isWord(scalar) { bytes += encoded } else { end(minimum) }
            }
        }
        end(minimum)
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    }

    var words: [String] { ranges.map { String(decoding: bytes[$0], as: UTF8.self) } }

    /// All words with one blank between them.
    var joined: String { String(decoding: bytes, as: UTF8.self) }

    /// What texts are told apart by that a model cannot tell apart: the words, or the text itself
    /// where it has none.
    static func key(of text: String) -> String {
        let words = TextWords(text).joined
        return words.isEmpty ? text : words
    }

    private var wordStart = 0

    private mutating func end(_ minimum: Int) {
        guard bytes.count > wordStart else { return }
        let scalars = bytes[wordStart...].count { $0 & 0xC0 != 0x80 }
        if scalars >= minimum {
            ranges.append(wordStart..<bytes.count)
            bytes.append(UInt8(ascii: " "))
        } else {
            bytes.removeSubrange(wordStart...)
        }
        wordStart = bytes.count
    }
}
