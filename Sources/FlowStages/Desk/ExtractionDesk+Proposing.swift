internal import FlowSkills
internal import FlowSystem

extension ExtractionDesk {
    /// Proposes procedures that a person has looked at: each that is new becomes a branch.
    ///
    /// One that the library knows already is left as it is; `skills/extract` proposes new versions.
    /// - Throws: where there is no repository, or no default branch; `shallow`.
    package func propose(_ found: Found, in workspace: String) throws -> [ImportDesk.Outcome] {
        let settled = try SettledRepository(workspace)
        try settled.requireHistory(for: "propose skills")
        let desk = try ProposalDesk(RepositoryView(settled))
        let offers = try ProcedureOffers(
            found.procedures, desk, minSimilarity: minSimilarity, owners: [],
            now: SystemClock().now())
        let known = offers.known.map { ImportDesk.Outcome(left: $0.id, $0.reason) }
        return try known
            + offers.offers.map { offer in
                if let version = offer.replaced {
                    return ImportDesk.Outcome(
                        left: offer.skill.id,
                        "it is there as version \(version); flow run extract.yaml proposes newer")
                }
                return try desk.propose(
                    offer.skill.id,
                    SkillFile(path: offer.file, bytes: Array(offer.text.utf8)),
                    ProposalMessage(offer.skill, trend: nil))
            }
    }
}
