import FlowSkills
import FlowSystem
import Testing

@Suite("Aliases")
struct AliasTests {
    private let names = (1...6).map(Samples.fingerprint)

    private func aliases(_ text: String) throws -> Aliases { try Aliases.read(Array(text.utf8)) }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Those of a file, wherever they stand in it.
    private func splits(_ bytes: [UInt8]) throws -> [Aliases.Split] {
        try Aliases.read(bytes).splits.map {
            Aliases.Split(part: $0.part, of: $0.of, matching: $0.matching)
        }
    }

    @Test("pairs are added at the end, and every other byte stays")
    func adding() throws {
        let old = "# ours\n\"\(names[0])\":   \(names[1])  # why\n"
        let pairs = [
            AliasPair(old: names[1], new: names[2]), AliasPair(old: names[3], new: names[2]),
        ]
        let new = text(try Aliases.adding(pairs, to: Array(old.utf8)))
        #expect(new == old + "\(names[1]): \(names[2])\n\(names[3]): \(names[2])\n")
        #expect(try aliases(new).newest(names[0]) == names[2])
        #expect(try Aliases.adding(pairs, to: Array(new.utf8)) == Array(new.utf8))
        let fresh = text(try Aliases.adding(pairs, to: []))
        #expect(fresh.hasPrefix("# ") && fresh.hasSuffix("\(names[3]): \(names[2])\n"))
    }

    @Test("a pair goes from the end of one chain to the end of the other, so no circle comes of it")
    func chains() throws {
        let old = Array("\(names[0]): \(names[1])\n".utf8)
        let back = [AliasPair(old: names[1], new: names[0])]
        #expect(try Aliases.adding(back, to: old) == old)
        let more = [
            AliasPair(old: names[0], new: names[2]), AliasPair(old: names[2], new: names[1]),
            AliasPair(old: names[2], new: names[3]),
        ]
        let new = try Aliases.adding(more, to: old)
        #expect(
            text(new) == text(old) + "\(names[1]): \(names[2])\n\(names[2]): \(names[3])\n")
        #expect(try Aliases.read(new).newest(names[0]) == names[3])
        #expect(try Aliases.read(new).first(names[3]) == names[0])
    }

    @Test("a table in brackets takes no pair, and says how to write it")
    func brackets() {
        let pair = [AliasPair(old: names[2], new: names[3])]
        let error = #expect(throws: SkillsError.self) {
            try Aliases.adding(pair, to: Array("{\(names[0]): \(names[1])}\n".utf8))
        }
        #expect(error?.message.contains("one 'old: new' a line") == true)
    }

    @Test("splits are read in their order, with their lines, and pairs beside them stay valid")
    func splits() throws {
        let found = try aliases(
            """
            \(names[0]): \(names[1])
            splits:
              \(names[3]):
                of: \(names[1])
                matching: "of lamp"
              \(names[2]): {of: \(names[1]), matching: 'of \\w+'}
            """)
        #expect(found.splits.map(\.part) == [names[3], names[2]])
        #expect(found.splits.map(\.matching) == ["of lamp", "of \\w+"])
        #expect(found.line(of: names[0]) == 1 && found.splits.map(\.line) == [3, 6])
        #expect(found.line(of: names[5]) == nil)
        #expect(found.renamed == [names[0]])
    }

    @Test("a split that cannot be is refused, with its place")
    func mistakes() {
        let of = names[1]
        for (split, place, words) in [
            ("\(names[0]): {of: \(of), matching: '('}", 2, "no regular expression"),
            ("\(names[0]): {of: \(of)}", 2, "matching is missing"),
            ("\(names[0]): {of: x, matching: a}", 2, "\"x\" is no fingerprint"),
            ("a: {of: \(of), matching: a}", 2, "\"a\" is no fingerprint"),
            ("\(names[0]): {of: \(of), matching: a, note: b}", 2, "unknown key \"note\""),
            ("[]", 2, "splits must be a mapping"),
        ] {
            let error = #expect(throws: SkillsError.self) {
                try aliases("splits:\n  \(split)\n")
            }
            #expect(error?.mistakes.first?.line == place, "\(split)")
            #expect(error?.mistakes.first?.message.contains(words) == true, "\(split)")
        }
    }

    @Test("a split is added and taken away again, and every other byte stays")
    func editing() throws {
        let old = "# ours\n\(names[0]): \(names[1])   # why\n"
        let one = Aliases.Split(part: names[2], of: names[1], matching: "^KeyError: '\\w+' # \"x\"")
        let two = Aliases.Split(part: names[3], of: names[1], matching: "lamp")
        let first = try Aliases.adding(one, to: Array(old.utf8))
        #expect(text(first).hasPrefix(old))
        let both = try Aliases.adding(two, to: first)
        #expect(try splits(both) == [one, two])
        #expect(try Aliases.removing(splitOf: names[3], from: both) == first)
        #expect(text(try Aliases.removing(splitOf: names[2], from: first)) == old)
        let pair = [AliasPair(old: names[4], new: names[1])]
        let more = try Aliases.adding(pair, to: both)
        #expect(try splits(more) == [one, two])
        #expect(try Aliases.read(more).newest(names[4]) == names[1])
    }

    @Test("what is taken out again is no longer called what it was put back into")
    func again() throws {
        let one = Aliases.Split(part: names[2], of: names[1], matching: "lamp")
        let back = try Aliases.adding([AliasPair(old: names[2], new: names[1])], to: [])
        let found = try Aliases.read(try Aliases.adding(one, to: back))
        #expect(found.splits.map(\.part) == [one.part] && found.renamed.isEmpty)
    }
}
