internal import FlowJSON
internal import FlowText

/// What takes values by name through `with`: an action its inputs, a workflow its params.
struct InputContract {
    /// As `uses:` names it.
    let reference: String
    /// `input` or `param`, for messages.
    let role: String
    let inputs: [ActionManifest.Input]

    /// With defaults filled and durations in seconds, and what is wrong, a sentence each.
    /// - Parameter later: names of values that are given and not known yet; they are left out.
    func checked(_ values: JSON, later: Set<String> = []) -> (inputs: JSON, mistakes: [String]) {
        var mistakes: [String] = []
        var result = JSONObject()
        let given = values.objectValue ?? [:]
        for name in given.keys where !inputs.contains(where: { $0.name == name }) {
            mistakes.append(unknown(name))
        }
        for input in inputs where !later.contains(input.name) {
            guard let value = given[input.name], !value.isNull else {
                if let value = input.parameter.defaultValue {
                    result[input.name] = value
                } else if input.isRequired {
                    mistakes.append("'\(input.name)' is required and has no value")
                }
                continue
            }
            do throws(ValueMistake) {
                result[input.name] = try input.parameter.checked(value, coercing: true)
            } catch {
                mistakes.append("'\(input.name)' \(error.message)")
            }
        }
        return (.object(result), mistakes)
    }

    func unknown(_ name: String) -> String {
        let names = inputs.map(\.name)
        let hint = Nearest.hint(name, among: names)
        return "\(reference) has no \(role) \(VisibleText.quoted(name))"
            + (hint.isEmpty && !names.isEmpty ? "; it has \(names.joined(separator: ", "))" : hint)
    }
}
