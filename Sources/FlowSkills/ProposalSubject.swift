/// What a proposal asks for, which its id says: `GR-9F3C2A1B` a new skill, `deprecate-GR-9F3C2A1B` that an
/// accepted one is deprecated, `update-PR-1A2B3C4D-2.0.0` a new version of an accepted procedure.
///
/// The last two edit a file in `skills/`, where a new skill adds one to `skills/proposed/`. Each has its
/// own branch and its own lines in the ledger, so that it is reviewed as every proposal is.
package enum ProposalSubject: Sendable, Hashable {
    case addition(String)
    case deprecation(of: String)
    case update(of: String, to: SkillVersion)

    private static let deprecating = "deprecate-"
    private static let updating = "update-"

    /// What an id says; one that says nothing else is a new skill's.
    package init(_ id: String) {
        self = Self.deprecation(id) ?? Self.update(id) ?? .addition(id)
    }

    private static func deprecation(_ id: String) -> ProposalSubject? {
        guard id.hasPrefix(deprecating) else { return nil }
        let skill = String(id.dropFirst(deprecating.count))
        return SkillName.isID(skill) ? .deprecation(of: skill) : nil
    }

    private static func update(_ id: String) -> ProposalSubject? {
        guard id.hasPrefix(updating), let cut = id.lastIndex(of: "-"),
            let version = SkillVersion(String(id[id.index(after: cut)...]))
        else { return nil }
        let skill = String(id[..<cut].dropFirst(updating.count))
        return SkillName.isID(skill) ? .update(of: skill, to: version) : nil
    }

    package var id: String {
        switch self {
        case .addition(let id): id
        case .deprecation(let skill): Self.deprecating + skill
        case .update(let skill, let version): "\(Self.updating)\(skill)-\(version.text)"
        }
    }

    /// The accepted skill whose file it edits; nil of a new skill.
    package var edited: String? {
        switch self {
        case .addition: nil
        case .deprecation(let skill), .update(let skill, _): skill
        }
    }

    /// Whether it is of a procedure, of which runs are counted in place of hits.
    package var isOfProcedure: Bool {
        switch self {
        case .addition(let id): id.hasPrefix(Skill.Kind.procedure.prefix + "-")
        case .deprecation: false
        case .update: true
        }
    }

    /// Whether the skill, as the default branch has it, is what an edit would make of it.
    package func isDone(in skill: Skill) -> Bool {
        switch self {
        case .addition: true
        case .deprecation: skill.status == .deprecated
        case .update(_, let version):
            skill.procedure.flatMap { SkillVersion($0.version) }.map { $0 >= version } ?? false
        }
    }
}
