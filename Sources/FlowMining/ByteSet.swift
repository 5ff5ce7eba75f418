/// A set of ASCII characters as two machine words, which the compiler lays down whole: a lookup runs
/// no initialiser.
struct ByteSet: Sendable {
    /// The characters 0–63, bit by bit.
    let low: UInt64
    /// The characters 64–127.
    let high: UInt64

    func contains(_ byte: UInt8) -> Bool {
        byte < 0x80 && (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte & 63)) & 1 == 1
    }

    /// Letters, digits and `_-+%$~\\/&*`.
    static let atoms = ByteSet(low: 0x03FF_AC70_0000_0000, high: 0x47FF_FFFE_97FF_FFFE)
    /// `"'<>()[]{},;`
    static let urlEnds = ByteSet(low: 0x5800_1384_0000_0000, high: 0x2800_0000_2800_0000)
    /// `:/@-.=|+#;*^?!`
    static let joining = ByteSet(low: 0xAC00_EC0A_0000_0000, high: 0x1000_0000_4000_0001)
}
