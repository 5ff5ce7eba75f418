package import FlowJSON
internal import FlowMining
internal import FlowSkills
package import FlowStore
internal import FlowText

/// Why errors are grouped as they are, for people.
package struct ExplanationDesk {
    /// What the grouping made and people merged into one, the one that gives the name first; never
    /// empty.
    private let parts: [ExplainedGroup]
    private let fingerprint: String
    /// Names that the group had.
    private let names: [(fingerprint: String, origin: AliasOrigin?)]
    /// What people took out of it.
    private let taken: [(split: Aliases.Split, origin: AliasOrigin?)]

    /// Explains the group whose fingerprint begins so.
    /// - Throws: where nothing that was mined is in it.
    package init(fingerprint prefix: String, _ workspace: Workspace) throws {
        let desk = try SignatureDesk(workspace)
        let name = try desk.signature(prefix).fingerprint.text
        let found = try MinedErrors(workspace, desk.aliases).explanations(of: name)
        guard !found.isEmpty else {
            throw StageError(
                "what was counted of \(name) is not here any more; mine again, or explain one "
                    + "of its messages with --message")
        }
        self.init(found, name, desk.aliases, workspace)
    }

    /// Explains where a message belongs.
    /// - Parameter component: nil: whichever has the nearest group.
    package init(message: String, component: String?, _ workspace: Workspace) throws {
        let aliases = try SignatureDesk(workspace).aliases
        let mined = try MinedErrors(workspace, aliases)
        guard let own = mined.explanation(of: message, component: component) else {
            throw StageError(
                "nothing was mined that the message may belong to; flow run mine.yaml mines")
        }
        let name = aliases.newest(own.fingerprint.text)
        let others = mined.explanations(of: name).filter { $0.fingerprint != own.fingerprint }
        self.init([own] + others, name, aliases, workspace)
    }

    private init(
        _ found: [MessageExplanation], _ name: String, _ aliases: Aliases, _ workspace: Workspace
    ) {
        let own = Set(found.map(\.fingerprint.text))
        let former = aliases.renamed.filter { aliases.newest($0) == name && !own.contains($0) }
        let taken = aliases.splits.filter { aliases.newest($0.of) == name }
        let origins = AliasOrigins(
            aliases,
            (Array(own) + former).map { .renames($0) }
                + (Array(own) + taken.map(\.part)).map { .splits($0) },
            try? RepositoryView(workspace.root))
        fingerprint = name
        parts = found.map { explanation in
            let fingerprint = explanation.fingerprint.text
            return ExplainedGroup(
                explanation: explanation,
                merged: origins.origin(.renames(fingerprint)),
                split: origins.origin(.splits(fingerprint)),
                of: explanation.rule.map { aliases.newest($0.of) } ?? "")
        }
        names = former.map { ($0, origins.origin(.renames($0))) }
        self.taken = taken.map { ($0, origins.origin(.splits($0.part))) }
    }

    // MARK: For programs

    /// What was found, member by member: at the top the part that the group is called after, or that
    /// a message is in.
    package var json: JSON {
        var json = parts.first?.json ?? [:]
        json["fingerprint"] = .string(fingerprint)
        json["counted"] = .bool(parts.first?.explanation.isCounted == true)
        json["parts"] = .array(parts.map { .object($0.json) })
        json["names"] = .array(
            names.map { name in
                [
                    "fingerprint": .string(name.fingerprint),
                    "origin": name.origin?.json ?? .null,
                ]
            })
        json["taken_out"] = .array(
            taken.map { split, origin in
                [
                    "fingerprint": .string(split.part), "matching": .string(split.matching),
                    "origin": origin?.json ?? .null,
                ]
            })
        return .object(json)
    }

    // MARK: For people

    /// The same for reading, a line each.
    package var lines: [String] {
        var lines = ["fingerprint  \(fingerprint)"]
        if parts.count > 1 {
            lines.append("parts        \(parts.count) groups that people have merged")
        }
        for (name, origin) in names { lines.append("was          \(name)\(Self.said(origin))") }
        for (split, origin) in taken {
            lines.append(
                "without      \(split.part), matching \(VisibleText.safe(split.matching))"
                    + Self.said(origin))
        }
        return lines
            + parts.flatMap { part in
                parts.count > 1 ? ["", "part         \(part.name)"] + part.lines : part.lines
            }
    }

    private static func said(_ origin: AliasOrigin?) -> String {
        origin.map { ": " + VisibleText.safe($0.text) } ?? ""
    }
}
