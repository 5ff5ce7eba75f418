internal import FlowText
internal import FlowSystem

/// The skills of a repository.
package struct SkillSet: Sendable {
    /// A skill that could be made out, with its file.
    package struct Member: Sendable, Hashable {
        package let skill: Skill
        package let file: SkillFile
        /// Empty for a valid document.
        package let mistakes: [Mistake]
    }

    /// In the order of the paths.
    package let members: [Member]
    /// Every mistake of every file, also of those that no skill could be made of, and ids that two
    /// files claim.
    package let mistakes: [Mistake]
    package let aliases: Aliases
    private let byID: [String: Int]
    private let byFingerprint: [String: [Int]]

    /// Reads every `.yaml` file of the given ones that is named like a skill.
    package init(_ files: [SkillFile], aliases: Aliases = Aliases()) {
        var members: [Member] = []
        var mistakes: [Mistake] = []
        var byID: [String: Int] = [:]
        for file in files.sorted(by: { $0.path < $1.path }) where Self.isSkill(file.path) {
            var (skill, found) = Skill.check(file.bytes, path: file.path)
            if let skill {
                if let other = byID[skill.id] {
                    found.append(
                        Mistake(
                            path: file.path,
                            message: "\(skill.id) is also the id of \(members[other].file.path)"))
                } else {
                    byID[skill.id] = members.count
                }
                members.append(Member(skill: skill, file: file, mistakes: found))
            }
            mistakes += found
        }
        self.members = members
        self.mistakes = mistakes
        self.aliases = aliases
        self.byID = byID
        byFingerprint = Dictionary(grouping: members.indices) {
            aliases.newest(members[$0].skill.match.fingerprint)
        }
    }

    /// Whether a path is `skills/…/<ID>_<slug>.yaml`.
    package static func isSkill(_ path: String) -> Bool {
        guard path.hasSuffix(".yaml"), Path.isWithin(path, SkillName.folder) else { return false }
        return SkillName.isID(String(Path.name(path).prefix { $0 != "_" }))
    }

    /// The id that a file's name claims; nil where it is no skill's.
    package static func id(inFile path: String) -> String? {
        isSkill(path) ? String(Path.name(path).prefix { $0 != "_" }) : nil
    }

    /// The skill of an id.
    package func find(_ id: String) -> Member? { byID[id].map { members[$0] } }

    /// The skills of some states, in the order of the paths.
    package func list(_ statuses: Set<Skill.Status>) -> [Member] {
        members.filter { statuses.contains($0.skill.status) }
    }

    /// The skills for a group of errors, found also where either was renamed since.
    package func covering(_ fingerprint: String) -> [Member] {
        (byFingerprint[aliases.newest(fingerprint)] ?? []).map { members[$0] }
    }

    /// The approved skills whose regular expression matches a message. Costs O(skills × message).
    package func matching(_ message: String) -> [Member] {
        list([.approved]).filter { member in
            guard !member.skill.match.messageRegex.isEmpty,
                let regex = try? LinearRegex(member.skill.match.messageRegex)
            else { return false }
            return regex.matches(message)
        }
    }

    /// The present fingerprint of each id in use, for naming new skills.
    package var taken: [String: String] {
        byID.mapValues { aliases.newest(members[$0].skill.match.fingerprint) }
    }
}
