import FlowJSON
import FlowText
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// Makes patterns of the dialect. What is repeated takes a character at least: on loops over nothing
/// a backtracking matcher and a linear one may differ.
private struct RandomPattern {
    var generator: SeededGenerator

    mutating func one(_ depth: Int) -> String {
        let atoms = [
            "a", "b", "A", "1", " ", ".", "\\d", "\\w", "\\s", "\\W", "[ab]", "[^a]", "[a-b1]",
            "[^\\w]", "\\n", "é",
        ]
        switch Int.random(in: 0..<(depth > 0 ? 12 : 6), using: &generator) {
        case 6...7: return "(" + sequence(depth - 1) + ")"
        case 8: return "(?:" + sequence(depth - 1) + "|" + sequence(depth - 1) + ")"
        default: return atoms.randomElement(using: &generator) ?? "a"
        }
    }

    mutating func sequence(_ depth: Int) -> String {
        var text = one(depth)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let quantifier =
                ["", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{1,}"]
                .randomElement(using: &generator) ?? ""
            let place =
                ["", "", "", "", "^", "$", "\\b", "\\B"].randomElement(using: &generator) ?? ""
            text += one(depth) + quantifier + place
        }
        return text
    }

    mutating func text() -> String {
        let signs = ["a", "b", "A", "1", " ", "\n", "é", "_", "a", "b"]
        return (0..<Int.random(in: 0...9, using: &generator))
            .map { _ in signs.randomElement(using: &generator) ?? "" }.joined()
    }
}

@Suite("Regular expressions as Python reads them")
struct PythonComparisonTests {
    @Test(
        "the same match as Python's, '$' and ASCII classes aside",
        .enabled(if: system("python3 -c '' >/dev/null 2>&1") == 0, "python3 is not installed"))
    func python() throws {
        let seed: UInt64 = 41
        var random = RandomPattern(generator: SeededGenerator(seed: seed))
        var lines: [JSON] = []
        for number in 0..<1_500 {
            let flags = ["", "", "(?i)", "(?s)", "(?m)", "(?im)"][number % 6]
            let pattern = flags + random.sequence(3)
            let text = random.text()
            let match = try LinearRegex(pattern).firstMatch(in: text)
            let span = match.map { range -> JSON in
                let start = text.unicodeScalars.distance(
                    from: text.startIndex, to: range.lowerBound)
                let end = text.unicodeScalars.distance(from: text.startIndex, to: range.upperBound)
                return [.integer(start), .integer(end)]
            }
            lines.append([.string(pattern), .string(text), span ?? nil])
        }
        let folder = try TemporaryFolder()
        try Files.write(JSONLines.write(lines), to: folder.at("cases.jsonl"))
        try folder.write(
            "check.py",
            #"""
            import json, re, sys
            for line in open(sys.argv[1], encoding="utf-8"):
                pattern, text, expected = json.loads(line)
                strict = pattern if pattern.startswith(("(?m", "(?im")) else pattern.replace("$", r"\Z")
                found = re.search(strict, text, re.ASCII)
                span = list(found.span()) if found else None
                if span != expected:
                    sys.exit(f"{pattern!r} in {text!r}: Python {span}, here {expected}")
            """#)
        let command = "python3 \(folder.at("check.py")) \(folder.at("cases.jsonl"))"
        #expect(system(command) == 0, "seed \(seed): see the line that python3 printed")
    }
}
