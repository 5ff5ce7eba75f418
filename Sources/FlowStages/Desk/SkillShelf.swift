internal import FlowGit
package import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// Checks the skills of a repository for people.
package enum SkillShelf {
    /// A file and what is wrong with it.
    package struct Checked: Sendable {
        package let path: String
        /// `file:line:column: message` each; empty for a valid skill.
        package let mistakes: [String]

        package var json: JSON {
            [
                "path": .string(path), "valid": .bool(mistakes.isEmpty),
                "mistakes": .array(mistakes.map(JSON.string)),
            ]
        }
    }

    /// Checks files of the disk, wherever they are; that one cannot be read is its mistake.
    package static func check(files: [String]) -> [Checked] {
        files.map { path in
            do {
                let bytes = try Files.read(path, limit: 16 << 20)
                let (_, mistakes) = Skill.check(bytes, path: path)
                return Checked(path: path, mistakes: mistakes.map(\.description))
            } catch {
                return Checked(path: path, mistakes: ["\(error)"])
            }
        }
    }

    /// Checks every skill of the default branch and of the open proposals.
    package static func checkAll(_ workspace: String) throws -> [Checked] {
        let desk = try ProposalDesk(RepositoryView(workspace))
        var files = try desk.view.files(in: "skills") + desk.view.files(in: "skills/proposed")
        files = files.filter { SkillSet.isSkill($0.path) }
        for id in desk.branches.keys.sorted() {
            guard let branch = try desk.shown(id), let file = try desk.file(of: id, on: branch)
            else {
                continue
            }
            files.append(file)
        }
        return files.map { file in
            let (_, mistakes) = Skill.check(file.bytes, path: file.path)
            return Checked(path: file.path, mistakes: mistakes.map(\.description))
        }
    }
}
