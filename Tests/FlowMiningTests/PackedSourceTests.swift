import FlowMining
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite("Packed sources")
struct PackedSourceTests {
    let folder: TemporaryFolder
    let reader = SourceReader(
        format: .plain, settings: ReadSettings(reference: Timestamp(seconds: 1_800_000_000)))

    init() throws { folder = try TemporaryFolder() }

    static let lines = (1...3000).map { "line number \($0) of the log" }
    static let text = lines.map { $0 + "\n" }.joined()

    /// Packs a file by the program that people pack with.
    func pack(_ program: String, _ name: String = "a.log") throws -> [UInt8] {
        try TestProgram(program, in: folder.path).run(["-q", "-c", name]).checked().outputBytes
    }

    /// All that a file holds, read for the first time.
    func read(_ name: String) throws -> (messages: [String], reports: [SourceReader.FileReport]) {
        var state = SourceState()
        var messages: [String] = []
        let (reports, _) = try reader.read([folder.at(name)], &state) {
            messages.append($0.message)
        }
        messages += reports.flatMap(\.unfinished).map(\.message)
        return (messages, reports)
    }

    /// How many errors a reading adds.
    func count(_ name: String, _ source: inout MinedSource) throws -> Int {
        let before = source.errors
        _ = try source.read([folder.at(name)], reader)
        return source.errors - before
    }

    @Test(
        "gzip and zstd are found in the first bytes and read like the text",
        arguments: ["gzip", "zstd"])
    func packed(program: String) throws {
        try folder.write("a.log", Self.text)
        let packed = try pack(program)
        try Files.write(packed + packed, to: folder.at("b"))
        #expect(try read("b").messages == Self.lines + Self.lines)
        var source = MinedSource()
        #expect(try count("b", &source) == 6000)
        #expect(try count("b", &source) == 0)
    }

    @Test(
        "a file that is packed after it was read is not counted again", arguments: ["gzip", "zstd"])
    func rotated(program: String) throws {
        try folder.write("a.log", Self.text)
        var source = MinedSource()
        #expect(try count("a.log", &source) == 3000)
        try folder.write("a.log", Self.text + "late\n")
        try Files.write(try pack(program), to: folder.at("a.log.1"))
        try Files.remove(folder.at("a.log"))
        #expect(try count("a.log.1", &source) == 1)
        #expect(try count("a.log.1", &source) == 0)
    }

    @Test("a copy that is being packed is no new file", arguments: ["gzip", "zstd"])
    func packing(program: String) throws {
        try folder.write("a.log", Self.text)
        var source = MinedSource()
        #expect(try count("a.log*", &source) == 3000)
        let packed = try pack(program)
        // unlike blocks, so that a part of the file unpacks to a part of the text
        try Files.write(Array(packed.prefix(packed.count / 2)), to: folder.at("a.log.gz"))
        #expect(try count("a.log*", &source) == 0)
        try Files.write(packed, to: folder.at("a.log.gz"))
        try Files.remove(folder.at("a.log"))
        #expect(try count("a.log*", &source) == 0)
    }

    @Test(
        "of a damaged archive what comes before is read, with a note",
        arguments: ["gzip", "zstd"], ["cut", "changed", "followed"])
    func damaged(program: String, damage: String) throws {
        try folder.write("a.log", Self.text)
        var packed = try pack(program)
        switch damage {
        case "cut": packed.removeLast(100)
        case "changed": packed[packed.count / 2] ^= 0x55
        default: packed += [0x1F, 0x8B, 1, 2, 3]
        }
        try Files.write(packed, to: folder.at("b"))
        let (messages, reports) = try read("b")
        let known = messages.dropLast(damage == "changed" ? messages.count : 1)
        #expect(Array(known) == Array(Self.lines.prefix(known.count)))
        if damage == "followed" { #expect(messages == Self.lines) }
        let reason = try #require(reports.first?.report.cut.last?.reason)
        #expect(reason.hasPrefix("the file cannot be read further: it"), "\(reason)")
    }

    @Test("bytes after the last member of a gzip file are padding")
    func padding() throws {
        try folder.write("a.log", Self.text)
        try Files.write(try pack("gzip") + [UInt8](repeating: 0, count: 700), to: folder.at("b"))
        let (messages, reports) = try read("b")
        #expect(messages == Self.lines)
        #expect(reports.first?.report.cutCount == 0)
    }

    @Test(
        "what unpacks to a thousand times its size is read in pieces", arguments: ["gzip", "zstd"])
    func bomb(program: String) throws {
        let size = 64 << 20
        try Files.write(
            [UInt8](repeating: 0x61, count: size) + [0x0A, 0x62, 0x0A], to: folder.at("a.log"))
        try Files.write(try pack(program), to: folder.at("b"))
        try Files.remove(folder.at("a.log"))
        let (messages, reports) = try read("b")
        #expect(messages.map(\.utf8.count) == [1 << 20, 1])
        #expect(reports.first?.report.cutCount == 1)
    }

    @Test("UTF-16 with a byte order mark is read as text, half a pair becomes U+FFFD")
    func wide() throws {
        let units = Array("a’é\u{1F600}\n".utf16) + [0xD83D, 0x62, 0x0A]
        for big in [false, true] {
            let bytes = ([0xFEFF] + units).flatMap { unit in
                let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
                return big ? [high, low] : [low, high]
            }
            try Files.write(bytes, to: folder.at("a.log"))
            #expect(try read("a.log").messages == ["a’é\u{1F600}", "\u{FFFD}b"])
        }
    }

    @Test("standard input is read as it comes, packed or not", arguments: [false, true])
    func standardInput(packed: Bool) throws {
        // what a pipe holds
        let whole = Self.lines.prefix(1000).map { $0 + "\n" }.joined()
        try folder.write("a.log", whole)
        let bytes = packed ? try pack("gzip") : Array(whole.utf8)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var file = try SourceFile.open("-", standardInput: ends[0])
        close(ends[0])
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        var text: [UInt8] = []
        while true {
            let more = try file.next()
            if more.isEmpty { break }
            text += more
        }
        #expect(text == Array(whole.utf8))
    }
}
