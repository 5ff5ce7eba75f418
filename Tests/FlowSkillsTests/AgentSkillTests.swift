import FlowJSON
import FlowSkills
import FlowSystem
import FlowYAML
import Testing

/// Skills on their way to other libraries and back.
@Suite struct AgentSkillTests {
    private static func document(_ draft: SkillDraft) -> SkillFile {
        SkillFile(path: "skills/" + draft.file, bytes: Array(draft.text.utf8))
    }

    private static func folder(_ file: SkillFile) throws -> AgentSkill {
        AgentSkill(try Skill.read(file.bytes, path: file.path), file)
    }

    private static func procedure() throws -> SkillFile {
        let procedure = try Procedure(reading: Samples.release)
        let id = SkillName.id(.procedure, fingerprint: procedure.fingerprint)
        let skill = Skill(procedure, id: id, owners: [], generatedAt: Samples.now)
        return SkillFile(
            path: "skills/" + SkillName.file(id: id, name: skill.name),
            bytes: Array(skill.procedureDocument.utf8))
    }

    private static func page(_ folder: AgentSkill) throws -> String {
        let file = try #require(folder.files.first { $0.path == AgentSkill.page })
        return String(decoding: file.bytes, as: UTF8.self)
    }

    /// The frontmatter, as YAML, cut as the format's own reader cuts it: at the first `---` anywhere.
    private static func head(_ page: String) throws -> JSON {
        let parts = page.components("---")
        #expect(parts.first == "")
        return try YAMLDocument.read(Array(parts[1].utf8)).json
    }

    @Test("a folder holds the document byte for byte, and a page named like the folder")
    func folder() throws {
        for file in [Self.document(Samples.draft()), try Self.procedure()] {
            let folder = try Self.folder(file)
            #expect(folder.files.count == 2)
            #expect(folder.files[1].path == "assets/" + Path.name(file.path))
            #expect(folder.files[1].bytes == file.bytes)
            let head = try Self.head(Self.page(folder))
            #expect(head["name"]?.stringValue == folder.name)
            #expect(head["metadata"]?["id"]?.stringValue == SkillSet.id(inFile: file.path))
        }
    }

