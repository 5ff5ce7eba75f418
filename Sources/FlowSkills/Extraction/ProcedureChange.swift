/// What differs between two versions of a procedure, weighed by what it asks of a caller.
package struct ProcedureChange: Sendable, Hashable {
    package enum Weight: Int, Sendable, Comparable {
        /// Nothing but the evidence.
        case none
        /// Values that are always the same.
        case patch
        /// Optional steps and parameters, and types.
        case minor
        /// Steps that are always done, their order, and parameters that a caller must give.
        case major

        package static func < (one: Weight, other: Weight) -> Bool {
            one.rawValue < other.rawValue
        }
    }

    package private(set) var weight = Weight.none
    /// What changed, a sentence each in flow's words; names of others are made harmless.
    package private(set) var news: [String] = []

    package init(from old: Procedure, to new: Procedure) {
        compareSteps(old.steps.filter { !$0.isOptional }, new.steps.filter { !$0.isOptional })
        compare(
            "Parameters that a caller must give", .major,
            old.parameters.filter(\.isRequired).map(\.name),
            new.parameters.filter(\.isRequired).map(\.name))
        compare(
            "Optional steps", .minor, old.steps.filter(\.isOptional).map(\.title),
            new.steps.filter(\.isOptional).map(\.title))
        compare(
            "Optional parameters", .minor,
            old.parameters.filter { !$0.isRequired }.map(\.name),
            new.parameters.filter { !$0.isRequired }.map(\.name))
        compare("Types", .minor, old.types, new.types)
        let (before, after) = (old.sources, new.sources)
        if weight < .major, before != after {
            note("Values that are always the same, or where a value comes from, changed.", .patch)
        }
    }

    /// The version after `version`, with this change.
    package func next(after version: SkillVersion) -> SkillVersion {
        switch weight {
        case .none: version
        case .patch:
            SkillVersion(
                major: version.major, minor: version.minor, patch: version.patch + 1)
        case .minor: SkillVersion(major: version.major, minor: version.minor + 1, patch: 0)
        case .major: SkillVersion(major: version.major + 1, minor: 0, patch: 0)
        }
    }

    private mutating func note(_ sentence: String, _ weight: Weight) {
        self.weight = max(self.weight, weight)
        news.append(sentence)
    }

    private mutating func compareSteps(_ old: [Procedure.Step], _ new: [Procedure.Step]) {
        guard old.map(\.symbol) != new.map(\.symbol) else { return }
        if Set(old.map(\.symbol)) == Set(new.map(\.symbol)) {
            note("Steps that are always done follow each other in another way.", .major)
        } else if Set(old.map(\.title)) == Set(new.map(\.title)) {
            note("Steps that are always done are of another type.", .major)
        } else {
            compare("Steps that are always done", .major, old.map(\.title), new.map(\.title))
        }
    }

    private mutating func compare(
        _ what: String, _ weight: Weight, _ old: [String], _ new: [String]
    ) {
        let (before, after) = (Set(old), Set(new))
        guard before != after else { return }
        func list(_ names: [String], _ word: String) -> String? {
            let shown = names.prefix(8).map { SkillName.title($0, limit: 60) }
            if shown.isEmpty { return nil }
            let more = names.count > shown.count ? " and \(names.count - shown.count) more" : ""
            return "\(word) \(shown.joined(separator: ", "))\(more)"
        }
        let parts = [
            list(new.filter { !before.contains($0) }, "new:"),
            list(old.filter { !after.contains($0) }, "gone:"),
        ].compactMap(\.self)
        note("\(what): \(parts.joined(separator: "; ")).", weight)
    }
}

extension Procedure.Step {
    /// What executions know it by.
    struct Symbol: Hashable {
        let type: String
        let name: String
    }

    var symbol: Symbol { Symbol(type: type, name: name) }

    /// The tool or the agent; where there is none, the type.
    package var title: String { name.isEmpty ? type : name }
}

extension Procedure {
    fileprivate var types: [String] { parameters.map { "\($0.name) (\($0.type))" } }

    /// By step, in the order of their paths.
    fileprivate var sources: [[Argument]] {
        steps.map { step in
            step.arguments.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        }
    }
}
