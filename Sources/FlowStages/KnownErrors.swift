internal import FlowLearning
internal import FlowSkills

/// What a repository knows of errors when they are mined: so that none is proposed again because its
/// group has changed.
struct KnownErrors {
    let aliases: Aliases
    /// Messages of the groups that skills, proposals and lines of the dataset are about, one for each
    /// fingerprint.
    let evidence: [Regrouping.Evidence]
    /// The fingerprint of each id in use: by skills, and by proposals that wait or were decided.
    let taken: [String: String]

    /// Nothing is known where there is no repository.
    init() {
        aliases = Aliases()
        evidence = []
        taken = [:]
    }

    init(_ view: RepositoryView) throws {
        aliases = try view.aliases()
        let skills = try view.skills().members.map(\.skill)
        // what is wrong with the ledger is for the stages to say that need all of it
        let desk = try? ProposalDesk(view)
        let proposed = try desk?.documents() ?? []
        let documents = skills + proposed
        let decided = desk?.fingerprints(proposed) ?? [:]
        var evidence = documents.map { skill in
            Regrouping.Evidence(
                fingerprint: skill.match.fingerprint, component: skill.match.component,
                template: skill.match.template, examples: skill.examples)
        }
        // a line stays while its skill cannot be read
        let lines = try view.bytes(DatasetFile.path).flatMap { try? DatasetFile(reading: $0) }
        evidence += (lines?.examples ?? []).map { line in
            Regrouping.Evidence(
                fingerprint: line.fingerprint, component: line.input.component,
                template: line.input.errorPattern, examples: line.examples)
        }
        // of what was rejected no document is left
        let rejected = Set(decided.values.map(aliases.newest))
        evidence += try (view.bytes(Catalog.path).map(Catalog.examples) ?? []).filter {
            rejected.contains($0.fingerprint)
        }.map { entry in
            Regrouping.Evidence(
                fingerprint: entry.fingerprint, component: nil, template: entry.description,
                examples: [entry.example])
        }
        var known: Set<String> = []
        self.evidence = evidence.filter { known.insert($0.fingerprint).inserted }
        taken = skills.reduce(into: decided) {
            $0[$1.id] = $1.match.fingerprint
        }
    }
}
