internal import FlowJSON

extension Procedure {
    /// The same procedure in the terms of a known version of it: with its ids of steps and its names of
    /// parameters, and with what that takes from a caller or from an earlier step although in the runs
    /// looked at it was always the same, or hardly there. That few runs had few values does not narrow what
    /// was accepted.
    ///
    /// Steps are the same by type and name, the first one with the first.
    package func inTerms(of known: Procedure) -> Procedure {
        var terms = Terms(found: self, known: known)
        let steps = terms.steps()
        return Procedure(
            name: name, description: description, version: version, status: status,
            category: category, tags: tags, steps: steps, parameters: terms.parameters(),
            preconditions: preconditions, evidence: terms.evidence())
    }
}

/// One translation.
private struct Terms {
    /// An argument of a step of the known procedure.
    private struct Place: Hashable {
        let step: Int
        let path: String
    }

    private let found: Procedure
    private let known: Procedure
    /// The known step that each found one is.
    private let partners: [Int?]
    /// What the found steps are called.
    private let ids: [String]
    /// The values that are always the same where the known procedure takes a parameter, by its name.
    private let constants: [String: Set<JSON>]
    /// What the found parameters are called.
    private let names: [String: String]
    /// Parameters that the found procedure lacks.
    private var kept: Set<String> = []

    init(found: Procedure, known: Procedure) {
        self.found = found
        self.known = known
        let partners = Self.partners(found.steps, known.steps)
        self.partners = partners
        ids = Self.ids(found.steps, known.steps, partners)
        names = Self.names(found, known, partners)
        constants = Self.constants(found.steps, known.steps, partners)
    }

    private static func partners(_ found: [Procedure.Step], _ known: [Procedure.Step]) -> [Int?] {
        var waiting = Dictionary(grouping: known.indices) { known[$0].symbol }
        return found.map { step in
            guard let first = waiting[step.symbol]?.first else { return nil }
            waiting[step.symbol]?.removeFirst()
            return first
        }
    }

    private static func ids(
        _ found: [Procedure.Step], _ known: [Procedure.Step], _ partners: [Int?]
    ) -> [String] {
        var taken = Set(partners.compactMap { $0 }.map { known[$0].id })
        return zip(found, partners).map { step, partner in
            partner.map { known[$0].id } ?? free(step.id, &taken)
        }
    }

    /// The word, or with the first number behind it with which nothing else is called so.
    private static func free(_ word: String, _ taken: inout Set<String>) -> String {
        var (free, number) = (word, 2)
        while !taken.insert(free).inserted {
            free = "\(word)_\(number)"
            number += 1
        }
        return free
    }

    /// - Parameter place: The known step of a step; nil: it has none.
    private static func uses(
        _ steps: [Procedure.Step], _ place: (Int) -> Int?
    ) -> [String: Set<Place>] {
        var uses: [String: Set<Place>] = [:]
        for (number, step) in steps.enumerated() {
            for argument in step.arguments {
                guard case .parameter(let name) = argument.source else { continue }
                uses[name, default: []].insert(
                    Place(step: place(number) ?? -1, path: argument.path))
            }
        }
        return uses
    }

    /// A parameter that is taken where the known procedure takes one of another name gets that name; one
    /// that is new gets none that stands for something else.
    private static func names(
        _ found: Procedure, _ known: Procedure, _ partners: [Int?]
    ) -> [String: String] {
        let theirs = uses(known.steps) { $0 }
        let own = uses(found.steps) { partners[$0] }
        let candidates = theirs.keys.sorted()
        var names: [String: String] = [:]
        var taken: Set<String> = []
        for name in found.parameters.map(\.name) {
            let places = own[name] ?? []
            let same = candidates.first { theirs[$0]?.isDisjoint(with: places) == false }
            if let same, taken.insert(same).inserted { names[name] = same }
        }
        let there = Set(partners)
        taken.formUnion(theirs.filter { $0.value.contains { there.contains($0.step) } }.keys)
        for name in found.parameters.map(\.name) where names[name] == nil {
            names[name] = free(name, &taken)
        }
        return names
    }

