import FlowJSON
import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Sources")
struct SourceTests {
    let folder: TemporaryFolder
    let reader = SourceReader(
        format: .plain, settings: ReadSettings(reference: Timestamp(seconds: 1_800_000_000)))

    init() throws { folder = try TemporaryFolder() }

    func lines(_ state: inout SourceState, _ pattern: String = "*.log*") throws -> [String] {
        var messages: [String] = []
        _ = try reader.read([folder.at(pattern)], &state) { messages.append($0.message) }
        return messages
    }

    /// Enough text to tell a file by.
    static let start = (1...9).map { "line number \($0) of the log" }

    func write(_ lines: [String], _ name: String = "a.log") throws {
        try folder.write(name, lines.map { $0 + "\n" }.joined())
    }

    @Test("a pattern matches files directly below, sorted, and no hidden ones")
    func patterns() throws {
        for name in ["b.log", "a.log", ".c.log", "d.txt", "sub/e.log"] {
            try folder.write(name, "x\n")
        }
        func names(_ pattern: String) throws(MiningError) -> [String] {
            try SourcePattern.files(folder.at(pattern)).map(Path.name)
        }
        #expect(try names("*.log") == ["a.log", "b.log"])
        #expect(try names("*") == ["a.log", "b.log", "d.txt"])
        #expect(try names("[!a].*") == ["b.log", "d.txt"])
        #expect(try names("?.log") == ["a.log", "b.log"])
        #expect(try names("*/*.log") == ["e.log"])
        #expect(try names(".*") == [".c.log"])
        #expect(try names("sub/e.log") == ["e.log"])
    }

    @Test("what cannot be read is named, with what to do")
    func errors() throws {
        try folder.write("sub/x", "x")
        try Files.makeLink(folder.at("loop"), to: "loop")
        func message(_ name: String) -> String {
            var state = SourceState()
            do throws(MiningError) {
                _ = try reader.read([folder.at(name)], &state) { _ in }
                return "read"
            } catch {
                return error.description.replacing(folder.path, with: "F")
            }
        }
        #expect(message("no") == "cannot read F/no: no such file; check the path of the source")
        #expect(
            message("*.no")
                == "cannot read F/*.no: no file matches; check the pattern of the source")
        #expect(
            message("sub") == "cannot read F/sub: it is a folder; name its files, as in F/sub/*")
        #expect(
            message("loop")
                == "cannot read F/loop: its symbolic link leads nowhere, or in a circle")
    }

    @Test("reading twice counts nothing twice, and what is appended is read")
    func twice() throws {
        var state = SourceState()
        try write(Self.start)
        #expect(try lines(&state) == Self.start)
        #expect(try lines(&state) == [])
        try write(Self.start + ["new"])
        #expect(try lines(&state) == ["new"])
        state = try SourceState(json: JSON.read(state.json.text()))
        #expect(try lines(&state) == [])
    }

    @Test("a line without its end waits for it")
    func partial() throws {
        var state = SourceState()
        try folder.write("a.log", "one\ntw")
        #expect(try lines(&state) == ["one"])
        try folder.write("a.log", "one\ntwo\n")
        #expect(try lines(&state) == ["two"])
    }

    @Test("a rotated file is known under its new name, and the new file is read from its start")
    func rotated() throws {
        var state = SourceState()
        try write(Self.start)
        _ = try lines(&state)
        try write(Self.start + ["late"], "a.log.1")
        try Files.remove(folder.at("a.log"))
        try write(["fresh"])
        #expect(try lines(&state) == ["fresh", "late"])
        #expect(try lines(&state) == [])
    }

    @Test("a truncated file is read from its start, also when it has grown past the old end")
    func truncated() throws {
        var state = SourceState()
        try write(Self.start)
        _ = try lines(&state)
        try write(["fresh"])
        #expect(try lines(&state) == ["fresh"])
        try write((1...20).map { "other number \($0)" })
        #expect(try lines(&state).count == 20)
    }

    @Test("a state of another shape is refused")
    func badState() {
        #expect(throws: MiningError.self) { try SourceState(json: ["version": 2]) }
        #expect(throws: MiningError.self) { try SourceState(json: ["version": 1, "files": [[:]]]) }
    }
}
