import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowMining

@Suite("Sources")
struct SourceTests {
    let folder: TemporaryFolder
    var source = MinedSource()

    init() throws { folder = try TemporaryFolder() }

    static func reader(_ format: LogFormat? = .plain) -> SourceReader {
        SourceReader(
            format: format, settings: ReadSettings(reference: Timestamp(seconds: 1_800_000_000)))
    }

    /// Reads what is new, keeps and finds again what is counted, and gives the number of errors that
    /// this has added.
    @discardableResult
    mutating func read(_ pattern: String = "*.log*", _ format: LogFormat? = .plain) throws -> Int {
        let before = source.errors
        _ = try source.read([folder.at(pattern)], Self.reader(format))
        source = try MinedSource(json: JSON.read(source.json.text()))
        return source.errors - before
    }

    /// Checks that the counts are those of one reading of all that is there.
    func expectWhole(
        _ format: LogFormat? = .plain, _ hint: Comment = "",
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        var fresh = MinedSource()
        _ = try fresh.read([folder.at("*.log*")], Self.reader(format))
        #expect(source.miner.json == fresh.miner.json, hint, sourceLocation: location)
    }

    /// Enough text to tell a file by.
    static let start = (1...9).map { "line number \($0) of the log" }

    func write(_ lines: [String], _ name: String = "a.log") throws {
        try folder.write(name, lines.map { $0 + "\n" }.joined())
    }