    private static func constants(
        _ found: [Procedure.Step], _ known: [Procedure.Step], _ partners: [Int?]
    ) -> [String: Set<JSON>] {
        var constants: [String: Set<JSON>] = [:]
        for (step, partner) in zip(found, partners) {
            let arguments = partner.map { known[$0].arguments } ?? []
            let sources = Dictionary(arguments.map { ($0.path, $0.source) }) { first, _ in first }
            for argument in step.arguments {
                guard case .literal(let value) = argument.source,
                    case .parameter(let name) = sources[argument.path]
                else { continue }
                constants[name, default: []].insert(value)
            }
        }
        return constants
    }

    // MARK: Steps

    mutating func steps() -> [Procedure.Step] {
        found.steps.indices.map { number in
            let step = found.steps[number]
            var arguments = step.arguments.map {
                Procedure.Argument(path: $0.path, source: translated($0.source))
            }
            if let partner = partners[number] {
                for argument in known.steps[partner].arguments {
                    keep(argument, in: &arguments, before: number)
                }
                arguments.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            }
            return Procedure.Step(
                id: ids[number], type: step.type, name: step.name, agents: step.agents,
                isOptional: step.isOptional, share: step.share, arguments: arguments,
                duration: step.duration)
        }
    }

    private func translated(_ source: Procedure.Source) -> Procedure.Source {
        switch source {
        case .literal: source
        case .parameter(let name): .parameter(names[name] ?? name)
        case .output(let step, let path): .output(step: translated(step), path: path)
        }
    }

    private func translated(_ id: String) -> String {
        found.steps.firstIndex { $0.id == id }.map { ids[$0] } ?? id
    }

    /// Takes an argument from where the known procedure takes it, where the found one has one value or none.
    private mutating func keep(
        _ argument: Procedure.Argument, in arguments: inout [Procedure.Argument],
        before number: Int
    ) {
        let place = arguments.firstIndex { $0.path == argument.path }
        var value: JSON?
        if let place {
            guard case .literal(let literal) = arguments[place].source else { return }
            value = literal
        }
        switch argument.source {
        case .literal: return
        case .output(let step, _):
            guard ids[..<number].contains(step) else { return }
        case .parameter(let name):
            guard let parameter = known.parameters.first(where: { $0.name == name }),
                value.map({ Procedure.Parameter.fits($0, type: parameter.type) })
                    ?? !parameter.isRequired,
                // what varies elsewhere, or is something else there, is not this
                value == nil || !varies(name) && constants[name, default: []].count == 1
            else { return }
            kept.insert(name)
        }
        if let place { arguments[place] = argument } else { arguments.append(argument) }
    }

    /// Whether the found procedure has a parameter of that name.
    private func varies(_ name: String) -> Bool {
        found.parameters.contains { (names[$0.name] ?? $0.name) == name }
    }

    // MARK: What is said of them

    /// After `steps`.
    func parameters() -> [Procedure.Parameter] {
        let there = found.parameters.map { parameter in
            let name = names[parameter.name] ?? parameter.name
            return widened(parameter, name, known.parameters.first { $0.name == name })
        }
        let missing = kept.subtracting(there.map(\.name))
        return there + known.parameters.filter { missing.contains($0.name) }
    }

    /// As optional, and of as wide a type, as the known one is.
    private func widened(
        _ parameter: Procedure.Parameter, _ name: String, _ known: Procedure.Parameter?
    ) -> Procedure.Parameter {
        let isWider =
            known.map { $0.type == "any" || $0.type == "number" && parameter.type == "integer" }
            ?? false
        let type = isWider ? known?.type ?? parameter.type : parameter.type
        let isOptional = known?.isRequired == false
        var fallback = parameter.fallback
        if isOptional, let accepted = known?.fallback,
            Procedure.Parameter.fits(accepted, type: type)
        {
            fallback = accepted
        }
        return Procedure.Parameter(
            name: name, type: type, isRequired: parameter.isRequired && !isOptional,
            fallback: fallback,
            examples: parameter.examples, range: parameter.range, distinct: parameter.distinct)
    }

    func evidence() -> Procedure.Evidence {
        var evidence = found.evidence
        evidence.transitions = evidence.transitions.map {
            Procedure.Transition(
                from: translated($0.from), to: translated($0.to), share: $0.share,
                seconds: $0.seconds)
        }
        return evidence
    }
}