    @Test("the page of a procedure has its steps, where arguments come from, and what was seen")
    func procedurePage() throws {
        let page = try Self.page(Self.folder(Self.procedure()))
        #expect(
            page.contains(
                """
                ## Steps

                1. `checkout` (`tool.called`)
                   - `branch`: the parameter `branch`
                   - `depth`: always `1`
                2. `publish` (`tool.called`)
                   - `sha`: `sha` of the output of `checkout`
                """))
        #expect(page.contains("- `branch` (string, required), such as `\"release-1\"`"))
        #expect(page.contains("30 runs followed it, of 32 that began it."))
    }

    @Test("text of others stays in its place, whatever it is", arguments: Samples.hostile)
    func hostile(_ text: String) throws {
        let evidence = Samples.evidence(
            component: text, type: text, template: text, regex: ".", examples: ["x" + text])
        let draft = SkillDraft.drafts([evidence], owners: [], generatedAt: Samples.now)[0]
        let folder = try Self.folder(Self.document(draft))
        let page = try Self.page(folder)
        let head = try Self.head(page)
        let keys = head.objectValue.map { Array($0.keys) }
        #expect(keys == ["name", "description", "metadata"])
        #expect(head["metadata"]?["kind"]?.stringValue == draft.kind.rawValue)
        let description = try #require(head["description"]?.stringValue)
        #expect(!description.isEmpty && description.unicodeScalars.count <= 1_024)
        // Each heading is one of ours: nothing of the text begins a line, but in code.
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(headings.count == 4, "\(headings)")
        #expect(
            !page.unicodeScalars.contains {
                $0 != "\n" && $0.properties.generalCategory == .control
            })
    }

    @Test("a package gives the document back byte for byte")
    func package() throws {
        let file = Self.document(Samples.draft())
        let json = try SkillPackage.json(of: file)
        #expect(try SkillPackage.file(json, place: "x.json") == file)
        let text = try JSON.read(json.bytes(.compact))
        #expect(try SkillPackage.file(text, place: "x.json") == file)
        var object = try #require(json.objectValue)
        object["text"] = nil
        let written = try SkillPackage.file(.object(object), place: "x.json")
        let (one, other) = try (
            Skill.read(file.bytes, path: file.path), Skill.read(written.bytes, path: file.path)
        )
        #expect(one == other)
    }

    @Test("a package that says two things, or leads elsewhere, is refused")
    func badPackages() throws {
        let json = try SkillPackage.json(of: Self.document(Samples.draft()))
        func refused(_ change: (inout JSONObject) -> Void) throws -> String {
            var object = try #require(json.objectValue)
            change(&object)
            do {
                let file = try SkillPackage.file(.object(object), place: "x.json:3")
                return "taken: \(file.path)"
            } catch {
                return error.description
            }
        }
        for path in [
            "../skills/GR-AAAA0001_x.yaml", "/etc/GR-AAAA0001_x.yaml",
            "skills/a/GR-AAAA0001_x.yaml",
            "skills/../GR-AAAA0001_x.yaml", "skills/x.yaml", "", "GR-AAAA0001_x.yaml/..",
        ] {
            let told = try refused { $0["path"] = .string(path) }
            #expect(told.hasPrefix("x.json:3:1:1: path is '\(path)'; it must be"), "\(told)")
        }
        let told = try refused { object in
            var skill = object["skill"]?.objectValue ?? [:]
            skill["name"] = "another"
            object["skill"] = .object(skill)
        }
        #expect(
            told
                == "x.json:3:1:1: text and skill say different things; change both, or leave one out"
        )
        #expect(try refused { $0["flow_skill"] = 2 }.contains("it is no skill"))
        let neither = try refused {
            $0["text"] = nil
            $0["skill"] = nil
        }
        #expect(neither.hasSuffix("it has neither text nor skill"))
        #expect(try refused { $0["text"] = "a: [" }.hasPrefix("x.json:3/"))
    }

    // MARK: Folders of others

    private static func foreign(_ page: String, folder: String = "cut-release") throws -> Procedure
    {
        let file = try AgentSkill.document(
            of: Array(page.utf8), path: "SKILL.md", folder: folder, now: Samples.now)
        return try #require(try Skill.read(file.bytes, path: file.path).procedure)
    }

    private static let good = """
        ---
        name: cut-release
        description: Cuts a release.
        ---

        # Cut a release

        1. `not_a_step` before the heading

        ## Steps to take

        1. `git.tag` the commit
           - 1. `nested`
        2. **`build`** it

        ```
        3. `fenced`
        ```

        3) `git.tag` again

        ## After

        1. `not_a_step`
        """

    @Test(
        "a numbered list of tools becomes a procedure of those steps, with nothing said of evidence"
    )
    func steps() throws {
        for page in [Self.good, Self.good.replacing("\n", with: "\r\n")] {
            let procedure = try Self.foreign(page)
            #expect(procedure.name == "cut-release")
            #expect(procedure.steps.map(\.name) == ["git.tag", "build", "git.tag"])
            #expect(procedure.steps.map(\.id) == ["git_tag", "build", "git_tag_2"])
            #expect(procedure.steps.allSatisfy { $0.type == "tool.called" && !$0.isOptional })
            #expect(procedure.evidence.support == 0 && procedure.evidence.success == nil)
            #expect(procedure.description == "Cuts a release.")
        }
    }

    @Test("a page of a procedure is read as the same steps without the document beside it")
    func ownPage() throws {
        let file = try Self.procedure()
        let folder = try Self.folder(file)
        let read = try Self.foreign(Self.page(folder), folder: folder.name)
        let whole = try #require(try Skill.read(file.bytes, path: file.path).procedure)
        #expect(read.steps.map(\.name) == whole.steps.map(\.name))
        #expect(read.fingerprint == whole.fingerprint)
    }

    @Test(
        "what is no procedure is refused with its place and why",
        arguments: [
            ("# no frontmatter", "SKILL.md:1:1: it must begin with YAML between two lines of ---"),
            ("---\nname: cut-release\n", "SKILL.md:1:1: it must begin with YAML"),
            (
                "---\ndescription: x\n---\n",
                "SKILL.md:2:1: name is missing between the lines of ---"
            ),
            (
                "---\nname: cut-release\ndescription: [\n---\n", "SKILL.md:3:15:"
            ),
            (
                "---\nname: other\ndescription: x\n---\n",
                "SKILL.md:2:7: the name is other, that of the folder 'cut-release'; they must be equal"
            ),
            ("---\nname: Cut--\ndescription: x\n---\n", "SKILL.md:2:7: 'Cut--' is no name"),
            (
                "---\nname: cut-release\ndescription: x\n---\n\nJust tag it, then build.\n",
                "SKILL.md:1:1: it has no document of flow in assets/, and under no heading \"Steps\""
            ),
            (
                "---\nname: cut-release\ndescription: x\n---\n## Steps\n1. `git.tag`\n2. Build it\n",
                "SKILL.md:7:1: step 2 does not begin with a tool between back-ticks"
            ),
            (
                "---\nname: cut-release\ndescription: x\n---\n## Steps\n1. `rm -rf /`\n",
                "SKILL.md:6:1: step 1 does not begin with a tool between back-ticks"
            ),
        ])
    func prose(_ page: String, _ told: String) throws {
        do {
            let procedure = try Self.foreign(page)
            Issue.record("taken: \(procedure)")
        } catch let error as SkillsError {
            #expect(error.description.hasPrefix(told), "\(error)")
        }
    }

    @Test("a description that is too long is refused")
    func long() throws {
        let page = Self.good.replacing(
            "Cuts a release.", with: String(repeating: "x", count: 1_025))
        #expect(throws: SkillsError.self) { try Self.foreign(page) }
    }
}

extension String {
    /// The parts between a separator.
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
