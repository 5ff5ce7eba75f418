internal import FlowSkills
internal import FlowText

extension SkillSet {
    /// The skill that somebody names, by its id or by its name.
    /// - Parameter kind: the only one that can be meant; nil: any.
    /// - Throws: `StageError` where there is none, or where several have the name.
    func named(_ text: String, _ kind: Skill.Kind? = nil) throws -> Member {
        let all = members.filter { kind == nil || $0.skill.kind == kind }
        if let member = all.first(where: { $0.skill.id == text }) { return member }
        let found = all.filter { $0.skill.name == text }
        guard let member = found.first else {
            throw StageError(
                "there is no \(kind?.rawValue ?? "skill") \(VisibleText.safe(text)) in skills/"
                    + Self.hint(text, all.flatMap { [$0.skill.name, $0.skill.id] }))
        }
        guard found.count == 1 else {
            throw StageError(
                "\(VisibleText.safe(text)) is the name of several; take the id: "
                    + found.map(\.skill.id).joined(separator: ", "))
        }
        return member
    }

    /// The nearest name, else the first ten.
    static func hint(_ text: String, _ names: [String]) -> String {
        let nearest = Nearest.hint(text, among: names)
        guard nearest.isEmpty, !names.isEmpty else { return nearest }
        return "; there are " + VisibleText.safe(names.prefix(10).joined(separator: ", "))
    }
}
