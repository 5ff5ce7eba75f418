import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// Whole files and folders.
@Suite struct FilesTests {
    let folder = try? TemporaryFolder()

    private func at(_ name: String) throws -> String { try #require(folder).at(name) }

    @Test("what is written is read, on folders that were not there, with nothing left beside it")
    func write() throws {
        let path = try at("a/b/file")
        for bytes: [UInt8] in [[], [0, 1, 255], Array(repeating: 7, count: 200_000)] {
            try Files.write(bytes, to: path)
            #expect(try Files.read(path) == bytes)
        }
        #expect(try Files.list(at("a/b")) == ["file"])
    }

    @Test("a write that fails leaves the old content and no temporary file")
    func failedWrite() throws {
        let plain = try #require(folder).write("plain", "old")
        #expect(throws: SystemError.self) { try Files.write("new", to: plain + "/below") }
        #expect(try Files.text(plain) == "old")
        // The last step fails: a folder that is not empty cannot be replaced by a file.
        try Files.write("kept", to: at("full/inside"))
        #expect(throws: SystemError.self) { try Files.write("new", to: at("full")) }
        #expect(try Files.list(#require(folder).path) == ["full", "plain"])
        #expect(try Files.text(at("full/inside")) == "kept")
    }

    @Test("errors say what was done to what, and why")
    func errors() throws {
        let missing = try at("missing")
        func message(_ work: () throws(SystemError) -> Void) -> String {
            do throws(SystemError) { try work() } catch { return error.description }
            return ""
        }
        #expect(
            message { () throws(SystemError) in _ = try Files.read(missing) }
                == "cannot read \(missing): No such file or directory")
        #expect(
            message { () throws(SystemError) in _ = try Files.read("/tmp") }
                == "cannot read /tmp: Is a directory")
        #expect(
            message { () throws(SystemError) in _ = try Files.read("/dev/zero", limit: 100_000) }
                == "cannot read /dev/zero: it is larger than 100000 bytes")
        #expect(
            message { () throws(SystemError) in _ = try Files.read("a\u{0}b") }
                == "cannot read a\u{0}b: a path cannot hold a NUL byte")
        #expect(
            message { () throws(SystemError) in _ = try Files.list(missing) }
                == "cannot list \(missing): No such file or directory")
    }

    @Test("links are removed and not followed, and nothing there is fine")
    func remove() throws {
        let outside = try #require(folder).write("outside/file", "kept")
        try Files.makeFolder(at("tree/deep"))
        symlink(Path.folder(outside), try at("tree/deep/link"))
        symlink("/nowhere", try at("tree/dangling"))
        try Files.remove(at("tree"))
        try Files.remove(at("tree"))
        #expect(try Files.text(outside) == "kept")
        #expect(try Files.kind(at("tree")) == nil)
    }

    @Test("a full disk is told as full")
    func full() throws {
        let file = try AppendingFile("/dev/full")
        #expect(throws: SystemError(errno: ENOSPC, doing: "write /dev/full")) {
            try file.append([1, 2, 3])
        }
        #expect(SystemError(errno: ENOSPC, doing: "").code == .full)
    }

    @Test("an appending file keeps what is there")
    func append() throws {
        let path = try at("log")
        for text in ["one\n", "", "two\n"] { try AppendingFile(path).append(Array(text.utf8)) }
        #expect(try Files.text(path) == "one\ntwo\n")
    }
}

/// Locks that end with their owner.
@Suite struct LockedFileTests {
    @Test("a file is locked by one at a time, and free when its owner lets go")
    func oneAtATime() throws {
        let folder = try TemporaryFolder()
        let path = folder.at("lock")
        #expect(!LockedFile.isHeld(path))
        var first = try LockedFile(path)
        #expect(first != nil)
        #expect(LockedFile.isHeld(path))
        #expect(try LockedFile(path) == nil)
        first = nil
        // A process that another test is just starting has a copy of all descriptors until exec.
        #expect(eventually { !LockedFile.isHeld(path) })
        #expect(try LockedFile(path) != nil)
    }

    @Test("another process sees the lock, and it goes with a killed owner")
    func processes() async throws {
        let folder = try TemporaryFolder()
        let path = folder.at("lock")
        let lock = try LockedFile(path)
        await #expect(processExitsWith: .success) { [path = path as String] in
            #expect(LockedFile.isHeld(path))
            let second = try LockedFile(path)
            #expect(second == nil)
        }
        withExtendedLifetime(lock) {}
        let other = folder.at("other")
        await #expect(processExitsWith: .signal(SIGKILL)) { [other = other as String] in
            let lock = try LockedFile(other)
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        #expect(Files.exists(other))
        #expect(!LockedFile.isHeld(other))
    }
}