    /// Lengthens the file that is there.
    func append(_ lines: [String], _ name: String = "a.log") throws {
        let file = try AppendingFile(folder.at(name))
        try file.append(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    @Test("a source keeps the day of its first reading, also of an empty log")
    mutating func since() throws {
        func read(_ back: Int, _ source: inout MinedSource, _ pattern: String) throws {
            let now = MinerTests.now.adding(seconds: -86_400 * Double(back))
            let reader = SourceReader(format: .log, settings: ReadSettings(reference: now))
            _ = try source.read([pattern], reader)
            source = try MinedSource(json: JSON.read(source.json.text()))
        }
        try folder.write("a.log", "")
        try read(12, &source, folder.at("a.log"))
        try read(11, &source, folder.at("a.log"))
        for day in 15...19 {
            try append(
                (0..<50).map { "2026-11-\(day)T10:00:\($0 + 10)Z ERROR app: it failed" })
        }
        try read(0, &source, folder.at("a.log"))
        var signature = try #require(source.miner.signatures(MinerTests.window).first)
        #expect(signature.hits7d == 250 && signature.read30d == 12)
        #expect(signature.trend == .increasing)
        // the same log, of which nothing was read before
        var fresh = MinedSource()
        try read(0, &fresh, folder.at("a.log"))
        signature = try #require(fresh.miner.signatures(MinerTests.window).first)
        #expect(signature.read30d == 5 && signature.trend == .stable)
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
            var source = MinedSource()
            do throws(MiningError) {
                _ = try source.read([folder.at(name)], Self.reader())
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
    mutating func twice() throws {
        try write(Self.start)
        #expect(try read() == 9)
        #expect(try read() == 0)
        try write(Self.start + ["new"])
        #expect(try read() == 1)
        try expectWhole()
    }

    @Test(
        "a line without its end counts, and is counted again, instead, when it has one",
        arguments: ["one", "one of more bytes than it takes to tell a file"])
    mutating func partial(_ first: String) throws {
        try folder.write("a.log", "\(first)\ntw")
        #expect(try read() == 2)
        try folder.write("a.log", "\(first)\ntwo\n")
        #expect(try read() == 0)
        try expectWhole()
    }

    @Test("a record of several lines is one, however often it is read while it is written")
    mutating func growing() throws {
        let text = """
            2026-11-20 02:00:00,123 ERROR shop: order 1 failed
            Traceback (most recent call last):
              File "/srv/shop/order.py", line 12, in place
                raise KeyError(name)
            KeyError: 'partner'
            2026-11-20 02:00:01,456 INFO shop: order 2 placed
            2026-11-20 02:00:02,789 ERROR shop: order 3 failed

            """
        let bytes = Array(text.utf8)
        for format in [nil, LogFormat.log] {
            source = MinedSource()
            for end in stride(from: 40, through: bytes.count, by: 7) + [bytes.count] {
                try Files.write(Array(bytes[..<end]), to: folder.at("a.log"))
                try read("a.log", format)
                try expectWhole(format, "after \(end) bytes")
            }
            #expect(source.errors == 2)
        }
    }

    @Test("what is appended is read as the file was, though its first bytes do not tell how")
    mutating func format() throws {
        // a file that was truncated under its writer begins with zero bytes
        let line = #"{"time": "2026-11-20T10:00:00Z", "level": "error", "message": "it failed"}"#
        let many = Array(repeating: line, count: 2000)
        try Files.write(
            [0, 0, 0] + Array((many.joined(separator: "\n") + "\n").utf8), to: folder.at("a.log"))
        #expect(try read("a.log", nil) == 2000)
        try append([line, line])
        #expect(try read("a.log", nil) == 2)
        #expect(source.miner.signatures(.init(now: Timestamp(seconds: 1_800_000_000))).count == 1)
    }

    @Test("a rotated file is known under its new name, and the new file is read from its start")
    mutating func rotated() throws {
        try write(Self.start)
        try read()
        try Files.move(folder.at("a.log"), to: folder.at("a.log.1"))
        try write(Self.start + ["late"], "a.log.1")
        try write(["fresh"])
        #expect(try read() == 2)
        #expect(try read() == 0)
        try expectWhole()
        try Files.remove(folder.at("a.log.1"))
        #expect(try read() == 0)
        #expect(source.errors == 11, "what is gone stays counted")
    }

    @Test(
        "a copy is no second file, neither before its original is emptied nor after",
        arguments: [1, 9])
    mutating func copied(_ count: Int) throws {
        let start = Self.start.prefix(count).map { String($0.prefix(count == 1 ? 9 : 40)) }
        try write(start)
        try read()
        try write(start + ["late"])
        try write(start + ["late"], "a.log.1")
        #expect(try read() == 1)
        #expect(try read() == 0)
        try write(["fresh"])
        #expect(try read() == 1)
        try expectWhole()
    }

    @Test("a copy that is still being made is no second file")
    mutating func halfCopied() throws {
        try append(Self.start)
        #expect(try read() == 9)
        try append(["late"])
        try append(Array(Self.start.prefix(5)), "a.log.1")
        #expect(try read() == 1)
        try append(Array(Self.start[5..<7]), "a.log.1")
        #expect(try read() == 0)
        try append(Self.start[7...] + ["late"], "a.log.1")
        #expect(try read() == 0)
        #expect(truncate(folder.at("a.log"), 0) == 0)
        #expect(try read() == 0)
        try expectWhole()
    }

    @Test("a file that begins like a rotated one is a file of its own when it goes on otherwise")
    mutating func likeRotated() throws {
        try write(Self.start)
        try read()
        try Files.move(folder.at("a.log"), to: folder.at("a.log.1"))
        try write(Array(Self.start.prefix(2)))
        #expect(try read() == 0)
        try write(Array(Self.start.prefix(2)) + ["other"])
        #expect(try read() == 3)
        try expectWhole()
    }

    @Test("a few bytes that another file of the log begins with as well are a file of their own")
    mutating func fewBytes() throws {
        try folder.write("a.log.2", "laced")
        try read()
        try folder.write("a.log.1", "laced\nline number 2 of the log\n")
        try read()
        try expectWhole()
        #expect(source.errors == 3)
    }

    @Test("what turns out to be the beginning of another file no more counts as what it was before")
    mutating func beginning() throws {
        try write(Self.start, "a.log.1")
        try folder.write("a.log", "line num")
        try read()
        try append(["ber 1 of the log"])
        try read()
        try expectWhole()
    }

    @Test("the first bytes of a copy that was being made count no more when all of it is there")
    mutating func firstBytesOfCopy() throws {
        try write(Self.start)
        try folder.write("a.log.1", "line num")
        try read()
        let rest = Self.start.joined(separator: "\n").dropFirst(8)
        try append([String(rest)], "a.log.1")
        #expect(truncate(folder.at("a.log"), 0) == 0)
        try read()
        try expectWhole()
    }

    @Test("files of one name in folders beside each other are two, one below the other is a copy")
    mutating func folders() throws {
        try write(Self.start, "one/app.log")
        try write(Self.start, "two/app.log")
        #expect(try read("*/app.log") == 18)
        source = MinedSource()
        try write(Self.start, "one/old/app.log.1")
        _ = try source.read(
            [folder.at("one/app.log"), folder.at("one/old/*")], Self.reader())
        #expect(source.errors == 9)
    }

    @Test("files of other names that say the same are two")
    mutating func alike() throws {
        try write(Self.start, "crash-1.log")
        try write(Self.start, "crash-2.log")
        #expect(try read() == 18)
        try write(Self.start, "crash-10.log")
        #expect(try read() == 9)
    }

    @Test("a truncated file is read from its start, also when it has grown past the old end")
    mutating func truncated() throws {
        try write(Self.start)
        try read()
        try write(["fresh"])
        #expect(try read() == 1)
        try write((1...20).map { "other number \($0)" })
        #expect(try read() == 20)
        #expect(source.errors == 30)
    }

    @Test("a file that cannot be read leaves all counts as they were")
    mutating func refused() throws {
        try write(Self.start)
        try read()
        let before = source.json
        try write(Self.start + ["new"])
        #expect(throws: MiningError.self) {
            try source.read([folder.at("a.log"), folder.at("no")], Self.reader())
        }
        #expect(source.json == before)
    }

    @Test("a file written anew each time leaves no more than it must")
    mutating func rewritten() throws {
        for number in 1...150 {
            try write((1...3).map { "line \($0) of text \(number)" })
            #expect(try read() == 3)
        }
        #expect(source.errors == 450 && source.miner.errors == 450)
        let files = source.json["state"]?["files"]?.arrayValue ?? []
        #expect(files.filter { $0["unfinished"]?.isNull == false }.count <= 101)
    }

    @Test("marks of files that are gone are bounded, and what they counted for stays")
    func gone() throws {
        var state = SourceState()
        var counted = 0
        let record = ErrorRecord(time: nil, component: "a", type: "", message: "boom")
        for number in 0..<3 {
            for place in 0..<5_000 {
                let file = FileIdentity(
                    path: "\(number)/\(place)", device: 1, inode: UInt64(number * 5_000 + place),
                    size: 30)
                state.note(
                    FileMark(
                        file, seen: 30, offset: 0, ends: FileEnds(), unfinished: Miner([record])))
            }
            counted += state.finish(noted: 5_000).reduce(0) { $0 + $1.errors }
        }
        counted += state.finish(noted: 0).reduce(0) { $0 + $1.errors }
        #expect(state.marks.count == 10_000)
        #expect(counted + state.marks.reduce(0) { $0 + ($1.unfinished?.errors ?? 0) } == 15_000)
    }

    @Test("among thousands of files the marks that may be meant are found by their names")
    func candidates() throws {
        let names =
            (0..<3000).map { "f\($0).log" } + (0..<3000).map { "app-\($0).log" }
            + ["app.log", "app.log.1", "app-2026-01.log", "app_x.log", "apple.log"]
        let files = names.enumerated().map {
            FileIdentity(path: "logs/" + $1, device: 1, inode: UInt64($0 + 1), size: 9)
        }
        let index = MarkIndex(files.map { FileMark($0, seen: 9, offset: 9, ends: FileEnds()) })
        func found(_ name: String, inode: UInt64 = 0) -> [String] {
            let file = FileIdentity(path: "logs/" + name, device: 1, inode: inode, size: 9)
            return index.candidates(for: file).map { names[$0] }
        }
        #expect(found("f17.log.2.gz") == ["f17.log"])
        #expect(found("app-17.log.1") == ["app-17.log", "app.log", "app.log.1"])
        #expect(
            found("app-2026-01-x.log") == [
                "app-2026.log", "app.log", "app.log.1", "app-2026-01.log",
            ])
        #expect(found("app.log").count == 3004)
        #expect(found("other.log", inode: 5) == ["f4.log"] && found("other.log") == [])
        #expect(index.first(at: files[7]) == 7)
        let elsewhere = FileIdentity(path: "logs/app.log", device: 2, inode: 5, size: 9)
        #expect(index.first(at: elsewhere).map { names[$0] } == "app.log")
    }

    @Test("a state of another shape is refused")
    func badState() {
        #expect(throws: MiningError.self) { try SourceState(json: ["version": 1]) }
        #expect(throws: MiningError.self) { try SourceState(json: ["version": 2, "files": [[:]]]) }
        #expect(throws: MiningError.self) { try MinedSource(json: ["version": 1]) }
    }
}
