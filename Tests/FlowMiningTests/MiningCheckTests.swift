import Testing

@testable import FlowMining

/// The signs that what was read does not suit being grouped.
@Suite struct MiningCheckTests {
    private func signs(_ groups: [(String, Int)]) -> [String] {
        MiningCheck(groups.map { .init(count: $0.1, words: $0.0.split(separator: " ")) }).signs
    }

    @Test("groups of all sizes are well")
    func well() {
        #expect(signs((1...40).map { ("app\($0) fails with <*>", 5 * $0) }) == [])
    }

    @Test("few messages show nothing")
    func few() { #expect(signs([("all of it", 999)]) == []) }

    @Test("one group is a sign, and one that has more than half")
    func large() {
        #expect(signs([("all of it", 1_000)]) == ["all 1000 messages are in one group"])
        #expect(
            signs([("most of it", 600)] + (1...20).map { ("the rest \($0)", 25) })
                == ["one group has 600 of 1100 messages, more than half"])
    }

    @Test("hardly two messages alike are two signs: most groups are rare, none is frequent")
    func rare() {
        let groups = (1...1_900).map { ("message \($0)", 1) } + [("seen twice", 2)]
        #expect(
            signs(groups) == [
                "1900 of 1901 groups have one message, more than nine in ten",
                "no group has a hundredth of the 1902 messages",
            ])
    }

    @Test("a template that covers most others is a sign")
    func dead() {
        let groups = [("open <*> failed", 500)] + (1...9).map { ("open \($0)x failed", 100) }
        #expect(
            signs(groups) == [
                "9 of 10 groups are covered by the template of another, more than half"
            ])
    }
}
