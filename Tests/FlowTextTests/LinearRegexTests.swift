import FlowJSON
import FlowText
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite("Regular expressions")
struct LinearRegexTests {
    private func match(_ pattern: String, _ text: String) throws -> String? {
        let regex = try LinearRegex(pattern)
        let found = regex.firstMatch(in: text).map { String(text[$0]) }
        #expect(regex.matches(text) == (found != nil))
        return found
    }

    @Test(
        "the leftmost match is found, by the pattern's own order among those that begin there",
        arguments: [
            ("", "abc", ""), ("b", "abc", "b"), ("x", "abc", nil), ("a|ab", "ab", "a"),
            ("ab|a", "ab", "ab"), ("(a|ab)(c|bcd)", "abcd", "abcd"), ("a*", "baa", ""),
            ("a+", "baa", "aa"), ("a+?", "aa", "a"), ("a??b", "ab", "ab"), ("a{2}", "aaa", "aa"),
            ("a{2,}", "aaaa", "aaaa"), ("a{1,2}?", "aaa", "a"), ("a{0}b", "ab", "b"),
            ("(ab){2}c", "ababc", "ababc"), ("(?:a|b)+c", "xabbac", "abbac"),
            ("(?P<n>\\d+)-(?P<m>\\d+)", "x 12-34", "12-34"), (".", "\na", "a"),
            ("(?s).", "\na", "\n"), ("a.c", "a\nc", nil), ("^b", "a\nb", nil),
            ("(?m)^b", "a\nb", "b"), ("a$", "a\n", nil), ("(?m)a$", "a\n", "a"), ("a$", "ba", "a"),
            ("\\Ab", "ab", nil), ("(?m)\\Ab", "a\nb", nil), ("^$", "", ""), ("a^", "a", nil),
            ("\\bfoo\\b", "a foo!", "foo"), ("\\bfoo", "xfoo", nil), ("\\Boo", "foo", "oo"),
            ("\\w+", "-a_9é", "a_9"), ("\\d", "٣", nil), ("\\D", "1٣", "٣"), ("\\s", "\u{0B}", nil),
            ("\\S", " \u{0B}", "\u{0B}"), ("[^\\d\\s]+", "1 ab", "ab"), ("[a-c-]+", "xa-c", "a-c"),
            ("[]a]+", "x]a", "]a"), ("[^]a]", "]ab", "b"), ("[\\]\\\\-]+", "]\\-", "]\\-"),
            ("[[]", "[", "["), ("[^a]", "\n", "\n"), ("[.*]", "*", "*"), ("[\\W]", "a!", "!"),
            ("a{", "a{", "a{"), ("a{x}", "a{x}", "a{x}"), ("{", "{", "{"), ("a}", "a}", "a}"),
            ("a{2", "a{2", "a{2"), ("\\x41\\t\\.", "A\t.", "A\t."), ("\\ \\_\\/", " _/", " _/"),
            ("(?i)straße", "STRAßE", "STRAßE"), ("(?i)[a-c]+", "xABc", "ABc"),
            ("(?i)k", "\u{212A}", "\u{212A}"), ("(?i)É", "é", "é"), ("(?i)[^a]", "Ab", "b"),
            ("(?is)a.b", "A\nB", "A\nB"), ("é", "e\u{301}é", "é"), ("日.😀", "x日本😀", "日本😀"),
            ("(a*)*", "aab", "aa"), ("(a*)+", "b", ""), ("(|a)*b", "aab", "aab"), ("(?:)", "a", ""),
            ("()|x", "x", ""), ("(a|)b", "b", "b"), ("x*y*z", "xxyyz", "xxyyz"),
            (
                "^KeyError: '[^']*' in \\S+$", "KeyError: 'partner_id' in sale/order.py",
                "KeyError: 'partner_id' in sale/order.py"
            ),
        ] as [(String, String, String?)])
    func table(_ pattern: String, _ text: String, _ expected: String?) throws {
        let found = try match(pattern, text)
        #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test(
        "what RE2 and Python do not share is refused with its place and its reason",
        arguments: [
            (
                "a(?=b)",
                "offset 1: look-ahead '(?=' is not supported: it cannot be matched in linear time"
            ),
            (
                "(?!b)",
                "offset 0: look-ahead '(?!' is not supported: it cannot be matched in linear time"
            ),
            (
                "(?<=b)",
                "offset 0: look-behind '(?<=' is not supported: it cannot be matched in linear time"
            ),
            (
                "(?<!b)",
                "offset 0: look-behind '(?<!' is not supported: it cannot be matched in linear time"
            ),
            (
                "(a)\\1",
                "offset 3: back-references are not supported: they cannot be matched in linear time"
            ),
            (
                "(?P<n>a)(?P=n)",
                "offset 8: back-references are not supported: they cannot be matched in linear time"
            ),
            ("(?<n>a)", "offset 0: '(?<name>' is not known to Python; write '(?P<name>'"),
            ("é(?>a)", "offset 1: atomic groups are not supported; write '(?:'"),
            ("a(?#b)", "offset 1: comments are not supported"),
            ("(?(1)a)", "offset 0: conditions are not supported"),
            ("(?x)a", "offset 2: the flag 'x' is not supported; i, s and m are"),
            (
                "(?i:a)",
                "offset 0: flags for a part of the pattern are not supported; put (?i), (?s) or (?m) at the start"
            ),
            (
                "a(?i)",
                "offset 1: groups are '(', '(?:' and '(?P<name>'; the flags (?i), (?s) and (?m) stand at the start of the pattern"
            ),
            ("(?P<1>a)", "offset 4: a group's name has letters, digits and '_' only"),
            ("(?P<n>a)(?P<n>b)", "offset 8: two groups have the name 'n'"),
            ("a\\z", "offset 1: '\\z' is not the same everywhere; write '$'"),
            ("a\\Z", "offset 1: '\\Z' is not the same everywhere; write '$'"),
            ("\\p{L}", "offset 0: '\\p' is not known to Python; write the characters"),
            ("\\u00e9", "offset 0: '\\u' is not known to RE2; write the character itself"),
            ("\\x{41}", "offset 0: expected two hexadecimal digits after '\\x'"),
            ("\\07", "offset 0: octal escapes are not supported; write '\\x00'"),
            ("\\q", "offset 0: there is no escape '\\q'"),
            ("[\\b]", "offset 1: there is no escape '\\b'"),
            ("\\é", "offset 0: only ASCII signs are escaped with a backslash"),
            ("a\\", "offset 1: a backslash at the end"),
            ("[a-", "offset 0: '[' without ']'"), ("[]", "offset 0: '[' without ']'"),
            ("[b-a]", "offset 1: the range is in the wrong order"),
            ("[a-c-e]", "offset 4: a '-' inside a class stands first or last, or is escaped"),
            ("[a-\\d]", "offset 3: '\\d' cannot end a range"),
            ("[\\d-z]", "offset 1: '\\d' cannot begin a range"),
            ("[[:alpha:]]", "offset 1: '[:' is not known to Python; escape the '['"),
            ("(a", "offset 0: '(' without ')'"), ("a)", "offset 1: ')' without '('"),
            ("*a", "offset 0: nothing stands before '*' to repeat"),
            ("a|+", "offset 2: nothing stands before '+' to repeat"),
            ("{2}", "offset 0: nothing stands before '{' to repeat"),
            ("a**", "offset 2: a quantifier after a quantifier; group the first with (?:...)"),
            ("a++", "offset 2: possessive quantifiers are not supported; leave '+' out"),
            ("^*", "offset 1: a place cannot be repeated; leave the quantifier out"),
            ("a{,3}", "offset 1: '{,n}' means different things to RE2 and Python; write '{0,n}'"),
            ("a{3,2}", "offset 1: the bounds are in the wrong order"),
            ("a{1001}", "offset 1: more than 1000 repetitions"),
            ("a{99999999999999999999}", "offset 1: more than 1000 repetitions"),
            (
                "((a{100}){100}){100}",
                "offset 0: the pattern needs more than 10000 steps once its repetitions are written out; repeat less"
            ),
        ])
    func refusals(_ pattern: String, _ expected: String) {
        #expect { _ = try LinearRegex(pattern) } throws: { "\($0)" == expected }
    }

