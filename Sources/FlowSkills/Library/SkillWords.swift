internal import FlowJSON

extension Skill {
    /// What searches find it by, beside its name.
    package struct Words: Sendable, Hashable {
        package let tags: [String]
        /// A description, what the steps are called, what it looks for, what it was seen in.
        package let text: [String]
    }

    package var words: Words {
        guard let procedure else {
            let message = action["message"]?.stringValue ?? action["script"]?.stringValue ?? ""
            return Words(
                tags: [], text: [match.component, match.template, message, notes] + examples)
        }
        return Words(
            tags: procedure.tags + [procedure.category],
            text: [procedure.description]
                + procedure.steps.flatMap { [$0.name, $0.type] + $0.agents }
                + procedure.parameters.map(\.name) + [notes])
    }
}
