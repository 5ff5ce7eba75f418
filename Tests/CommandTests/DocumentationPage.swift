internal import FlowSystem
internal import FlowTestSupport

/// One page of the documentation.
struct DocumentationPage {
    static let checkout = BuiltPrograms.checkout

    /// A fenced block of code.
    struct Block {
        var language: String
        /// The number of its first line of code.
        var line: Int
        var lines: [String] = []
        /// What `<!-- exit N -->` before it says.
        var exit: Int32
    }

    /// Relative to the checkout.
    let path: String
    let text: String
    private let lines: [String]

    init(_ path: String) throws {
        self.path = path
        text = try Files.text(Path.join(Self.checkout, path))
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The README and every page below `docs/`.
    static func all() throws -> [DocumentationPage] {
        let paths = Glob.files("docs/**/*.md", below: checkout)
        return try (["README.md"] + paths).map(DocumentationPage.init)
    }

    /// What stands below the heading with `name`, up to the next heading of the same depth.
    static func section(_ name: String, of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func depth(_ line: Substring) -> Int { line.prefix { $0 == "#" }.count }
        guard
            let start = lines.firstIndex(where: {
                depth($0) > 1 && $0.drop { "# `".contains($0) }.hasPrefix(name)
            })
        else { return "" }
        let rest = lines[(start + 1)...].prefix {
            depth($0) == 0 || depth($0) > depth(lines[start])
        }
        return rest.joined(separator: "\n")
    }

    var blocks: [Block] {
        var blocks: [Block] = []
        var open: Block?
        var exit: Int32 = 0
        for (place, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                    exit = 0
                } else {
                    open = Block(
                        language: String(line.dropFirst(3)), line: place + 2, exit: exit)
                }
            } else if open != nil {
                open?.lines.append(line)
            } else if line.hasPrefix("<!-- exit ") {
                exit = Int32(line.dropFirst(10).prefix { $0.isNumber }) ?? 0
            }
        }
        return blocks
    }

    /// Lines that begin with `flow `: in blocks, after a prompt or not, and as code in a sentence.
    var commandLines: [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        for block in blocks where ["console", "sh"].contains(block.language) {
            for (place, line) in block.lines.enumerated() {
                let text = line.hasPrefix("$ ") ? String(line.dropFirst(2)) : line
                let isTyped = block.language == "sh" || line.hasPrefix("$ ")
                if isTyped, text.hasPrefix("flow ") { found.append((block.line + place, text)) }
            }
        }
        var isCode = false
        for (place, line) in lines.enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            let spans = line.split(separator: "`", omittingEmptySubsequences: false)
            for span in stride(from: 1, to: spans.count, by: 2).map({ spans[$0] })
            where span.hasPrefix("flow ") {
                found.append((place + 1, String(span)))
            }
        }
        return found
    }

    /// Targets of links to files, without their anchors.
    var links: [String] {
        text.split(separator: "](").dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != "#" && $0 != "\n" }
            return target.isEmpty || target.contains("://") ? nil : String(target)
        }
    }
}

/// A command of a console block with what the page shows as its answer.
struct ConsoleStep {
    var command: String
    var line: Int
    var output: [String]
    var exit: Int32

    static func steps(of block: DocumentationPage.Block) -> [ConsoleStep] {
        var steps: [ConsoleStep] = []
        for (place, line) in block.lines.enumerated() {
            if line.hasPrefix("$ ") {
                steps.append(
                    ConsoleStep(
                        command: String(line.dropFirst(2)), line: block.line + place, output: [],
                        exit: 0))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        if !steps.isEmpty { steps[steps.count - 1].exit = block.exit }
        return steps
    }

    func fits(_ text: String) -> Bool {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return Self.fits(lines[...], output[...])
    }

    private static func fits(_ lines: ArraySlice<String>, _ shown: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.isEmpty }
        let rest = shown.dropFirst()
        if first == "…" {
            return (lines.startIndex...lines.endIndex).contains { fits(lines[$0...], rest) }
        }
        guard let line = lines.first, fits(line, first) else { return false }
        return fits(lines.dropFirst(), rest)
    }

    private static func fits(_ line: String, _ shown: String) -> Bool {
        let parts = shown.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return line == shown
        }
        guard line.hasPrefix(first), line.hasSuffix(last) else { return false }
        var rest = line.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard
                let place = part.isEmpty
                    ? rest.startIndex..<rest.startIndex : rest.firstRange(of: part)
            else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.count >= last.count
    }
}
