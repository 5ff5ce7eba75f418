internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// What procedures that were found are to a repository: new skills, new versions of those that it has,
/// or nothing new.
struct ProcedureOffers {
    /// A document to be proposed.
    struct Offer {
        let skill: Skill
        let file: String
        let text: String
        /// The version that it would replace; nil: it is new.
        let replaced: String?
        let procedure: Procedure
    }

    private(set) var offers: [Offer] = []
    /// Those that are known, with the reason why they are not offered.
    private(set) var known: [(id: String, reason: String)] = []
    /// nil: there is no repository, in which nothing is known.
    private let desk: ProposalDesk?
    private let waiting: [String: String]
    private let now: Timestamp

    /// - Parameter found: The best first, which is the order of the offers.
    init(
        _ found: [Procedure], _ desk: ProposalDesk?, minSimilarity: Double, owners: [String],
        now: Timestamp
    ) throws {
        self.desk = desk
        self.now = now
        waiting = try desk?.waiting() ?? [:]
        let standing = try desk.map(Self.standing) ?? []
        let places = KnownProcedures(standing.map(\.newest.skill)).places(
            of: found, minSimilarity: minSimilarity)
        let new = found.indices.filter { places[$0] == nil }
        let ids = try SkillName.ids(
            new.map { (.procedure, found[$0].fingerprint) },
            taken: desk.map { try KnownErrors($0.view).taken } ?? [:])
        let idOfPlace = Dictionary(uniqueKeysWithValues: zip(new, ids))
        let names = ProcedureNames.distinct(
            new.map { found[$0] }, besides: standing.compactMap(\.newest.skill.procedure))
        let nameOfPlace = Dictionary(uniqueKeysWithValues: zip(new, names))
        for (place, procedure) in found.enumerated() {
            if let other = places[place] {
                try offer(procedure, as: standing[other])
            } else if let id = idOfPlace[place], let name = nameOfPlace[place] {
                var procedure = procedure
                procedure.name = name
                offer(procedure, id, owners)
            }
        }
    }

    // MARK: What is known

    /// A skill with the file that holds it.
    fileprivate struct Document {
        let skill: Skill
        let file: SkillFile

        var version: SkillVersion {
            skill.procedure.flatMap { SkillVersion($0.version) } ?? .first
        }

        /// Whether a review has noted since when it acts.
        var isReviewed: Bool {
            switch skill.status {
            case .proposed: false
            case .approved: skill.metadata.deployedAt != nil
            case .experimental, .deprecated: true
            }
        }
    }

    /// A procedure of the library or of an open proposal, or of both.
    fileprivate struct Standing {
        var accepted: Document?
        /// On the branch of a proposal, or merged.
        var proposed: Document?
        /// Whether a proposal was merged which the review has not moved to `skills/` yet.
        var isMerged = false
        let newest: Document
    }

    private static func standing(_ desk: ProposalDesk) throws -> [Standing] {
        var proposed: [String: Document] = [:]
        for id in desk.branches.keys.sorted() {
            if case .deprecation = ProposalSubject(id) { continue }
            guard !desk.isRejected(id), let branch = try desk.shown(id),
                let file = try desk.file(of: id, on: branch),
                let document = document(file)
            else { continue }
            let before = proposed[document.skill.id]
            if before.map({ $0.version < document.version }) ?? true {
                proposed[document.skill.id] = document
            }
        }
        let merged = desk.merged.compactMap(Self.document)
        for document in merged { proposed[document.skill.id] = nil }
        var all: [Standing] = desk.skills.members.compactMap { member in
            guard member.skill.procedure != nil else { return nil }
            let accepted = Document(skill: member.skill, file: member.file)
            let offered = proposed.removeValue(forKey: member.skill.id)
                .flatMap { $0.version > accepted.version ? $0 : nil }
            return Standing(accepted: accepted, proposed: offered, newest: offered ?? accepted)
        }
        all += merged.map { Standing(proposed: $0, isMerged: true, newest: $0) }
        all += proposed.values.sorted { $0.skill.id < $1.skill.id }.map {
            Standing(proposed: $0, newest: $0)
        }
        return all
    }

    private static func document(_ file: SkillFile) -> Document? {
        guard let skill = Skill.check(file.bytes, path: file.path).0, skill.procedure != nil else {
            return nil
        }
        return Document(skill: skill, file: file)
    }

    // MARK: What is offered

    private mutating func offer(_ procedure: Procedure, as standing: Standing) throws {
        let newest = standing.newest.skill
        let change = Self.change(from: newest, to: procedure)
        if let reason = Self.reasonNotToRevise(standing, change, procedure) {
            return known.append((newest.id, reason))
        }
        let base = standing.accepted ?? standing.newest
        let next = Self.change(from: base.skill, to: procedure).next(after: base.version)
        var version = base.skill.procedure.map(procedure.inTerms) ?? procedure
        version.name = newest.name
        version.version = max(next, standing.newest.version).text
        let bytes = try Skill.revised(base.file.bytes, path: base.file.path, to: version)
        let skill = try Skill.read(bytes, path: base.file.path)
        if let accepted = standing.accepted, let desk {
            let subject = desk.update(
                of: accepted.skill, to: SkillVersion(version.version) ?? .first)
            let isNew = desk.branches[subject.id] == nil
            let reason =
                desk.rejection(ofVersion: skill, as: subject.id)
                ?? (isNew ? desk.reasonNotToOpen(subject.id, skill) : nil)
            if let reason { return known.append((subject.id, reason)) }
        }
        offers.append(
            Offer(
                skill: skill, file: Path.name(base.file.path),
                text: String(decoding: bytes, as: UTF8.self), replaced: base.version.text,
                procedure: version))
    }

    private mutating func offer(_ procedure: Procedure, _ id: String, _ owners: [String]) {
        let skill = Skill(procedure, id: id, owners: owners, generatedAt: now)
        if let reason = desk?.reasonNotToPropose(skill, waiting) {
            return known.append((id, reason))
        }
        offers.append(
            Offer(
                skill: skill, file: SkillName.file(id: id, name: skill.name),
                text: skill.procedureDocument, replaced: nil, procedure: procedure))
    }

    /// What a person has changed in the steps of a document stays: the pattern that it was made of is no
    /// change.
    private static func change(from skill: Skill, to found: Procedure) -> ProcedureChange {
        let own = skill.procedure ?? found
        let found = found.inTerms(of: own)
        let isEdited = own.fingerprint != skill.match.fingerprint
        let isOrigin = found.fingerprint == skill.match.fingerprint
        return ProcedureChange(from: isEdited && isOrigin ? found : own, to: found)
    }

    /// Why a known procedure gets no new version; nil: it gets one.
    private static func reasonNotToRevise(
        _ standing: Standing, _ change: ProcedureChange, _ found: Procedure
    ) -> String? {
        let newest = standing.newest
        if newest.skill.status == .deprecated { return "it is deprecated" }
        if standing.isMerged { return "it was merged" }
        if change.weight == .none {
            return standing.proposed == nil
                ? "it is in skills/ as version \(newest.version.text)"
                : "version \(newest.version.text) is proposed"
        }
        if standing.proposed != nil, let accepted = standing.accepted,
            Self.change(from: accepted.skill, to: found).weight == .none
        {
            return "it is in skills/ as version \(accepted.version.text)"
        }
        // That review changes the file, and what was proposed before would not merge any more.
        if standing.accepted?.isReviewed == false { return "a review has to note it first" }
        return nil
    }
}
