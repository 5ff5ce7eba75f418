import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Who brought a line to a branch")
struct LineOriginsTests {
    private let sandbox: Sandbox
    private let file = "notes/a.txt"

    init() throws { sandbox = try Sandbox() }

    private func commit(_ text: String, by name: String) throws {
        try sandbox.write(file, text)
        try sandbox.git("add", "-A")
        try sandbox.git(
            "-c", "user.name=\(name)", "-c", "user.email=\(name)@x", "commit", "-qm", "by \(name)")
    }

    /// The lines that do not count and who brought them, where only `ann` is trusted.
    private func left(_ trusted: Set<String> = ["ann"]) throws -> [String] {
        let repository = try sandbox.open()
        let tip = try #require(try repository.tip(of: "main"))
        let origins = try repository.lineOrigins(in: "notes", on: tip) {
            trusted.contains($0.bringer.name)
        }
        let bytes = try #require(try repository.bytes(file, at: tip))
        return origins.left(file, bytes).map { "\($0.line) \($0.by.by.name)" }
    }

    @Test("lines that were put at the end count by their commit, wherever they stand later")
    func appended() throws {
        try commit("1\n", by: "ann")
        try commit("1\n2\n3\n", by: "bob")
        try commit("1\n2\n3\n4\n", by: "ann")
        #expect(try left() == ["2 bob", "3 bob"])
        try commit("3\n4\n2\n1\n5\n", by: "ann")
        #expect(try left() == ["1 bob", "3 bob"])
        #expect(try left(["ann", "bob"]) == [])
        #expect(try left([]).count == 5)
    }

    @Test("a line that somebody trusted has put there as well counts, and removed ones are gone")
    func copies() throws {
        try commit("1\n2\n", by: "bob")
        try commit("1\n2\n1\n", by: "ann")
        #expect(try left() == ["1 bob", "2 bob"])
        try commit("1\n", by: "ann")
        #expect(try left() == ["1 bob"])
        try commit("3\n", by: "ann")
        try commit("3\n1\n", by: "ann")
        #expect(try left() == [])
    }

    @Test("a changed line is the one who changed it, and its old text is gone")
    func changed() throws {
        try commit("hits 1\nhits 2\n", by: "ann")
        try commit("hits 1\nhits 900\n", by: "bob")
        #expect(try left() == ["2 bob"])
    }

    @Test("of a merge the one who merges counts, not who wrote the commits that it brings")
    func merged() throws {
        try commit("1\n", by: "ann")
        try sandbox.git("switch", "-qc", "other")
        try commit("1\n2\n", by: "bob")
        try sandbox.git("switch", "-q", "main")
        for (name, expected) in [("ann", []), ("eve", ["2 eve"])] {
            try sandbox.git(
                "-c", "user.name=\(name)", "-c", "user.email=e@x", "merge", "-q", "--no-ff", "-m",
                "merge", "other")
            #expect(try left() == expected)
            try sandbox.git("reset", "-q", "--hard", "HEAD~1")
        }
    }

    @Test("what GitHub commits counts as its author's, whom GitHub names")
    func github() throws {
        try sandbox.write(file, "1\n")
        try sandbox.git("add", "-A")
        try sandbox.git(
            "-c", "user.name=GitHub", "-c", "user.email=noreply@github.com", "commit", "-qm", "x",
            "--author", "ann <ann@x>")
        #expect(try left() == [])
        #expect(try left(["GitHub"]) == ["1 ann"])
    }

    @Test("a history that is cut off is named, and what it had then is nobody's")
    func shallow() throws {
        try commit("1\n", by: "bob")
        try commit("1\n2\n", by: "ann")
        try commit("1\n2\n3\n", by: "bob")
        let folder = try TemporaryFolder()
        try sandbox.git("clone", "-q", "--depth", "2", "file://" + sandbox.path, folder.at("c"))
        let clone = try Repository.open(at: folder.at("c"))
        let tip = try #require(try clone.tip(of: "main"))
        let origins = try clone.lineOrigins(in: "notes", on: tip) { $0.bringer.name == "ann" }
        #expect(origins.cut?.hex == (try sandbox.git("rev-parse", "main~1")))
        let bytes = try #require(try clone.bytes(file, at: tip))
        #expect(origins.left(file, bytes).map(\.line) == [3])
    }
}
