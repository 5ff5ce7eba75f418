import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// Paths as text.
@Suite struct PathTests {
    @Test(
        "a normal path has no dots and no doubled slashes",
        arguments: [
            ("a/b", "a/b"), ("a//b/", "a/b"), ("./a", "a"), ("a/./b", "a/b"), ("a/../b", "b"),
            ("..", ".."), ("../a", "../a"), ("a/../..", ".."), ("../../a", "../../a"),
            ("/..", "/"), ("/../a", "/a"), ("/a/..", "/"), ("", "."), (".", "."), ("/", "/"),
            ("//a", "/a"), ("a/..", "."), ("a/\u{301}b/..", "a"), ("é/../e\u{301}", "e\u{301}"),
        ])
    func normal(_ path: String, _ expected: String) {
        #expect(Array(Path.normal(path).utf8) == Array(expected.utf8))
    }

    @Test(
        "name and folder take a path apart",
        arguments: [
            ("a/b", "b", "a"), ("b", "b", "."), ("/b", "b", "/"), ("/a/b", "b", "/a"),
            ("a/\u{301}b", "\u{301}b", "a"), ("/", "/", "/"),
        ])
    func parts(_ path: String, _ name: String, _ folder: String) {
        #expect(Array(Path.name(path).utf8) == Array(name.utf8))
        #expect(Path.folder(path) == folder)
    }

    @Test("join keeps an absolute name and adds one slash")
    func join() {
        #expect(Path.join("a", "b") == "a/b")
        #expect(Path.join("a/", "b") == "a/b")
        #expect(Path.join("a", "/b") == "/b")
        #expect(Path.join("", "b") == "b")
        #expect(Path.join("a", "") == "a")
        #expect(Path.join("/", "b") == "/b")
    }

    @Test(
        "a path lies within another by whole parts and by bytes",
        arguments: [
            ("/a/b", "/a", true), ("/a", "/a", true), ("/ab", "/a", false), ("/a", "/a/b", false),
            ("/a", "/", true), ("/caf\u{E9}/x", "/cafe\u{301}", false),
            ("/a/\u{301}x", "/a", true),
        ])
    func within(_ path: String, _ base: String, _ expected: Bool) {
        #expect(Path.isWithin(path, base) == expected)
        #expect((Path.relative(path, to: base) != nil) == expected)
    }

    @Test("a relative path leads from the base")
    func relative() {
        #expect(Path.relative("/a/b/c", to: "/a") == "b/c")
        #expect(Path.relative("/a", to: "/a") == ".")
        #expect(Path.relative("/a", to: "/") == "a")
        #expect(Path.relative("/b", to: "/a") == nil)
    }
}

/// Patterns of paths.
@Suite struct GlobTests {
    @Test(
        "a pattern matches a whole name",
        arguments: [
            ("a", "a", true), ("a", "b", false), ("*", "anything", true), ("*", "", true),
            ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "abd", false),
            ("*a*b*", "xaybz", true), ("*.yaml", "x.yaml", true), ("*.yaml", "x.yml", false),
            ("?", "é", true), ("?", "", false), ("a?c", "abc", true), ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a]x", "ax", false),
            ("[]a]", "]", true), ("[!]a]", "]", false), ("[!]a]", "b", true), ("[a-]", "-", true),
            ("[", "[", true), ("[a", "[a", true), ("a[", "a[", true), ("**", "a", true),
            (String(repeating: "*a", count: 30) + "b", String(repeating: "a", count: 3000), false),
        ])
    func matches(_ pattern: String, _ name: String, _ expected: Bool) {
        #expect(Glob.matches(name, pattern) == expected)
    }

    @Test(
        "files below a folder are found in order, hidden ones only when named so",
        arguments: [
            ("*", ["a.txt", "link"]), ("*.txt", ["a.txt"]),
            ("**", ["a.txt", "d/b.txt", "d/e/c.txt", "link"]),
            ("**/*.txt", ["a.txt", "d/b.txt", "d/e/c.txt"]), ("d/*", ["d/b.txt"]),
            ("d/**/c.txt", ["d/e/c.txt"]), ("*/*", ["d/b.txt"]), (".*", [".hidden"]),
            (".dir/*", [".dir/x"]), ("./a.txt", ["a.txt"]), ("d/../a.txt", ["a.txt"]),
            ("../*", []), ("missing/*", []), ("loop/*", []),
        ])
    func files(_ pattern: String, _ expected: [String]) throws {
        let folder = try TemporaryFolder()
        for name in ["a.txt", "d/b.txt", "d/e/c.txt", ".hidden", ".dir/x"] {
            try folder.write(name, "")
        }
        symlink("a.txt", folder.at("link"))
        symlink(".", folder.at("loop"))
        symlink("/nowhere", folder.at("dangling"))
        #expect(Glob.files(pattern, below: folder.path) == expected)
    }
}
