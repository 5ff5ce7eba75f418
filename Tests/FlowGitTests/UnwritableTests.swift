import FlowGit
import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite struct UnwritableTests {
    @Test("a name that no file can have is refused before anything is written")
    func longName() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let name = String(repeating: "n", count: 300)
        for path in [name, "\(name)/a", String(repeating: "abc/", count: 1_200) + "a"] {
            let (tip, publication) = (
                try repository.mainTip(),
                try repository.publication([("README", "flow\n"), (path, "x\n")])
            )
            let error = #expect(throws: GitError.self) { try repository.publish(publication) }
            #expect(error?.code == .unwritable)
            #expect(error?.paths == [path])
            #expect(error?.description.contains("bytes long") == true)
            #expect(try repository.mainTip() == tip)
            #expect(try sandbox.status() == "")
            #expect(try sandbox.intents() == [])
        }
    }

    @Test(
        "a folder that may not be written to is refused before anything is written",
        .enabled(if: geteuid() != 0, "root may write everywhere"))
    func lockedFolder() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        chmod(sandbox.at("skills"), 0o555)
        defer { chmod(sandbox.at("skills"), 0o755) }
        let publication = try repository.publication([("README", "x\n"), ("skills/new/a", "x\n")])
        let error = #expect(throws: GitError.self) { try repository.publish(publication) }
        #expect(error?.code == .unwritable)
        #expect(try sandbox.status() == "")
    }

    @Test("a file that recovery cannot write is reported once, and the next publication goes on")
    func recoverUnwritable() throws {
        let sandbox = try Sandbox()
        let path = String(repeating: "n", count: 300)
        try sandbox.write("content", "x\n")
        let blob = try sandbox.git("hash-object", "-w", "content")
        try Files.remove(sandbox.at("content"))
        let old = try sandbox.git("rev-parse", "HEAD")
        try sandbox.git("update-index", "--add", "--cacheinfo", "100644,\(blob),\(path)")
        try sandbox.git("commit", "-qm", "long")
        let new = try sandbox.git("rev-parse", "HEAD")
        try sandbox.git("update-index", "--force-remove", path)
        let intent: JSON = [
            "version": 1, "branch": "main", "old": .string(old), "new": .string(new),
            "git-folder": .string(sandbox.at(".git")),
            "paths": [
                ["path": .string(path), "executable": false, "old": .null, "new": .string(blob)]
            ],
        ]
        try sandbox.write(".git/flow/intent-1-1.json", intent.text())
        let repository = try sandbox.open()
        #expect(try repository.recover().map(\.leftAlone) == [[path]])
        #expect(try sandbox.intents() == [])
        // In the index, so that a person's next commit does not take the file out.
        #expect(try sandbox.git("ls-files", path) == path)
        _ = try repository.publish(try repository.publication([("README", "flow\n")]))
        #expect(try sandbox.git("rev-list", "--count", "main") == "3")
        #expect(try sandbox.text("README") == "flow\n")
    }
}
