import FlowSystem
import FlowTestSupport
import Testing

/// The file `.env`.
@Suite struct DotEnvTests {
    private static func read(_ text: String) throws -> [String: String] {
        try DotEnv.read(Array(text.utf8), path: ".env")
    }

    @Test(
        "values are read as other tools read them",
        arguments: [
            ("A=b", "b"), ("A = b ", "b"), ("export A=b", "b"), ("export\tA=b", "b"),
            ("\u{FEFF}A=b\r\n", "b"), ("A=", ""), ("A=a b # c", "a b"), ("A=a#b", "a#b"),
            ("A=# c", ""), ("A='a # \\n$B' # c", "a # \\n$B"),
            ("A=\"a\\n\\\"\\$\\x\"", "a\n\"$\\x"),
            ("A=\"one\ntwo\"", "one\ntwo"), ("# x\n\n  A=b\n#", "b"), ("A=x\nA=y", "y"),
            ("A=b=c", "b=c"), ("A=ä", "ä"),
        ])
    func values(_ text: String, _ value: String) throws {
        #expect(try Self.read(text) == ["A": value])
    }

    @Test(
        "a mistake is shown with its line and column, and never with a value",
        arguments: [
            ("A=b\nB", "line 2, column 2: there is no = after the name B"),
            (
                "\n 1A=b",
                "line 2, column 4: a line is NAME=value, and a name is letters, digits and _"
            ),
            ("A-B=c", "line 1, column 2: there is no = after the name A"),
            ("A='b\nC=d", "line 1, column 3: the quote that opens here is never closed"),
            ("A='b'c", "line 1, column 6: there is more after the closing quote"),
        ])
    func mistakes(_ text: String, _ message: String) throws {
        let error = #expect(throws: SystemError.self) { try Self.read(text) }
        #expect(error?.description == "cannot read .env, \(message)")
    }

    @Test(
        "what no environment can hold is refused",
        arguments: [
            ([0x41, 0x3D, 0x62, 0x00, 0x63], "it has a NUL byte in it"),
            ([0x41, 0x3D, 0xFF], "it is not valid UTF-8"),
        ] as [([UInt8], String)])
    func refused(_ bytes: [UInt8], _ message: String) throws {
        let error = #expect(throws: SystemError.self) { try DotEnv.read(bytes, path: ".env") }
        #expect(error?.description == "cannot read .env: \(message)")
    }

    @Test("where there is no file, or something else of its name, there are no values")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect(try DotEnv.read(in: folder.path) == [:])
        try Files.makeFolder(folder.at(".env"))
        #expect(try DotEnv.read(in: folder.path) == [:], "as Python's environments are called")
        try Files.remove(folder.at(".env"))
        try folder.write(".env", "A=b\n")
        #expect(try DotEnv.read(in: folder.path) == ["A": "b"])
    }
}