    @Test("groups nest to a limit and not into the stack")
    func nesting() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        }
        _ = try LinearRegex(nested(200))
        #expect(throws: RegexError.self) { _ = try LinearRegex(nested(100_000)) }
    }

    @Test("`(a*)*b` takes linear steps on 100,000 characters")
    func exponential() throws {
        let regex = try LinearRegex("(a*)*b")
        #expect(regex.steps(in: String(repeating: "a", count: 100_000)) <= 12 * 100_001)
        #expect(!regex.matches(String(repeating: "a", count: 100_000)))
    }

    @Test(
        "the steps grow with the text, never faster",
        arguments: ["(a|aa)+$b", "(a|a)*b", "(.*)*x", "a?a?a?a?a?a?a?a?b", "(a+)+c|(a*)*d"])
    func linear(_ pattern: String) throws {
        let regex = try LinearRegex(pattern)
        let short = regex.steps(in: String(repeating: "a", count: 100))
        let long = regex.steps(in: String(repeating: "a", count: 10_000))
        #expect(long <= 101 * short)
        #expect(short <= 60 * 100)
    }

    @Test("an escaped text matches itself only", arguments: [31, 32] as [UInt64])
    func escape(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let signs = Array(
            "aZ09 _-.+*?()[]{}|^$\\/#&~'\"<>:=!,;@%`\n\t\r\0\u{1B}\u{7F}é😀".unicodeScalars)
        for _ in 0..<200 {
            var text = ""
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                text.unicodeScalars.append(signs.randomElement(using: &generator) ?? "a")
            }
            let pattern = LinearRegex.escape(text)
            #expect(try LinearRegex("^" + pattern + "$").matches(text), "seed \(seed): \(pattern)")
            #expect(try !LinearRegex("^" + pattern + "$").matches(text + "a"))
        }
    }

    @Test(
        "all matches are found from the left, none without characters, with what stands before them",
        arguments: [
            ("a+", "aa b aéa", ["aa", "a", "a"]), ("é", "éaé", ["é", "é"]), ("a*", "baab", ["aa"]),
            ("^a", "aa", ["a"]), ("(?m)^a", "a\na", ["a", "a"]), ("\\ba", "aa a", ["a", "a"]),
            ("a$", "aa", ["a"]), ("ab|b", "abb", ["ab", "b"]), ("x", "", []),
            ("\\Ba", "aaa", ["a", "a"]),
        ])
    func all(_ pattern: String, _ text: String, _ expected: [String]) throws {
        let regex = try LinearRegex(pattern)
        let bytes = Array(text.utf8)
        let found = regex.matches(in: text, most: 9).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
        #expect(found == expected)
        #expect(regex.matches(in: text, most: 1).count == min(1, expected.count))
    }

    @Test(
        "a pattern tells what stands in every match, and whether one may be empty",
        arguments: [
            ("ORD-[A-Z]{3}-[A-Z]+", "ORD-", false), ("[0-9]+ days", " days", false),
            ("a|b", "", false), ("(?i)abc", "", false), ("(ab)+", "ab", false),
            ("(abc)?d", "d", false),
            ("x*", "", true), ("\\b", "", true), ("^é日$", "é日", false),
            ("ab(?:c|d)efg", "efg", false),
            ("", "", true), ("a{0}", "", true), ("[a]b", "ab", false), ("[^a]", "", false),
        ])
    func required(_ pattern: String, _ text: String, _ mayBeEmpty: Bool) throws {
        let regex = try LinearRegex(pattern)
        #expect(String(decoding: regex.requiredText, as: UTF8.self) == text)
        #expect(regex.mayBeEmpty == mayBeEmpty)
    }
}
