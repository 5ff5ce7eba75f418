import FlowGit
import FlowSystem
import FlowTestSupport
import Testing

/// What a publication of very many files costs, counted and not timed.
@Suite struct LargeFolderTests {
    @Test(
        "a publication reads a folder a few times, not once for each of its files",
        .enabled(if: bytesRead() != nil, "the system does not count what a thread reads"))
    func bytes() throws {
        let few = try read(publishing: 100)
        let many = try read(publishing: 400)
        // Four times the files are four times the bytes; read once for each file, the folder alone
        // would be sixteen times.
        #expect(many < 7 * few, "\(few) bytes for 100 files, \(many) for 400")
    }

    /// The bytes that a publication of so many changed files of one folder reads.
    private func read(publishing count: Int) throws -> Int {
        let sandbox = try Sandbox()
        for number in 0..<count { try sandbox.write("skills/many/\(number).yaml", "a: 1\n") }
        // Of the folder's own attributes a commit may say something, too.
        try sandbox.write(".gitattributes", "*.bin binary\n")
        try sandbox.git("add", "-A")
        try sandbox.git("commit", "-qm", "many")
        let repository = try sandbox.open()
        let publication = try repository.publication(
            (0..<count).map { ("skills/many/\($0).yaml", "a: 2\n") })
        let before = try #require(bytesRead())
        let published = try repository.publish(publication)
        let after = try #require(bytesRead())
        #expect(published.commit != nil)
        #expect(try sandbox.status() == "")
        return after - before
    }
}

/// What this thread has read from files so far; nil where the system does not say.
private func bytesRead() -> Int? {
    let lines = (try? Files.text("/proc/thread-self/io"))?.split(separator: "\n")
    return lines?.first { $0.hasPrefix("rchar: ") }.flatMap { Int($0.dropFirst(7)) }
}
