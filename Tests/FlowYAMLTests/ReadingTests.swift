import FlowJSON
import FlowYAML
import Testing

private func json(_ text: String) throws -> String {
    try YAMLDocument.read(text).json.text(.spaced)
}

@Suite("YAML is read")
struct ReadingTests {
    @Test(
        "plain scalars follow the YAML 1.2 core schema",
        arguments: [
            ("true", "true"), ("True", "true"), ("TRUE", "true"), ("false", "false"),
            ("tRue", #""tRue""#), ("null", "null"), ("~", "null"), ("Null", "null"),
            ("yes", #""yes""#), ("no", #""no""#), ("on", #""on""#), ("off", #""off""#),
            ("y", #""y""#), ("2025-11-01", #""2025-11-01""#), ("12:30:45", #""12:30:45""#),
            ("0", "0"), ("-19", "-19"), ("+12", "12"), ("012", "12"), ("0o14", "12"),
            ("0xC", "12"), ("0xc", "12"), ("-0x1", #""-0x1""#), ("0b1", #""0b1""#),
            ("1_000", #""1_000""#), ("0.5", "0.5"), (".5", "0.5"), ("1.", "1.0"),
            ("-1.5e3", "-1500.0"), ("1e3", "1000.0"), ("1E+2", "100.0"), ("1e", #""1e""#),
            (".", #"".""#), ("+", #""+""#), ("-", "[null]"), ("1.2.3", #""1.2.3""#),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9.223372036854775808e+18"), ("=", #""=""#),
            ("''", #""""#), ("'true'", #""true""#), ("\"12\"", #""12""#), ("'~'", #""~""#),
            ("!!str 12", #""12""#), ("!!int '12'", "12"), ("!!float 12", "12.0"),
            ("!!null ''", "null"), ("!!bool 'true'", "true"), ("! 12", #""12""#),
            ("!cancelled()", #""!cancelled()""#), ("!local text", #""!local text""#),
        ])
    func scalars(_ text: String, _ expected: String) throws {
        #expect(try YAMLDocument.read("- " + text).json == .array([JSON.read(expected)]))
    }

    @Test(
        "collections, anchors and merge keys are resolved",
        arguments: [
            ("", "null"), ("# nothing\n", "null"), ("\u{FEFF}a: 1\nb: 2", #"{"a": 1, "b": 2}"#),
            ("a: 1\r\nb:\r\n  - x\r\n", #"{"a": 1, "b": ["x"]}"#),
            ("---\na: 1\n...\n", #"{"a": 1}"#), ("%YAML 1.2\n---\na: 1", #"{"a": 1}"#),
            ("a:\n- 1\n- 2", #"{"a": [1, 2]}"#),
            ("{a, b: [1, {c: d}]}", #"{"a": null, "b": [1, {"c": "d"}]}"#),
            ("on: push\n1: x\ntrue: y", #"{"on": "push", "1": "x", "true": "y"}"#),
            ("a: &x [1]\nb: *x", #"{"a": [1], "b": [1]}"#),
            (
                "a: &x {p: 1, q: 2}\nb: {z: 0, <<: *x, q: 3}",
                #"{"a": {"p": 1, "q": 2}, "b": {"z": 0, "p": 1, "q": 3}}"#
            ),
            (
                "- &x {p: 1}\n- &y {p: 2, q: 2}\n- <<: [*x, *y]\n  r: 3",
                #"[{"p": 1}, {"p": 2, "q": 2}, {"p": 1, "q": 2, "r": 3}]"#
            ),
            ("- &x {p: 1}\n- p: 0\n  <<: *x", #"[{"p": 1}, {"p": 0}]"#),
            ("{\"<<\": 1}", #"{"<<": 1}"#),
            ("a: |\n  one\n  two\nb: >-\n  one\n  two\n", #"{"a": "one\ntwo\n", "b": "one two"}"#),
            ("if: !cancelled()\nrun: x", #"{"if": "!cancelled()", "run": "x"}"#),
        ])
    func collections(_ text: String, _ expected: String) throws {
        #expect(try json(text) == expected)
    }

    @Test(
        "a mistake is named at its line and column",
        arguments: [
            (
                "a: b: c",
                "line 1, column 5: ':' is not allowed here; either the text needs quotes or the indentation is wrong"
            ),
            (
                "a:\n  b: 1\n c: 2",
                "line 3, column 2: expected a 'key: value' with this indentation (begun at line 1, column 1)"
            ),
            (
                "a: [1, 2\nb: 3",
                "line 2, column 2: expected ',' or ']' in the list (begun at line 1, column 4)"
            ),
            (
                "a: 'open",
                "line 1, column 9: the text ends before the closing quote (begun at line 1, column 4)"
            ),
            ("a:\n\tb: 1", "line 2, column 1: a tab cannot indent; use blanks"),
            (
                "a: 'it's'",
                "line 1, column 8: text after the end of the value; quote the whole value"
            ),
            (
                "if: !contains(a, 'b')",
                "line 1, column 16: a value that begins with '!' is a tag; quote it if it is text"
            ),
            ("a: @b", "line 1, column 4: no value begins with '@'; quote it"),
            (
                "a: \"\\q\"",
                "line 1, column 5: no such escape in double quotes; write '\\\\' for a backslash"
            ),
            (
                "é: 1\né: 2",
                "line 2, column 1: the key 'é' is given twice, first on line 1; keep one"
            ),
            (
                "x: {b: 1, \"b\": 2}",
                "line 1, column 11: the key 'b' is given twice, first on line 1; keep one"
            ),
            (
                "a: *x",
                "line 1, column 4: there is no anchor &x before this alias; quote the value if it is text"
            ),
            ("a: &x [*x]", "line 1, column 8: the alias *x stands inside its own anchor &x"),
            (
                "a: 1\n---\nb: 2",
                "line 2, column 1: a second document begins here; a file holds one document"
            ),
            (
                "[a]: 1",
                "line 1, column 1: a key must be text; quote it if it begins with '[', '{' or '*'"
            ),
            (
                "<<: 1",
                "line 1, column 5: '<<' takes a mapping or a list of mappings, such as *base"
            ),
            ("a: !!int x", "line 1, column 4: 'x' does not fit the tag !!int"),
            (
                "a: .inf",
                "line 1, column 4: '.inf' is a number that JSON cannot hold; quote it if it is text"
            ),
            (
                "ü: \u{1}",
                "line 1, column 4: the character U+0001 cannot stand in YAML; write it as \"\\x01\" in double quotes"
            ),
            (
                "a: 1\n# \u{FFFE}",
                "line 2, column 3: the character U+FFFE cannot stand in YAML; write it as \"\\uFFFE\" in double quotes"
            ),
        ])
    func mistakes(_ text: String, _ expected: String) {
        #expect { _ = try YAMLDocument.read(text).json } throws: { error in
            "\(error)" == expected
        }
    }

    @Test(
        "what is not UTF-8 is refused at its byte",
        arguments: [
            (
                [0x61, 0x3A, 0x20, 0xFF],
                "line 1, column 4: byte 0xFF is not UTF-8; save the file as UTF-8"
            ),
            ([0x0A, 0xC3], "line 2, column 1: byte 0xC3 is not UTF-8; save the file as UTF-8"),
            ([0xC0, 0x80], "line 1, column 1: byte 0xC0 is not UTF-8; save the file as UTF-8"),
            (
                [0xED, 0xA0, 0x80],
                "line 1, column 1: byte 0xED is not UTF-8; save the file as UTF-8"
            ),
            ([0xFF, 0xFE, 0x61, 0], "line 1, column 1: the text is not UTF-8; save it as UTF-8"),
        ] as [([UInt8], String)])
    func encoding(_ bytes: [UInt8], _ expected: String) {
        #expect { _ = try YAMLDocument.read(bytes) } throws: { "\($0)" == expected }
    }

    @Test("an alias bomb is refused at the first alias that goes beyond the limit")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...60 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect { _ = try YAMLDocument.read(text) } throws: { error in
            "\(error)"
                == "line 6, column 25: more than 500000 values, those that aliases repeat included"
        }
    }

    @Test("merge keys cannot multiply values beyond the limit")
    func mergeBomb() {
        var text = "a: &a\n" + (0..<1000).map { "  k\($0): 1\n" }.joined()
        for place in 0..<1000 { text += "m\(place): {<<: *a}\n" }
        #expect { _ = try YAMLDocument.read(text) } throws: { ($0 as? YAMLError)?.code == .limit }
    }

    @Test("depth, bytes and values are limited")
    func limits() throws {
        let deep = String(repeating: "[", count: 101) + String(repeating: "]", count: 101)
        #expect { _ = try YAMLDocument.read(deep) } throws: {
            "\($0)" == "line 1, column 101: nested deeper than 100 levels"
        }
        _ = try YAMLDocument.read(String(deep.dropFirst().dropLast()))
        #expect(throws: YAMLError.self) {
            _ = try YAMLDocument.read(String(repeating: "[", count: 100_000))
        }
        #expect(throws: YAMLError.self) {
            _ = try YAMLDocument.read("[1, 2, 3]", limits: YAMLLimits(nodes: 3))
        }
        #expect(throws: YAMLError.self) {
            _ = try YAMLDocument.read("[1, 2, 3]", limits: YAMLLimits(bytes: 8))
        }
        // depth counts through aliases too
        #expect(throws: YAMLError.self) {
            _ = try YAMLDocument.read("- &a [[1]]\n- [[*a]]", limits: YAMLLimits(depth: 5))
        }
    }

    @Test("places count lines and scalars from 1 and bytes from 0")
    func places() throws {
        let document = try YAMLDocument.read(
            "\u{FEFF}ä: 😀 # c\r\nlist:\r\n  - [x, 'é y']\r\nz: |\r\n  t\r\n\r\n")
        let root = try #require(document.root)
        let list = try #require(root["list"]?.sequence?.first?.sequence)
        func place(_ mark: YAMLMark) -> [Int] { [mark.line, mark.column, mark.offset] }
        #expect(place(root.start) == [1, 1, 3])
        #expect(try place(#require(root["ä"]).start) == [1, 4, 7])
        #expect(try place(#require(root["ä"]).end) == [1, 5, 11])
        #expect(place(list[1].start) == [3, 9, 32])
        #expect(place(list[1].end) == [3, 14, 38])
        #expect(try place(#require(root["z"]).end) == [5, 4, 50])
        #expect(place(root.end) == [5, 4, 50])
    }

    @Test("a block collection ends with its last value, not with the comments after it")
    func blockEnds() throws {
        let root = try #require(try YAMLDocument.read("a:\n  b: 1 # one\n  # two\n\nc: 2\n").root)
        let a = try #require(root["a"])
        #expect(a.start.offset == 5)
        #expect(a.end.offset == 9)
    }
}
