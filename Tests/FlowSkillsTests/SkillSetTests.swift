import FlowSkills
import FlowSystem
import Testing

@Suite("The set of skills")
struct SkillSetTests {
    private func file(_ number: Int, approved: Bool = true) throws -> SkillFile {
        let draft = Samples.draft(
            Samples.evidence(fingerprint: Samples.fingerprint(number)))
        let bytes = Array(draft.text.utf8)
        guard approved else { return SkillFile(path: draft.proposedPath, bytes: bytes) }
        let path = "skills/" + draft.file
        return SkillFile(
            path: path,
            bytes: try Skill.approved(bytes, path: path, deployedAt: Samples.now))
    }

    @Test("finds skills by id, state, fingerprint and message")
    func finds() throws {
        let set = SkillSet([try file(1), try file(2, approved: false)])
        let id = try #require(set.members.first).skill.id
        #expect(set.find(id)?.skill.match.fingerprint == set.taken[id])
        #expect(set.find("GR-00000000") == nil)
        #expect(set.list([.approved]).count == 1)
        #expect(set.covering(Samples.fingerprint(2)).map(\.skill.status) == [.proposed])
        #expect(set.matching("KeyError: 'a' in b").count == 1)
        #expect(set.matching("something else").isEmpty)
        #expect(set.mistakes.isEmpty)
    }

    @Test("follows renamed fingerprints, however long the chain")
    func aliases() throws {
        let names = (1...4).map(Samples.fingerprint)
        let text =
            "# regrouped\n\(names[1]): \(names[2])\n\(names[0]): \(names[1])\n"
            + "\(names[3]): \(names[2])\n"
        let aliases = try Aliases.read(Array(text.utf8))
        #expect(names.map(aliases.newest) == [names[2], names[2], names[2], names[2]])
        #expect(aliases.first(names[2]) == names[0])
        let set = SkillSet([try file(1)], aliases: aliases)
        #expect(set.covering(names[2]).count == 1 && set.covering(names[3]).count == 1)
        #expect(Array(set.taken.values) == [names[2]])
    }

    @Test("refuses chains that lead back to themselves, and what is no fingerprint")
    func cycles() {
        let (one, two) = (Samples.fingerprint(1), Samples.fingerprint(2))
        let cycle = #expect(throws: SkillsError.self) {
            try Aliases.read(Array("\(one): \(two)\n\(two): \(one)\n".utf8))
        }
        #expect(cycle?.code == .cycle)
        #expect(cycle?.mistakes.first?.message.contains("\(one) -> \(two) -> \(one)") == true)
        let wrong = #expect(throws: SkillsError.self) { try Aliases.read(Array("a: b\n".utf8)) }
        #expect(wrong?.mistakes.map(\.column) == [1, 4])
        #expect(throws: SkillsError.self) { try Aliases.read(Array("[]".utf8)) }
    }

    @Test("an empty table of aliases renames nothing", arguments: ["", "# nothing\n", "~\n"])
    func empty(_ text: String) throws {
        #expect(try Aliases.read(Array(text.utf8)).newest("x") == "x")
    }

    @Test("names an id that two files claim, and keeps files that are no skills out")
    func twice() throws {
        var copy = try file(1)
        copy.path = copy.path.replacingFirst("keyerror", "copy")
        let other = SkillFile(path: "skills/knowledge/k.yaml", bytes: Array("a: 1".utf8))
        let set = SkillSet([try file(1), copy, other])
        #expect(set.mistakes.count == 1)
        #expect(set.mistakes.first?.message.contains("is also the id of skills/") == true)
        #expect(SkillSet.id(inFile: "skills/proposed/GR-9F3C2A1B_x.yaml") == "GR-9F3C2A1B")
        #expect(SkillSet.id(inFile: "docs/GR-9F3C2A1B_x.yaml") == nil)
    }
}
