internal import FlowJSON
package import FlowSystem
internal import FlowText
internal import FlowYAML

/// What `SKILL.md` of a folder says, as the format asks for it.
struct AgentSkillText {
    let name: String
    let description: String
    /// The lines after the frontmatter, each with its number.
    let body: [(number: Int, text: Substring)]

    /// - Parameters:
    ///   - path: What mistakes call the file.
    ///   - folder: The folder's name, which must be the skill's.
    /// - Throws: `SkillsError` with every mistake.
    init(_ bytes: [UInt8], path: String, folder: String) throws(SkillsError) {
        var fields = Fields(path: path)
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
            fields.mistake("it must begin with YAML between two lines of ---", at: nil)
            throw Self.error(path, fields.mistakes)
        }
        // The first line is kept, so that places in the YAML are places in the file.
        let yaml = ["#"] + lines[1..<end].map(String.init)
        var (name, description) = ("", "")
        do throws(YAMLError) {
            let root = try YAMLDocument.read(
                Array(yaml.joined(separator: "\n").utf8), limits: Self.limits
            ).root
            name = Self.text("name", root, &fields)
            description = Self.text("description", root, &fields)
            Self.check(name, folder, at: root?["name"], &fields)
            if description.unicodeScalars.count > AgentSkill.longestDescription {
                fields.mistake(
                    "description is longer than \(AgentSkill.longestDescription) characters",
                    at: root?["description"])
            }
        } catch {
            fields.mistake(error)
        }
        guard fields.mistakes.isEmpty else { throw Self.error(path, fields.mistakes) }
        self.name = name
        self.description = description
        body = zip((end + 2)..., lines[(end + 1)...]).map { ($0, $1) }
    }

    private static let limits = YAMLLimits(bytes: 64 << 10, depth: 20, nodes: 2_000)

    private static func text(_ key: String, _ root: YAMLNode?, _ fields: inout Fields) -> String {
        guard let node = root?[key] else {
            fields.mistake("\(key) is missing between the lines of ---", at: root)
            return ""
        }
        let text = fields.text(node, key) ?? ""
        if text.isEmpty { fields.mistake("\(key) must not be empty", at: node) }
        return text
    }

    private static func check(
        _ name: String, _ folder: String, at node: YAMLNode?, _ fields: inout Fields
    ) {
        let isGood =
            name.utf8.count <= 64 && !name.hasPrefix("-") && !name.hasSuffix("-")
            && !name.contains("--")
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
        if !isGood {
            fields.mistake(
                "\(VisibleText.quoted(name)) is no name: a-z, 0-9 and single hyphens between them, "
                    + "at most 64", at: node)
        } else if name != folder {
            fields.mistake(
                "the name is \(name), that of the folder \(VisibleText.quoted(folder)); they must be "
                    + "equal", at: node)
        }
    }

    static func error(_ path: String, _ mistakes: [Mistake]) -> SkillsError {
        SkillsError(
            code: .invalid, doing: "read \(VisibleText.safe(path))",
            message: "it is no valid Agent Skill", mistakes: mistakes)
    }
}

extension AgentSkill {
    /// The document that another library's `SKILL.md` becomes: a procedure of the steps of its numbered
    /// list, where each step begins with the tool that does it. Nothing is guessed from prose.
    /// - Parameters:
    ///   - path: What mistakes call the file.
    ///   - folder: The folder's name.
    ///   - now: When it is made.
    /// - Throws: `SkillsError` with the places that keep it from being one.
    package static func document(
        of page: [UInt8], path: String, folder: String, now: Timestamp
    ) throws(SkillsError) -> SkillFile {
        let text = try AgentSkillText(page, path: path, folder: folder)
        let procedure = try ForeignSteps(text, path: path).procedure
        let id = SkillName.id(.procedure, fingerprint: procedure.fingerprint)
        let skill = Skill(procedure, id: id, owners: [], generatedAt: now)
        return SkillFile(
            path: Path.join(SkillName.folder, SkillName.file(id: id, name: skill.name)),
            bytes: Array(skill.procedureDocument.utf8))
    }

