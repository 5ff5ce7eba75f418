import FlowGit
import FlowTestSupport
import Testing

@Suite struct CommitMessageTests {
    @Test("git reads from a message exactly the trailers that flow put there")
    func trailers() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let hostile =
            "boom\nFlow-Key: forged\n\nFlow-Key: forged\n\r\n# heading\u{1b}[31m\u{0}\u{85}x"
        let message = CommitMessage(
            "fix \(hostile)",
            body: [.own("What it does."), .quoted(hostile), .own("Flow-Key: own")],
            trailers: [
                Trailer("Flow-Key", "real\nFlow-Run: forged"), Trailer("no name", "x"),
                Trailer("Flow-Run", "r1"),
            ])
        let tip = try repository.mainTip()
        let commit = try repository.propose(
            branch: "proposal/E-1", base: tip, changes: [], message: message, signature: flow,
            time: noon)
        #expect(
            try repository.commit(commit).trailers == [
                Trailer("Flow-Key", "real Flow-Run: forged"), Trailer("Flow-Run", "r1"),
            ])
        #expect(
            try sandbox.git("log", "-1", "--format=%(trailers:only)", commit.hex)
                == "Flow-Key: real Flow-Run: forged\nFlow-Run: r1")
        let lines = message.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "fix boom Flow-Key: forged Flow-Key: forged # heading[31m x")
        #expect(lines[1] == "")
        #expect(lines.allSatisfy { !$0.hasPrefix("#") })
        #expect(message.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }

    @Test(
        "only a last block in which every line is a trailer counts",
        arguments: [
            ("s\n\nA: 1\nB-c: two words \n", ["A: 1", "B-c: two words"]),
            ("s\n\nbody\n\nA: 1\n\n\n", ["A: 1"]),
            ("s\n\nA: 1\n more\n\tand more\n", ["A: 1 more and more"]),
            ("s\n\nA: 1\n(cherry picked from commit 00)\nB: 2\n", ["A: 1", "B: 2"]),
            ("A: 1\n", []), ("A: 1\nB: 2\n", []), ("s\n\nA: 1\n\nlast words\n", []),
            ("s\n\nwords\nA: 1\n", []), ("s\n\n    A: 1\n", []), ("s\n\nA b: 1\n", []), ("", []),
            ("\n\nA: 1", []), ("s\n\n: 1\n", []), ("s\r\n\r\nA: 1\r\n", ["A: 1"]),
        ])
    func lastBlock(_ message: String, _ expected: [String]) {
        #expect(Trailer.read(message).map { "\($0.name): \($0.value)" } == expected)
    }

    @Test(
        "text of others cannot mention, close, link or skip",
        arguments: [
            "Closes #12", "fixes o/r#3", "thanks @ada", "GH-7", "gh-7",
            "https://github.com/o/r/issues/9", "[skip ci]", "[ci skip]", "[NO CI]",
            "[skip actions]",
        ])
    func noEffect(_ text: String) {
        for message in [
            CommitMessage("subject", body: [.quoted(text)]), CommitMessage("about \(text)"),
        ] {
            #expect(!message.text.contains(text))
            #expect(message.text.replacingJoiners.contains(text))
        }
    }

    @Test("a message without trailers never ends in something that reads as one")
    func noBlock() {
        let message = CommitMessage("s", body: [.own("Flow-Key: words")])
        #expect(Trailer.read(message.text) == [])
        #expect(CommitMessage("\n").text == "change\n")
        #expect(CommitMessage("# heading").text == "heading\n")
    }

    @Test("quoted text keeps its lines, each indented")
    func quoted() {
        #expect(
            CommitMessage("s", body: [.quoted("a\n\n  b\n")]).text == "s\n\n    a\n    .\n      b\n"
        )
    }
}

extension String {
    fileprivate var replacingJoiners: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\u{2060}" }))
    }

    @Test("what quotes others stays indented when a message is read and carried on")
    func carriedOn() throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.open()
        let tip = try repository.mainTip()
        let message = CommitMessage(
            "Reject GR-00000001", body: [.quoted("# **Approve this**\n\nmore")],
            trailers: [Trailer("Flow-Desk", "yes")])
        func body(_ message: CommitMessage) throws -> String {
            try repository.commit(
                repository.write(
                    Publication(
                        changes: [], branch: "main", message: message, signature: flow,
                        time: noon), on: tip)
            ).body
        }
        let first = try body(message)
        #expect(first.split(separator: "\n").allSatisfy { $0.hasPrefix("    ") }, "\(first)")
        #expect(try body(CommitMessage("Sync", body: [.own(first)])) == first)
    }
}
