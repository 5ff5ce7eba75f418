import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// `flow proposals approve` is a merge: what a reviewer has put on the branch comes along.
@Suite struct DeskMergeTests {
    private static let start = Result {
        let demo = try Demo(messages: ["order of customer refused", "disk is full"])
        try demo.integrate().checked()
        return demo
    }

    private func demo() throws -> (Demo, id: String, branch: String, path: String) {
        let demo = try Demo(copying: Self.start.get())
        let id = try #require(demo.proposals().first)
        return (demo, id, "proposal/\(id)", try demo.document(ofProposal: id))
    }

    /// Commits on the branch what `edit` does to the work tree.
    private func edit(_ demo: Demo, _ branch: String, _ edit: () throws -> Void) throws {
        try demo.git("checkout", "-q", branch).checked()
        try edit()
        try demo.commitAll("review")
        try demo.git("checkout", "-q", "main").checked()
    }

    @Test("approving keeps every file that reviewers added, changed or removed on the branch")
    func wholeBranch() throws {
        let (demo, id, branch, path) = try demo()
        try demo.write("kept.txt", "a\n")
        try demo.write("gone.txt", "b\n")
        try demo.commitAll("before")
        try demo.git("checkout", "-q", branch).checked()
        try demo.git("merge", "-q", "--no-edit", "main").checked()
        try demo.git("checkout", "-q", "main").checked()
        try edit(demo, branch) {
            try demo.write("autopatches/fix.py", "print('mended')\n")
            guard chmod(demo.at("autopatches/fix.py"), 0o755) == 0 else { return }
            try demo.write("kept.txt", "a, reviewed\n")
            try Files.remove(demo.at("gone.txt"))
            try demo.write(path, "# seen\n" + demo.text(path))
        }
        let tip = try demo.head(branch)
        try demo.write("other.txt", "meanwhile\n")
        try demo.commitAll("meanwhile")
        try demo.flow("proposals", "approve", id).checked()

        #expect(try demo.head("main^2") == tip)
        #expect(try demo.text("autopatches/fix.py") == "print('mended')\n")
        #expect(try demo.git("ls-files", "-s", "autopatches").text.hasPrefix("100755 "))
        #expect(access(demo.at("autopatches/fix.py"), X_OK) == 0)
        #expect(try demo.text("kept.txt") == "a, reviewed\n")
        #expect(!Files.exists(demo.at("gone.txt")))
        #expect(try demo.text("other.txt") == "meanwhile\n")
        #expect(try demo.text(path).hasPrefix("# seen\n"))
        #expect(try demo.git("diff", "--name-only", "main^2", "main").lines == ["other.txt"])
        try demo.expectSound()
        try demo.integrate().checked()
        #expect(try demo.skills()[id]?["status"] == "approved")
        try demo.expectSound()
    }

    @Test("what both sides changed is refused by name, with the way to merge it")
    func conflict() throws {
        let (demo, id, branch, _) = try demo()
        try edit(demo, branch) { try demo.write("README.md", "theirs\n") }
        try demo.write("README.md", "ours\n")
        try demo.commitAll("ours")
        let head = try demo.head()
        let result = try demo.flow("proposals", "approve", id)
        #expect(result.exit == 1)
        #expect(
            result.errors.contains(
                "README.md changed both on main and on \(branch); merge it by hand: "
                    + "'git merge \(branch)' on main"), "\(result)")
        #expect(try demo.head() == head)
        #expect(try demo.proposals().contains(id))
        try demo.expectSound()
    }

    @Test("a link and a changed mode are left to git", arguments: ["link", "mode"])
    func odd(_ kind: String) throws {
        let (demo, id, branch, _) = try demo()
        try demo.write("tool", "x\n")
        try demo.commitAll("tool")
        try demo.git("checkout", "-q", branch).checked()
        try demo.git("merge", "-q", "--no-edit", "main").checked()
        try demo.git("checkout", "-q", "main").checked()
        try edit(demo, branch) {
            if kind == "mode" {
                #expect(chmod(demo.at("tool"), 0o755) == 0)
            } else {
                #expect(symlink("tool", demo.at("alias")) == 0)
            }
        }
        let head = try demo.head()
        let result = try demo.flow("proposals", "approve", id)
        #expect(result.exit == 1 && result.errors.contains("'git merge \(branch)'"), "\(result)")
        #expect(try demo.head() == head)
    }

    @Test("a broken document is refused with its mistakes, and the list shows them and goes on")
    func broken() throws {
        let (demo, id, branch, path) = try demo()
        try edit(demo, branch) {
            try demo.write(path, demo.text(path).replacing("kind: ", with: "kind: no-"))
        }
        let head = try demo.head()
        let result = try demo.flow("proposals", "approve", id)
        #expect(result.exit == 1 && result.errors.contains("\(path):"), "\(result)")
        #expect(try demo.head() == head)
        func reason() throws -> String? {
            let list = try demo.flow("proposals", "list", "--json").checked().jsonLines
            #expect(list.count == 2)
            return list.first { $0["id"]?.stringValue == id }?["reason"]?.stringValue
        }
        #expect(try reason()?.contains("\(path):") == true)
        #expect(
            try demo.flow("proposals", "list").checked().lines
                .contains { $0.hasPrefix("    \(path):") })

        try edit(demo, branch) { try demo.write(path, "id: [\n") }
        try demo.git("merge", "-q", "--no-ff", "-m", "oops", branch).checked()
        #expect(try reason()?.contains("\(path):") == true)
    }
}
