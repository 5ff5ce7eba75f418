internal import FlowJSON
internal import FlowSystem
internal import FlowTestSupport
internal import FlowYAML
internal import Testing

@Suite("what the documentation shows is so")
struct DocumentationTests {
    @Test("every command of the tutorial does what the tutorial says it does")
    func tutorial() throws {
        let desk = try Desk()
        for block in try DocumentationPage("docs/tutorial.md").blocks {
            switch block.language {
            case "console":
                for step in ConsoleStep.steps(of: block) {
                    let answer = try desk.type(step.command)
                    try #require(
                        answer.exit == step.exit,
                        "docs/tutorial.md:\(step.line): \(step.command)\n\(answer.text)")
                    #expect(
                        step.fits(answer.text),
                        "docs/tutorial.md:\(step.line): \(step.command)\n\(answer.text)")
                }
            case "sh":
                let answer = try desk.type("set -eu\n" + block.lines.joined(separator: "\n"))
                try #require(
                    answer.exit == block.exit,
                    "docs/tutorial.md:\(block.line): \(answer.text)")
            default: continue
            }
        }
    }

    /// `make` lines are left out: the desk does what `make run` does. `ID` is the first proposal that
    /// waits. A block that names files of the reader's machine is only checked as text, below.
    @Test("the commands of the README work in the repository that make run makes")
    func readme() throws {
        let desk = try Desk()
        try #require(
            try desk.type("flow init demo --sample && flow -C demo run mine.yaml").exit == 0)
        for block in try DocumentationPage("README.md").blocks where block.language == "sh" {
            if block.lines.contains(where: { $0.contains("/var/") }) { continue }
            for (place, line) in block.lines.enumerated() where !line.hasPrefix("make") {
                let words = "set -- $(flow -C \"$DEMO\" proposals list); ID=$1\n"
                let command = Self.commandLine(line).map { $0 == "ID" ? "\"$ID\"" : $0 }
                let answer = try desk.type(
                    "DEMO=\(desk.folder)/demo\n" + words + command.joined(separator: " "))
                #expect(
                    answer.exit == 0, "README.md:\(block.line + place): \(line)\n\(answer.text)")
            }
        }
    }

    @Test("every command line of flow in the documentation names a command and options that exist")
    func commandLines() throws {
        var help = HelpPages(desk: try Desk())
        for page in try DocumentationPage.all() {
            for (line, text) in page.commandLines {
                let mistake = try help.mistake(in: Self.commandLine(text))
                #expect(mistake == nil, "\(page.path):\(line): \(text): \(mistake ?? "")")
            }
        }
    }

    @Test("every command of flow and each of its options is in the command reference")
    func reference() throws {
        let text = try DocumentationPage("docs/reference/cli.md").text
        var help = HelpPages(desk: try Desk())
        for command in try help.allCommands() {
            #expect(text.contains("`flow \(command)"), "flow \(command) is not described")
            let words = command.split(separator: " ").map(String.init)
            for option in try help.page(words).options.subtracting(HelpPages.common).sorted() {
                let section = DocumentationPage.section("flow \(command)", of: text)
                #expect(section.contains(option), "flow \(command) \(option) is not described")
            }
        }
    }

    @Test("the stage reference says of every input and output what the manifest says")
    func stages() throws {
        let text = try DocumentationPage("docs/reference/stages.md").text
        let folder = Path.join(DocumentationPage.checkout, "Sources/FlowSpec/Actions")
        for file in try Files.list(folder) where file.hasSuffix(".yaml") {
            let root = try YAMLDocument.read(try Files.read(Path.join(folder, file))).root
            let parts = file.dropLast(5).split(separator: "-", maxSplits: 1)
            let name = parts.joined(separator: "/")
            let section = DocumentationPage.section(name, of: text)
            #expect(!section.isEmpty, "\(name) has no section")
            for kind in ["inputs", "outputs"] {
                for (key, value) in root?[kind]?.mapping ?? [] {
                    let name = key.scalar?.text ?? ""
                    let type = value["type"]?.scalar?.text ?? ""
                    let words = value["description"]?.scalar?.text ?? ""
                    let row = section.split(separator: "\n").first {
                        $0.hasPrefix("| `\(name)` |") && $0.hasSuffix(" \(words) |")
                    }
                    #expect(row?.contains(" \(type)") == true, "\(file): \(kind): \(name)")
                    for rule in ["default", "minimum", "maximum"] {
                        guard let json = try value[rule]?.json, json != "" else { continue }
                        let shown = json.stringValue ?? json.text()
                        #expect(row?.contains("`\(shown)`") == true, "\(file): \(name): \(rule)")
                    }
                }
            }
        }
    }

    @Test("every whole workflow that a page shows is valid")
    func workflows() throws {
        let desk = try Desk()
        for page in try DocumentationPage.all() {
            for block in page.blocks where block.lines.first == "flow: 1" {
                try Files.write(
                    block.lines.joined(separator: "\n"), to: Path.join(desk.folder, "shown.yaml"))
                let answer = try desk.type("flow validate shown.yaml")
                #expect(answer.exit == 0, "\(page.path):\(block.line): \(answer.text)")
            }
        }
    }

    @Test("links between pages lead to files that are there")
    func links() throws {
        for page in try DocumentationPage.all() {
            for target in page.links {
                let path = Path.normal(Path.join(Path.folder(page.path), target))
                #expect(
                    Files.exists(Path.join(DocumentationPage.checkout, path)),
                    "\(page.path): \(target)")
            }
        }
    }

    @Test(
        "an ellipsis stands for the rest of a line, or for lines",
        arguments: [
            (["a … c"], "a b c\n", true), (["a … c"], "a b d\n", false),
            (["…", "z"], "x\ny\nz\n", true), (["x", "…"], "x\n", true),
            (["x"], "x\ny\n", false), ([], "", true), ([], "x\n", false), (["…x…"], "axb\n", true),
        ])
    func ellipsis(expected: [String], text: String, fits: Bool) {
        let step = ConsoleStep(command: "", line: 1, output: expected, exit: 0)
        #expect(step.fits(text) == fits)
    }

    /// The words of a command line without its comment and without what a pipe leads to.
    private static func commandLine(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for letter in text + " " {
            if let open = quote {
                word.append(letter)
                if letter == open { quote = nil }
            } else if letter == " " {
                if word == "#" || word == "|" { return words }
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                if letter == "'" || letter == "\"" { quote = letter }
                word.append(letter)
            }
        }
        return words
    }
}

