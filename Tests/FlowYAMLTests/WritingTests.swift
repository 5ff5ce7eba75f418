import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Glibc
import Testing

/// A Python with PyYAML: the one on the path, or Debian's, for which `make test` installs it.
private let pythonWithYAML = ["python3", "/usr/bin/python3"].first {
    system("\($0) -c 'import yaml' >/dev/null 2>&1") == 0
}

@Suite("YAML is written")
struct WritingTests {
    @Test(
        "text stands plain only where readers of 1.1 and 1.2 both take it for text",
        arguments: [
            ("word", "word"), ("two words", "two words"), ("a-b_c/d.e", "a-b_c/d.e"),
            ("30d", "30d"), ("./x", "./x"), ("${{ a.b }}", "${{ a.b }}"), ("é", "é"),
            ("it's", "it's"), ("a: b", #""a: b""#), ("a:b", "a:b"), ("a:", #""a:""#),
            ("a #b", #""a #b""#), ("a#b", "a#b"), (" a", #"" a""#), ("a ", #""a ""#),
            ("", #""""#), ("yes", #""yes""#), ("No", #""No""#), ("ON", #""ON""#), ("y", #""y""#),
            ("null", #""null""#), ("~", #""~""#), ("12", #""12""#), ("1e3", #""1e3""#),
            ("0x1F", #""0x1F""#), ("1_000", #""1_000""#), ("12:30", #""12:30""#),
            ("2025-11-01", #""2025-11-01""#), ("2025-11-01T08:12:44Z", #""2025-11-01T08:12:44Z""#),
            ("-x", #""-x""#), ("---", #""---""#), ("<<", #""<<""#), ("=", #""=""#),
            ("!tag", #""!tag""#), ("*a", #""*a""#), ("a\u{85}b", #""a\x85b""#),
            ("a\u{2028}b", #""a\u2028b""#), ("\u{FEFF}", #""\uFEFF""#), ("\0", #""\x00""#),
            ("\u{1b}[31m", #""\x1B[31m""#), ("\u{1FFFE}", #""\U0001FFFE""#),
            ("a\r\nb", #""a\r\nb""#),
            ("a\tb", #""a\tb""#), ("\"q\"", #""\"q\"""#), ("back\\slash", "back\\slash"),
            ("C:\\x: y", #""C:\\x: y""#), ("one\ntwo", "|-\n  one\n  two"),
            ("one\n\n  two\n", "|\n  one\n\n    two"), ("one \ntwo", #""one \ntwo""#),
            (" one\ntwo", #"" one\ntwo""#), ("one\n\n", #""one\n\n""#), ("\n", #""\n""#),
        ])
    func scalars(_ text: String, _ expected: String) {
        #expect(YAMLText.write(.string(text)) == expected + "\n")
    }

    @Test(
        "numbers are numbers to both",
        arguments: [
            (1.5, "1.5"), (1e20, "1.0e+20"), (1e-7, "1.0e-07"), (1.25e300, "1.25e+300"),
            (-0.0, "-0.0"), (3, "3.0"),
        ])
    func doubles(_ value: Double, _ expected: String) {
        #expect(YAMLText.write(.double(value)) == expected + "\n")
    }

    @Test("collections are blocks of two blanks a level; short lists of words stand on one line")
    func layout() {
        let value: JSON = [
            "id": "GR-9F3C2A1B",
            "match": ["template": "KeyError: '<str>'", "empty": [:]],
            "history": [
                ["old": 0.5, "why": ["a b", "c"]], [[1, 2], [["x": nil]]],
            ],
            "owners": ["platform", "team/x"],
            "none": [],
            "notes": "one\ntwo\n",
            "list": ["a\nb", "c"],
        ]
        #expect(
            YAMLText.write(value) == """
                id: GR-9F3C2A1B
                match:
                  template: "KeyError: '<str>'"
                  empty: {}
                history:
                  - old: 0.5
                    why:
                      - a b
                      - c
                  - - [1, 2]
                    - - x: null
                owners: [platform, team/x]
                none: []
                notes: |
                  one
                  two
                list:
                  - |-
                    a
                    b
                  - c

                """)
    }

    @Test("every value comes back byte for byte", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var hostile = HostileText(seed: seed)
        for _ in 0..<400 {
            let value = hostile.value()
            let text = YAMLText.write(value)
            let back = try YAMLDocument.read(text).json
            try #require(back.bytes() == value.bytes(), "seed \(seed): \(value.text())\n\(text)")
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        }
    }

    @Test(
        "PyYAML reads the same values",
        .enabled(if: pythonWithYAML != nil, "python3 with PyYAML is not installed"))
    func pyYAML() throws {
        let seed: UInt64 = 4
        var hostile = HostileText(seed: seed)
        let folder = try TemporaryFolder()
        let pairs = (0..<600).map { _ in
            let value = hostile.value()
            return JSON.array([.string(YAMLText.write(value)), value])
        }
        try Files.write(JSONLines.write(pairs), to: folder.at("pairs.jsonl"))
        try folder.write(
            "check.py",
            """
            import json, sys, yaml
            loaders = [yaml.SafeLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])
            for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
                text, expected = json.loads(line)
                for loader in loaders:
                    value = yaml.load(text, Loader=loader)
                    if json.dumps(value) != json.dumps(expected):
                        sys.exit(f"{loader.__name__}, line {number}: {text!r} gave {value!r}")
            """)
        let python = pythonWithYAML ?? "python3"
        let command = "\(python) \(folder.at("check.py")) \(folder.at("pairs.jsonl"))"
        #expect(system(command) == 0, "seed \(seed): see the line that python3 printed")
    }
}
