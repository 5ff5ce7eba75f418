import FlowTestSupport
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

    /// As it was once written: each template with each.
    private static func covered(_ words: [Substring], by all: [[Substring]]) -> Bool {
        all.contains { other in
            other != words && other.count == words.count
                && other.contains { $0 == "<*>" || $0 == "<str>" }
                && zip(other, words).allSatisfy { $0 == $1 || $0 == "<*>" || $0 == "<str>" }
        }
    }

    @Test(
        "a covered template is found as by comparing each with each",
        arguments: 41...46 as ClosedRange<UInt64>)
    func covers(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let words: [Substring] = ["a", "b", "c", "<*>", "<str>"]
        let templates = (0..<300).map { _ in
            (0..<Int.random(in: 0...6, using: &random)).map { _ in
                words[
                    min(
                        Int.random(in: 0..<7, using: &random), Int.random(in: 0..<5, using: &random)
                    )]
            }
        }
        let covers = TemplateCovers(templates)
        for template in templates {
            #expect(
                covers.isCovered(template) == Self.covered(template, by: templates), "\(template)")
        }
        let unknown: [Substring] = ["a", "z"]
        #expect(covers.isCovered(unknown) == Self.covered(unknown, by: templates))
    }
}