// MARK: Running

/// A fresh folder, the built programs first in `PATH`, and an account that git knows by name.
private final class Desk {
    struct Answer {
        let exit: Int32?
        /// Both streams, in the order in which they were written.
        let text: String
    }

    let folder: String
    private let temporary: TemporaryFolder
    private var shell: TestProgram

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.at("work")
        try Files.makeFolder(folder)
        let settings = try temporary.write(
            "home/.gitconfig", "[user]\n\tname = A Reader\n\temail = reader@example.org\n")
        let programs = BuiltPrograms.folder
        shell = TestProgram(
            "/bin/sh", in: folder, prefix: ["-c"],
            environment: [
                "PATH": "\(programs):/usr/local/bin:/usr/bin:/bin", "HOME": temporary.at("home"),
                "GIT_CONFIG_GLOBAL": settings, "GIT_PAGER": "cat",
            ])
    }

    /// Runs a command line in a shell, in the folder that the one before left.
    func type(_ command: String) throws -> Answer {
        let note = temporary.at("place")
        let result = try shell("exec 2>&1\n\(command)\ncode=$?; pwd > \(note); exit $code")
        if Files.exists(note) {
            shell.folder = String(try Files.text(note).prefix { $0 != "\n" })
        }
        return Answer(exit: result.exit, text: result.output)
    }
}

/// What the built flow says of its commands.
private struct HelpPages {
    struct Help {
        var commands: Set<String> = []
        var options: Set<String> = common
    }

    /// What every command takes.
    static let common: Set<String> = ["--help", "-h"]

    let desk: Desk
    private var pages: [[String]: Help] = [:]

    init(desk: Desk) { self.desk = desk }

    mutating func page(_ words: [String]) throws -> Help {
        if let page = pages[words] { return page }
        let answer = try desk.type((["flow"] + words + ["--help"]).joined(separator: " "))
        try #require(answer.exit == 0, "flow \(words): \(answer.text)")
        var page = Help()
        var title = ""
        for line in answer.text.split(separator: "\n") {
            if line.hasSuffix(":"), !line.hasPrefix(" ") { title = String(line) }
            guard line.hasPrefix("  "), !line.hasPrefix("    ") else { continue }
            let entry = line.dropFirst(2).split(separator: " ")
            if title == "commands:", let name = entry.first { page.commands.insert(String(name)) }
            if title == "options:" {
                for word in entry.prefix(while: { $0.hasPrefix("-") }) {
                    page.options.insert(String(word.prefix { $0 != "," && $0 != "…" }))
                }
            }
        }
        pages[words] = page
        return page
    }

    /// `run`, `proposals list` and so on.
    mutating func allCommands() throws -> [String] {
        var all: [String] = []
        for command in try page([]).commands.sorted() {
            let own = try page([command]).commands.sorted()
            all += own.isEmpty ? [command] : own.map { "\(command) \($0)" }
        }
        return all
    }

    /// What is wrong with a command line; nil for nothing.
    mutating func mistake(in words: [String]) throws -> String? {
        var rest = words.dropFirst()
        while let word = rest.first, word == "-C" || word.hasPrefix("--color") {
            rest = rest.dropFirst(word.contains("=") ? 1 : 2)
        }
        if rest.first == "help" || rest.first == "--help" { return nil }
        var path: [String] = []
        while let word = rest.first, !(try page(path).commands.isEmpty) {
            // words in capitals stand for any command
            if word == "COMMAND" || word == "…" { return nil }
            let isCommand = try page(path).commands.contains(word)
            if !isCommand, !path.isEmpty, word.hasPrefix("-") { break }
            // a run for the command that it does without another word
            if !isCommand, path == ["events"] { break }
            guard isCommand else { return "there is no command '\(word)'" }
            path.append(word)
            rest = rest.dropFirst()
        }
        if path.isEmpty { return nil }
        var options = try page(path).options
        // the command that a group of commands does without another word
        for name in try page(path).commands { options.formUnion(try page(path + [name]).options) }
        for word in rest.prefix(while: { $0 != "--" }) where word.hasPrefix("-") && word != "-" {
            let option = String(word.prefix { $0 != "=" })
            if !options.contains(option) { return "there is no option '\(option)'" }
        }
        return nil
    }
}
