internal import FlowGit
package import FlowJSON
internal import FlowSkills
internal import FlowSystem
internal import FlowText
internal import FlowYAML

/// Takes skills of other libraries in: each becomes a proposal, since nobody here has read it.
package struct ImportDesk {
    /// What became of one skill.
    package struct Outcome: Sendable {
        package let id: String
        /// nil: it was not proposed.
        package let branch: String?
        package let commit: String?
        /// Why it was not; empty of one that was.
        package let reason: String
        /// Whether that is since the same document is there.
        package let isThere: Bool

        package var json: JSON {
            [
                "id": .string(id), "branch": branch.map(JSON.string) ?? .null,
                "commit": commit.map(JSON.string) ?? .null,
                "reason": isThere || branch == nil ? .string(reason) : .null,
            ]
        }
    }

    /// Everything wrong with what was handed over, `file:line:column: message` each; where there is any
    /// nothing is proposed.
    package let mistakes: [String]
    /// Files that are not imported.
    package let left: [String]
    private let offers: [(skill: Skill, item: ImportSource.Item)]
    private let source: String

    /// Reads and checks a JSON file, an Agent Skills folder, or a folder of either; changes nothing.
    package init(_ path: String) {
        let source = ImportSource(path, now: SystemClock().now())
        var offers: [(skill: Skill, item: ImportSource.Item)] = []
        var mistakes = source.mistakes
        var places: [String: String] = [:]
        for item in source.items {
            let (skill, found) = Skill.check(item.file.bytes, path: item.place)
            mistakes += found.map(\.description)
            guard let skill else { continue }
            if let script = skill.action["script"]?.stringValue, !Self.isBeneath(script) {
                let mark = (try? YAMLDocument.read(item.file.bytes))?.root?["action"]?["script"]?
                    .start
                let mistake = Mistake(
                    path: item.place, line: mark?.line ?? 1, column: mark?.column ?? 1,
                    message: "action.script is \(VisibleText.quoted(script)); it must be a path "
                        + "below the repository's root")
                mistakes.append(mistake.description)
            }
            if let other = places.updateValue(item.place, forKey: skill.id) {
                mistakes.append("\(item.place):1:1: \(skill.id) is also the id of \(other)")
            }
            offers.append((skill, item))
        }
        self.offers = offers
        self.mistakes = mistakes
        left = source.left
        self.source = Path.name(Path.normal(Path.join(Files.workingFolder, path)))
    }

    private static func isBeneath(_ script: String) -> Bool {
        (try? Change(path: script, blob: nil, base: nil)) != nil
    }

    /// Makes the branches `proposal/<ID>`, each with one commit that adds the document byte for byte.
    /// - Throws: where there is no repository, or no default branch; `shallow`.
    package func propose(in workspace: String) throws -> [Outcome] {
        let settled = try SettledRepository(workspace)
        try settled.requireHistory(for: "propose skills")
        let desk = try ProposalDesk(RepositoryView(settled))
        let waiting = try desk.waiting()
        return try offers.map { skill, item in
            if try isThere(skill, item, desk) {
                return Outcome(
                    left: skill.id, "the same document is there already", isThere: true)
            }
            if let reason = desk.reasonNotToPropose(skill, waiting) {
                return Outcome(left: skill.id, reason)
            }
            return try desk.propose(
                skill.id, item.file, ProposalMessage(importing: skill, from: source))
        }
    }

    /// Whether the default branch or the skill's open proposal has this very document.
    private func isThere(
        _ skill: Skill, _ item: ImportSource.Item, _ desk: ProposalDesk
    ) throws -> Bool {
        if desk.skills.find(skill.id)?.file.bytes == item.file.bytes { return true }
        guard let branch = try desk.shown(skill.id) else { return false }
        return try desk.file(of: skill.id, on: branch)?.bytes == item.file.bytes
    }
}

extension ImportDesk.Outcome {
    init(left id: String, _ reason: String, isThere: Bool = false) {
        self.init(id: id, branch: nil, commit: nil, reason: reason, isThere: isThere)
    }
}

extension ProposalDesk {
    /// Proposes a document by a person's command: makes its branch with one commit.
    func propose(
        _ id: String, _ file: SkillFile, _ message: ProposalMessage
    ) throws -> ImportDesk.Outcome {
        let branch = Self.branch(id)
        let path = Path.join(SkillName.proposedFolder, Path.name(file.path))
        let change = try Change(
            path: path, blob: view.repository.writeBlob(file.bytes), base: nil)
        do throws(GitError) {
            // Without the document's trailer no run takes it for flow's own and brings it up to date.
            let commit = try view.repository.propose(
                branch: branch, base: view.tip, changes: [change],
                message: CommitMessage(
                    message.subject, body: [.own(message.body)],
                    trailers: [Trailer(RepositoryView.deskTrailer, "yes"), Self.trailer(of: id)]),
                signature: view.signature, time: SystemClock().now())
            return ImportDesk.Outcome(
                id: id, branch: branch, commit: commit.hex, reason: "", isThere: false)
        } catch {
            guard error.code == .exists else { throw error }
            return ImportDesk.Outcome(left: id, "somebody else proposed it")
        }
    }
}
