/// The procedures of a library, to tell which one a found one is.
package struct KnownProcedures {
    private let known: [(fingerprints: Set<String>, symbols: [Int32])]
    private let numbers: [Procedure.Step.Symbol: Int32]

    /// - Parameter skills: Those of other kinds are like nothing.
    package init(_ skills: [Skill]) {
        var numbers: [Procedure.Step.Symbol: Int32] = [:]
        known = skills.map { skill in
            guard let procedure = skill.procedure else { return ([], []) }
            let symbols = procedure.steps.map { step in
                numbers[step.symbol]
                    ?? {
                        let fresh = Int32(numbers.count)
                        numbers[step.symbol] = fresh
                        return fresh
                    }()
            }
            return ([skill.match.fingerprint, procedure.fingerprint], symbols)
        }
        self.numbers = numbers
    }

    /// For each found procedure the place of the skill that it is a version of; nil: it is new.
    ///
    /// One whose steps that are always done are those of a skill, as the skill is or as its fingerprint
    /// has it, is that skill's; another is the most similar skill's, by the normalised edit distance of
    /// all steps. A skill has one version: of several that are like it, the most similar. Costs
    /// O(found × known × steps² / 64).
    package func places(of found: [Procedure], minSimilarity: Double) -> [Int?] {
        var pairs: [(likeness: Double, found: Int, known: Int)] = []
        for (place, procedure) in found.enumerated() {
            let fingerprint = procedure.fingerprint
            var distances = EditDistances(to: procedure.steps.map { numbers[$0.symbol] ?? -1 })
            for (other, skill) in known.enumerated() {
                if skill.fingerprints.contains(fingerprint) {
                    pairs.append((2, place, other))
                } else if !skill.symbols.isEmpty,
                    let likeness = distances.similarity(to: skill.symbols, least: minSimilarity)
                {
                    pairs.append((likeness, place, other))
                }
            }
        }
        pairs.sort { ($1.likeness, $0.known, $0.found) < ($0.likeness, $1.known, $1.found) }
        var places = [Int?](repeating: nil, count: found.count)
        var taken: Set<Int> = []
        for pair in pairs where places[pair.found] == nil && !taken.contains(pair.known) {
            places[pair.found] = pair.known
            taken.insert(pair.known)
        }
        return places
    }
}
