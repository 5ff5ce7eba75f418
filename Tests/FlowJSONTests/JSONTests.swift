import FlowJSON
import Testing

@Suite struct JSONTests {
    @Test(
        "text that is read and written comes back as it was",
        arguments: [
            "null", "true", "[]", "{}", "-0.5", "1e+300", "[1,2.5,\"x\"]",
            #"{"b":1,"a":{"c":[null]}}"#, #""\"\\\n\t\u0000\u001b\u0085\u2028é😀""#,
            #""\u061c\u200e\u200f\u202a\u2069\ufeff؝ﻼ‐""#,
            "9223372036854775807",
        ])
    func roundTrip(_ text: String) throws {
        #expect(try JSON.read(text).text() == text)
    }

    @Test(
        "a mistake is reported at its line and column",
        arguments: [
            ("", "line 1, column 1: the text ends where a value should be"),
            ("[1,\n 2,,3]", "line 2, column 4: no value begins with ','"),
            ("{\"a\" 1}", "line 1, column 6: expected ':' after the key"),
            ("01", "line 1, column 1: a number has no leading zeros"),
            ("\"abc", "line 1, column 1: the string has no closing quote"),
            ("[1] x", "line 1, column 5: text after the end of the value"),
            ("1e999", "line 1, column 1: the number does not fit in a double"),
            ("\"\\x\"", "line 1, column 2: no such escape: '\\x'"),
        ])
    func mistakes(_ text: String, _ message: String) {
        #expect { try JSON.read(text) } throws: { "\($0)" == message }
    }

    @Test("nesting beyond the limit is an error, not a crash")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect { try JSON.read(deep) } throws: {
            "\($0)" == "line 1, column 513: nested deeper than 512 levels"
        }
    }

    @Test("equal values have equal canonical text, whatever the order of keys")
    func canonical() throws {
        let one = try JSON.read(#"{"a":1.0,"b":[{"y":1,"x":2}]}"#)
        let other = try JSON.read(#"{"b":[{"x":2,"y":1}],"a":1}"#)
        #expect(one.canonical == other.canonical)
        #expect(one.canonical == #"{"a":1,"b":[{"x":2,"y":1}]}"#)
    }

    @Test("an object keeps its order and finds its keys when small and when large")
    func objects() {
        for size in [3, 11, 12, 13, 100] {
            var object = JSONObject((0..<size).map { ("k\($0)", .integer($0)) })
            #expect(object["k\(size - 1)"] == .integer(size - 1))
            object["k1"] = nil
            #expect(object.keys == (0..<size).filter { $0 != 1 }.map { "k\($0)" })
            #expect(object["k1"] == nil && object["k2"] == 2)
        }
    }

    @Test("a line that is not JSON is named by its number")
    func lines() throws {
        #expect(try JSONLines.read(Array("1\n\n{}\r\n".utf8)) == [1, [:]])
        #expect { try JSONLines.read(Array("1\n{]\n".utf8)) } throws: {
            "\($0)" == "line 2, column 2: expected a key in quotes"
        }
    }
}
