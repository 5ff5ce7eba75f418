package import FlowJSON
internal import FlowText

extension ActionManifest {
    /// The inputs of one leg, with defaults filled and durations in seconds, and what is wrong with
    /// them, a sentence each: `'top' must be at least 1, not 0`.
    ///
    /// Text may stand for the number, boolean or duration that it shows. Null is as good as
    /// nothing.
    package func checked(inputs: JSON) -> (inputs: JSON, mistakes: [String]) {
        var mistakes: [String] = []
        var result = JSONObject()
        let given = inputs.objectValue ?? [:]
        for name in given.keys where !self.inputs.contains(where: { $0.name == name }) {
            mistakes.append(unknown(name))
        }
        for input in self.inputs {
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
        return "\(reference) has no input \(VisibleText.quoted(name))"
            + (hint.isEmpty && !names.isEmpty ? "; it has \(names.joined(separator: ", "))" : hint)
    }
}