    /// Checks the page of a folder that has a document of flow beside it.
    /// - Throws: `SkillsError` with every mistake.
    package static func check(
        page: [UInt8], path: String, folder: String
    ) throws(SkillsError) {
        _ = try AgentSkillText(page, path: path, folder: folder)
    }
}

/// The steps that a page of others lists.
private struct ForeignSteps {
    let procedure: Procedure

    init(_ text: AgentSkillText, path: String) throws(SkillsError) {
        let items = Self.items(text.body)
        guard !items.isEmpty else {
            let why =
                "it has no document of flow in \(AgentSkill.assets)/, and under no heading \"Steps\" a "
                + "numbered list whose items begin with a tool between back-ticks, like 1. `read_file`: "
                + "prose makes no procedure"
            throw AgentSkillText.error(path, [Mistake(path: path, message: why)])
        }
        var mistakes: [Mistake] = []
        var steps: [Procedure.Step] = []
        var ids: Set<String> = []
        for (place, item) in items.enumerated() {
            guard let tool = Self.tool(item.text) else {
                mistakes.append(
                    Mistake(
                        path: path, line: item.number,
                        message:
                            "step \(place + 1) does not begin with a tool between back-ticks, whose "
                            + "name has no blanks: write it like 1. `read_file`"))
                continue
            }
            steps.append(Self.step(tool, &ids))
        }
        guard mistakes.isEmpty else { throw AgentSkillText.error(path, mistakes) }
        procedure = Procedure(
            name: text.name, description: text.description, version: SkillVersion.first.text,
            status: Skill.Status.experimental.rawValue, category: "imported", tags: [],
            steps: steps, parameters: [], preconditions: [],
            evidence: Procedure.Evidence(
                support: 0, executions: 0, begun: 0, success: nil, lift: .unknown,
                seconds: nil, cost: nil, first: nil, last: nil, runs: [], transitions: []))
    }

    /// The items of the numbered list below the heading, without what is indented below them.
    private static func items(
        _ body: [(number: Int, text: Substring)]
    ) -> [(number: Int, text: Substring)] {
        var items: [(number: Int, text: Substring)] = []
        var (isBelow, isFenced) = (false, false)
        for (number, line) in body {
            if line.hasPrefix("```") || line.hasPrefix("~~~") {
                isFenced.toggle()
            } else if isFenced {
                continue
            } else if line.hasPrefix("#") {
                if !items.isEmpty { break }
                isBelow = line.drop { $0 == "#" || $0 == " " }.lowercased().hasPrefix("steps")
            } else if isBelow, let item = Self.item(line) {
                items.append((number, item))
            }
        }
        return items
    }

    /// What follows `1. ` or `1) `.
    private static func item(_ line: Substring) -> Substring? {
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        let rest = line.dropFirst(digits.count)
        guard !digits.isEmpty, digits.count <= 9, rest.hasPrefix(". ") || rest.hasPrefix(") ")
        else {
            return nil
        }
        return rest.dropFirst(2).drop { $0 == " " }
    }

    private static func tool(_ item: Substring) -> String? {
        let bare = item.drop { $0 == "*" }
        guard bare.first == "`", let end = bare.dropFirst().firstIndex(of: "`") else { return nil }
        let tool = bare[bare.index(after: bare.startIndex)..<end]
        let isName =
            !tool.isEmpty && tool.utf8.count <= 200
            && VisibleText.safe(tool) == tool && !tool.contains(where: \.isWhitespace)
        return isName ? String(tool) : nil
    }

    private static func step(_ tool: String, _ ids: inout Set<String>) -> Procedure.Step {
        let short = Slug.make(tool, separator: "_", limit: 40)
        var id = short
        var number = 2
        while !ids.insert(id).inserted {
            id = "\(short)_\(number)"
            number += 1
        }
        return Procedure.Step(
            id: id, type: "tool.called", name: tool, agents: [], isOptional: false, share: 1,
            arguments: [], duration: nil)
    }
}
