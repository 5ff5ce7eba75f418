import FlowJSON
import FlowTestSupport
import FlowYAML
import Testing

enum Edit {
    case set([YAMLStep], JSON)
    case append([YAMLStep], JSON, Int?)
    case remove([YAMLStep])

    func applied(to text: String) throws -> String {
        let document = try YAMLDocument.read(text)
        let bytes =
            switch self {
            case .set(let path, let value): try document.setting(path, to: value)
            case .append(let path, let value, let last):
                try document.appending(value, to: path, keepingLast: last)
            case .remove(let path): try document.removing(path)
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite("YAML is edited")
struct EditingTests {
    @Test(
        "a new value changes its own bytes only",
        arguments: [
            ("a: 10  # ten\nb: 2\n", ["a"], 50, "a: 50  # ten\nb: 2\n"),
            (
                "\u{FEFF}a: 1\r\nb: 'x' # c\r\n", ["b"], "it: is",
                "\u{FEFF}a: 1\r\nb: \"it: is\" # c\r\n"
            ),
            ("a: {b: 1, c: [x, w]} # c", ["a", "c", 1], "p, q", "a: {b: 1, c: [x, \"p, q\"]} # c"),
            ("a: {b: 1}", ["a", "b"], ["x": ["w z"]], "a: {b: {x: [w z]}}"),
            ("a:\nb: 1\n", ["a"], 2, "a: 2\nb: 1\n"),
            ("a: # why\nb: 1\n", ["a"], 2, "a: 2 # why\nb: 1\n"),
            ("a: |\n  one\n  two\n\n# c\nb: 1\n", ["a"], "x", "a: x\n\n# c\nb: 1\n"),
            ("a: |+\n  one\n\nb: 1\n", ["a"], "x", "a: x\nb: 1\n"),
            ("a: >-\n  one\n  two\nb: 1\n", ["a"], "x\ny", "a: \"x\\ny\"\nb: 1\n"),
            ("a: one\n  two # c\nb: 1\n", ["a"], "x", "a: x # c\nb: 1\n"),
            ("- a\n-   b # c\n- c\n", [1], nil, "- a\n-   null # c\n- c\n"),
            ("-\n- b", [0], 1, "- 1\n- b"),
            ("a:\n  - x # 1\n  # 2\n  - w # 3\n# 4\nb: 1\n", ["a"], 5, "a: 5\n# 4\nb: 1\n"),
            ("a:   # c\n  b: 1\nc: 2\n", ["a"], [], "a: []   # c\nc: 2\n"),
            ("- a: 1\n  b: 2\n- c\n", [0], "x", "- x\n- c\n"),
            (
                "a: old # c\nb: 1\n", ["a"], ["x": 1, "w": ["p q"]],
                "a: # c\n  x: 1\n  w:\n    - p q\nb: 1\n"
            ),
            ("k:\n  a: []", ["k", "a"], [["x": 1]], "k:\n  a:\n    - x: 1"),
            (
                "a:\r\n- 1\r\nb: 1\r\n", ["a"], ["x": 1, "w": 2],
                "a:\r\n  x: 1\r\n  w: 2\r\nb: 1\r\n"
            ),
            (
                "a:\n    x: 1\nb: 1\n", ["a"], [["p": 1, "q": 2]],
                "a:\n    - p: 1\n      q: 2\nb: 1\n"
            ),
            ("- x # c\n- w\n", [0], ["a": 1, "b": 2], "- # c\n  a: 1\n  b: 2\n- w\n"),
            ("if: !cancelled()\nrun: x\n", ["run"], "w", "if: !cancelled()\nrun: w\n"),
            ("a: .inf\nb: 1\n", ["b"], 2, "a: .inf\nb: 2\n"),
            ("a: &x [1]\nb: 2\n", ["a"], 3, "a: 3\nb: 2\n"),
        ] as [(String, [YAMLStep], JSON, String)])
    func setting(_ text: String, _ path: [YAMLStep], _ value: JSON, _ expected: String) throws {
        #expect(try Edit.set(path, value).applied(to: text) == expected)
    }

    @Test(
        "a missing key is added after its siblings",
        arguments: [
            (
                "a:\n    x: 1 # c\n\n# d\nb: 2\n", ["a", "w"], 2,
                "a:\n    x: 1 # c\n    w: 2\n\n# d\nb: 2\n"
            ),
            ("a: {x: 1, }\n", ["a", "w"], 2, "a: {x: 1, w: 2, }\n"),
            ("a: {}\n", ["a", "w"], 2, "a: {w: 2}\n"),
            ("a: {}\n", ["a", "w"], ["z": 1], "a:\n  w:\n    z: 1\n"),
            ("a:\nb: 1\n", ["a", "w"], 2, "a:\n  w: 2\nb: 1\n"),
            ("- a: 1\n- b\n", [0, "c"], 2, "- a: 1\n  c: 2\n- b\n"),
            ("a: |+\n  x\n\n", ["b"], 1, "a: |+\n  x\n\nb: 1\n"),
            ("a: 1", ["b c: d"], ["x"], "a: 1\n\"b c: d\": [x]"),
            ("# only\r\n", ["a"], 1, "# only\r\na: 1\r\n"),
            ("", ["a"], 1, "a: 1\n"),
            ("- &x {p: 1}\n- <<: *x # c\n", [1, "q"], 2, "- &x {p: 1}\n- <<: *x # c\n  q: 2\n"),
        ] as [(String, [YAMLStep], JSON, String)])
    func adding(_ text: String, _ path: [YAMLStep], _ value: JSON, _ expected: String) throws {
        #expect(try Edit.set(path, value).applied(to: text) == expected)
    }

    @Test(
        "an element is added at the end of a list, the first ones go",
        arguments: [
            ("a: [] # c\n", "x", nil, "a: [x] # c\n"),
            ("a: []   # last 10\nb: 1\n", ["o": 1], nil, "a:   # last 10\n  - o: 1\nb: 1\n"),
            ("a: [1, 2 # c\n  ]\n", 3, nil, "a: [1, 2, 3 # c\n  ]\n"),
            ("a: [1, 2, 3]\n", 4, 2, "a: [3, 4]\n"),
            ("a: [1]\n", 4, 1, "a: [4]\n"),
            ("a:\n- 1 # c\n# d\nb: 2\n", 2, nil, "a:\n- 1 # c\n- 2\n# d\nb: 2\n"),
            (
                "a:\n  - x: 1\n    w: 2\n  # two\n  - x: 2\nb: 2\n", ["x": 3, "w": 4], 2,
                "a:\n  # two\n  - x: 2\n  - x: 3\n    w: 4\nb: 2\n"
            ),
            ("a:\r\n  - 1\r\n  - 2", 3, 2, "a:\r\n  - 2\r\n  - 3"),
            ("a:\nb: 2\n", 3, nil, "a: [3]\nb: 2\n"),
            ("b: 2\n", ["x": 1], 3, "b: 2\na:\n  - x: 1\n"),
            ("a: null # c\n", 3, nil, "a: [3] # c\n"),
            (
                "a:\n  - |\n    x\n  - w\n", "p\nq\n", nil,
                "a:\n  - |\n    x\n  - w\n  - |\n    p\n    q\n"
            ),
        ] as [(String, JSON, Int?, String)])
    func appending(_ text: String, _ value: JSON, _ last: Int?, _ expected: String) throws {
        #expect(try Edit.append(["a"], value, last).applied(to: text) == expected)
    }

    @Test(
        "a member or element goes with its lines",
        arguments: [
            ("a: 1 # c\n# d\nb: 2\n", ["a"], "# d\nb: 2\n"),
            ("a: 1\nb:\n  c: 2\n  d: 3", ["b"], "a: 1\n"),
            ("a: 1\nb:\n  c: 2\n", ["b", "c"], "a: 1\nb: {}\n"),
            ("a: {x: 1, w: 2}", ["a", "x"], "a: {w: 2}"),
            ("a: {x: 1, w: 2}", ["a", "w"], "a: {x: 1}"),
            ("a: [x]", ["a", 0], "a: []"),
            ("- a: 1\n  b: 2\n", [0, "a"], "- b: 2\n"),
            ("- a: 1\n  # c\n  b: 2\n", [0, "a"], "- \n  # c\n  b: 2\n"),
            ("- a: 1\n  b: 2\n", [0, "b"], "- a: 1\n"),
            ("- 1\n# c\n- 2\n", [0], "# c\n- 2\n"),
            ("- - 1\n  - 2\n", [0, 0], "- - 2\n"),
            ("- - 1\n  - 2\n", [0, 1], "- - 1\n"),
            ("a: 1\n", ["a"], "{}\n"),
        ] as [(String, [YAMLStep], String)])
    func removing(_ text: String, _ path: [YAMLStep], _ expected: String) throws {
        #expect(try Edit.remove(path).applied(to: text) == expected)
    }

    @Test(
        "what cannot be changed alone is not changed",
        arguments: [
            (
                "a: &x {p: 1}\nb: *x\n", .set(["b", "p"], 2),
                "line 2, column 4: b comes through an alias from &x, written on line 1; change it there, or write the value here"
            ),
            (
                "a: &x {p: 1}\nb:\n  <<: *x\n", .set(["b", "p"], 2),
                "line 3, column 7: b.p comes through the merge key '<<' from &x, written on line 1; change it there, or write the value here"
            ),
            (
                "a: &x {p: 1}\nb: *x\n", .set(["a", "p"], 2),
                "line 1, column 11: a.p cannot be changed without changing other values too, such as those of an alias; change it by hand"
            ),
            (
                "a: &x 1\nb: *x\n", .remove(["a"]),
                "line 1, column 4: a cannot be changed without changing other values too, such as those of an alias; change it by hand"
            ),
            ("a: 1\n", .set(["b", "c"], 2), "line 1, column 1: there is no b"),
            (
                "a: 1\n", .set(["a", "c"], 2),
                "line 1, column 4: there is no a.c: a is not a mapping"
            ),
            (
                "a: [1]\n", .set(["a", 1], 2),
                "line 1, column 4: there is no a[1]: the list has 1 element"
            ),
            ("a: 1\n", .append(["a"], 2, nil), "line 1, column 4: a is not a list"),
            ("a: 1\n", .remove(["b"]), "line 1, column 1: there is no b"),
            ("a: 1\n", .set([], 1), "line 1, column 1: name the value to set"),
        ] as [(String, Edit, String)])
    func refusals(_ text: String, _ edit: Edit, _ expected: String) {
        #expect { _ = try edit.applied(to: text) } throws: { "\($0)" == expected }
    }
}
