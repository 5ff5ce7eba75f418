package import FlowJSON
internal import FlowMining
internal import FlowSkills
package import FlowStore
internal import FlowText

/// Taking messages out of a group, for people: what would come of it, and doing it.
package struct SplitDesk {
    private let desk: SignatureDesk
    private let division: GroupDivision
    private let split: Aliases.Split

    /// - Parameters:
    ///   - prefix: the beginning of the group's fingerprint.
    ///   - pattern: a regular expression, matched with messages as they are masked, with their type
    ///     before them.
    /// - Throws: where the pattern is none, where it matches all of the group or nothing of it, and
    ///   where what was counted is not kept here.
    package init(_ prefix: String, matching pattern: String, _ workspace: Workspace) throws {
        desk = try SignatureDesk(workspace)
        let group = try desk.signature(prefix)
        let name = group.fingerprint.text
        let regex: LinearRegex
        do throws(RegexError) {
            regex = try LinearRegex(pattern)
        } catch {
            throw StageError("--matching is no regular expression: \(error)")
        }
        let written = try desk.writtenAliases()
        let mined = try MinedErrors(workspace, desk.aliases.with(splits: written))
        guard let division = mined.division(of: name, regex) else {
            throw StageError(
                "what was counted of \(name) is not here any more; mine again and split it then")
        }
        try Self.check(division, pattern)
        self.division = division
        let part = Fingerprint(
            type: group.type, component: group.component, template: group.template,
            matching: pattern)
        split = Aliases.Split(part: part.text, of: name, matching: pattern)
    }

    private static func check(_ division: GroupDivision, _ pattern: String) throws {
        if division.matching.different > 0, division.rest.different > 0 { return }
        let (what, side) =
            division.rest.different == 0
            ? ("all", division.matching) : ("none", division.rest)
        throw StageError(
            "\(VisibleText.safe(pattern)) matches \(what) of the \(side.different) different messages "
                + "of the group, so it takes nothing apart; it is matched with messages as they are "
                + "masked, such as: "
                + side.messages.map { VisibleText.safe($0) }.joined(separator: "; "))
    }

    /// Writes it into `skills/aliases.yaml` of the work tree.
    package func write() throws {
        try desk.editAliases { try Aliases.adding(split, to: $0) }
    }

    /// `{of, fingerprint, matching, taken, rest}`; the last two
    /// `{errors, different, messages, examples}`.
    package var json: JSON {
        func side(_ side: GroupDivision.Side) -> JSON {
            [
                "errors": .integer(side.errors), "different": .integer(side.different),
                "messages": .array(side.messages.map(JSON.string)),
                "examples": .array(side.examples.map(JSON.string)),
            ]
        }
        return [
            "of": .string(split.of), "fingerprint": .string(split.part),
            "matching": .string(split.matching), "taken": side(division.matching),
            "rest": side(division.rest),
        ]
    }

    /// The same for reading, a line each.
    package var lines: [String] {
        side("taken out", split.part, division.matching) + side("stays", split.of, division.rest)
    }

    private func side(_ title: String, _ fingerprint: String, _ side: GroupDivision.Side)
        -> [String]
    {
        let blanks = String(repeating: " ", count: 13 - title.count)
        return [
            "\(title)\(blanks)\(fingerprint): \(side.errors) errors, \(side.different) different "
                + "messages once masked"
        ] + (side.messages + side.examples).map { "             " + VisibleText.safe($0) }
    }
}
