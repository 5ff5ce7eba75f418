package import FlowJSON
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// Hands skills of the default branch over to other libraries.
package struct ExportDesk {
    private let members: [SkillSet.Member]

    /// - Parameter names: ids or names.
    /// - Throws: where there is no repository, or no default branch, where a skill is not there, and with
    ///   every mistake of a document that has some.
    package init(_ names: [String], in workspace: String) throws {
        let skills = try RepositoryView(workspace).skills()
        members = try names.map { try skills.named($0) }.eachOnce.map { member in
            guard member.mistakes.isEmpty else {
                throw StageError(
                    "\(member.skill.id) has mistakes; mend it first:\n"
                        + member.mistakes.map(\.description).joined(separator: "\n"))
            }
            return member
        }
    }

    /// Each as one JSON object that holds the whole document.
    package func packages() throws -> [JSON] {
        try members.map { try SkillPackage.json(of: $0.file) }
    }

    /// Writes each as a JSON file into a folder.
    /// - Returns: the files.
    /// - Throws: where one is there, before anything is written.
    package func writePackages(to folder: String) throws -> [String] {
        let files = try members.map { member in
            let stem = Path.name(member.file.path).dropLast(".yaml".count)
            return SkillFile(
                path: stem + ".json",
                bytes: try SkillPackage.json(of: member.file).bytes(.compact) + Array("\n".utf8))
        }
        try refuse(files.map(\.path), in: folder)
        return try files.map { try write($0, to: folder) }
    }

    /// Writes each as an Agent Skills folder into a folder.
    /// - Returns: their folders.
    /// - Throws: where one is there, before anything is written.
    package func writeAgentSkills(to folder: String) throws -> [String] {
        let skills = members.map { AgentSkill($0.skill, $0.file) }
        try refuse(skills.map(\.name), in: folder)
        return try skills.map { skill in
            let own = Path.join(folder, skill.name)
            for file in skill.files { _ = try write(file, to: own) }
            return own
        }
    }

    private func write(_ file: SkillFile, to folder: String) throws -> String {
        let path = Path.join(folder, file.path)
        try Files.write(file.bytes, to: path)
        return path
    }

    private func refuse(_ names: [String], in folder: String) throws {
        for path in names.map({ Path.join(folder, $0) }) where Files.kind(path) != nil {
            throw StageError(
                "\(VisibleText.safe(path)) is there already; move it away, or name another folder")
        }
    }
}
