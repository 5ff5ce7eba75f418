import Testing

@testable import FlowMining

@Suite struct ByteSetTests {
    @Test(
        "the two words of a set hold the characters that stand beside them",
        arguments: [
            (
                ByteSet.atoms,
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+%$~\\/&*"
            ),
            (ByteSet.urlEnds, "\"'<>()[]{},;"),
            (ByteSet.joining, ":/@-.=|+#;*^?!"),
        ])
    func members(set: ByteSet, characters: String) {
        let expected = Set(characters.utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(set.contains(byte) == expected.contains(byte))
        }
    }
}
