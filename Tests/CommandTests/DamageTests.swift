import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// State that was damaged, emptied, replaced or taken away: flow says what, where, and how to mend it.
@Suite struct DamageTests {
    /// A folder in which a workflow has run three times.
    private static func folder() throws -> (folder: TemporaryFolder, flow: TestProgram) {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              a: {run: 'echo v=1 > "$FLOW_OUTPUT"', outputs: {v: {}}}
              b: {needs: a, strategy: {matrix: {k: [1, 2, 3, 4, 5, 6]}}, run: 'true'}
            """)
        let flow = Demo.flow(in: folder.path)
        for _ in 1...3 { try flow("run", "w.yaml").checked() }
        return (folder, flow)
    }

    private static func doctor(_ flow: TestProgram) throws -> (isFine: Bool, words: [String]) {
        let findings = try flow("doctor", "--json").jsonLines.filter { $0["check"] == "state" }
        return (
            findings.allSatisfy { $0["ok"] == true },
            findings.compactMap { $0["message"]?.stringValue }
        )
    }

    private static let remedy = "mkdir -p .flow/damaged && mv .flow/runs.db* .flow/damaged"

    @Test(
        "a damaged log is named with its place and a command that mends it, and nothing is run",
        arguments: ["cut", "flipped", "foreign"])
    func damaged(_ how: String) throws {
        let (folder, flow) = try Self.folder()
        let path = folder.at(".flow/runs.db")
        var bytes = try Files.read(path)
        switch how {
        case "cut": bytes.removeLast(bytes.count / 2)
        case "flipped":
            for place in stride(from: 4096, to: bytes.count, by: 97) { bytes[place] ^= 0x55 }
        default: bytes.replaceSubrange(0..<16, with: Array("no database here".utf8))
        }
        try Files.write(bytes, to: path)
        let remedy = Self.remedy.split(separator: ".flow/").joined(separator: folder.at(".flow/"))
        let (isFine, words) = try Self.doctor(flow)
        #expect(!isFine && words.count <= 3, "\(words)")
        #expect(words.allSatisfy { $0.contains(path) && $0.contains(remedy) }, "\(words)")
        for words in [["run", "w.yaml"], ["runs"], ["show", "last"], ["runs", "prune"]] {
            let result = try flow.run(words)
            #expect(result.exit == 1 && result.output == "", "\(result)")
            #expect(result.errors.contains(path) && result.errors.contains(remedy), "\(result)")
        }
        #expect(try Files.read(path) == bytes, "what is damaged is left for whoever can save it")
        try TestProgram("sh", in: folder.path)("-c", remedy).checked()
        try flow("run", "w.yaml").checked()
        #expect(try flow("runs", "--json").jsonLines.count == 1)
    }

    @Test(
        "what stands in the place of the log or of the folder is named",
        arguments: [".flow/runs.db", ".flow"])
    func replaced(_ name: String) throws {
        let (folder, flow) = try Self.folder()
        try Files.remove(folder.at(name))
        if name == ".flow" {
            try folder.write(name, "")
        } else {
            try Files.makeFolder(folder.at(name))
        }
        let (isFine, words) = try Self.doctor(flow)
        let run = try flow("run", "w.yaml")
        #expect(!isFine && run.exit == 1, "\(run)")
        for text in words + [run.errors] {
            #expect(text.contains(folder.at(name)) && text.contains("move it away"), "\(text)")
        }
    }

    @Test("a log that was emptied is not taken for a new one without a word")
    func emptied() throws {
        let (folder, flow) = try Self.folder()
        try folder.write(".flow/runs.db", "")
        let (_, words) = try Self.doctor(flow)
        let path = folder.at(".flow/runs.db")
        #expect(words.count == 1)
        #expect(
            words.first?.hasPrefix("\(path) holds no runs, and there are folders of 3; ") == true)
    }

    @Test("a log of a newer flow is left as it is")
    func newer() throws {
        let (folder, flow) = try Self.folder()
        let path = folder.at(".flow/runs.db")
        var bytes = try Files.read(path)
        // The user version, big-endian (SQLite, "Database File Format", 1.3).
        bytes[63] = 99
        try Files.write(bytes, to: path)
        let message =
            "cannot use \(path): it has schema 99 and this flow knows up to 2; use a newer"
        #expect(try Self.doctor(flow).words.first?.hasPrefix(message) == true)
        #expect(try flow("run", "w.yaml").errors.contains(message))
        #expect(try Files.read(path) == bytes)
    }

    @Test("the memory of the stages is looked at too")
    func memory() throws {
        let (folder, flow) = try Self.folder()
        try folder.write(".flow/memory.db", "junk, junk, junk")
        let (isFine, words) = try Self.doctor(flow)
        #expect(!isFine && words.first?.contains("the next run mines again") == true, "\(words)")
    }

    @Test(
        "a run whose log is taken away while it runs does not end as a success",
        arguments: ["rm -r .flow", "rm .flow/runs.db*", "mv .flow gone"])
    func gone(_ act: String) throws {
        let (folder, flow) = try Self.folder()
        try folder.write(
            "slow.yaml",
            """
            flow: 1
            nodes: {a: {run: 'true'}, b: {needs: a, run: 'while [ ! -e on ]; do sleep 0.01; done'}}
            """)
        let run = try flow.run(["run", "slow.yaml"]) { line in
            guard line.contains(" a ") else { return false }
            _ = try? TestProgram("sh", in: folder.path)("-c", "\(act); : > on")
            return false
        }
        #expect(run.exit == 1, "\(run)")
        #expect(
            run.errors.contains(
                "cannot keep what has happened in \(folder.at(".flow/runs.db")): the file was removed"
            ),
            "\(run)")
    }
}
