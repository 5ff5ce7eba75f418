package import FlowJSON
internal import FlowText

/// Every value of a run's parameters that is wrong.
package struct BindingError: Error, Sendable, CustomStringConvertible {
    /// A sentence each; never empty.
    package let mistakes: [String]
    package var description: String { mistakes.joined(separator: "\n") }
}

extension Workflow {
    /// The values of all params: what the file gives wins over the default, and what the command
    /// line gives wins over both.
    ///
    /// - Parameters:
    ///   - file: the content of `--params FILE`.
    ///   - arguments: `-p name=text` in order; of one name the last counts.
    /// - Throws: every unknown name, wrong value and missing param.
    package func bind(file: JSON? = nil, arguments: [(name: String, text: String)] = [])
        throws(BindingError) -> JSONObject
    {
        var mistakes: [String] = []
        var values = JSONObject()
        for parameter in params { values[parameter.name] = parameter.defaultValue }
        var given: Set<String> = []
        if let file, !file.isNull {
            if let object = file.objectValue {
                for (name, value) in object.members {
                    given.insert(name)
                    set(name, &values, &mistakes) { p throws(ValueMistake) in try p.checked(value) }
                }
            } else {
                mistakes.append("the params file holds \(file.described), not a mapping")
            }
        }
        for (name, text) in arguments {
            given.insert(name)
            set(name, &values, &mistakes) { p throws(ValueMistake) in try p.parsed(text) }
        }
        for parameter in params
        where parameter.isRequired && !given.contains(parameter.name) {
            mistakes.append(
                "the param '\(parameter.name)' has no default; give it with "
                    + "-p \(parameter.name)=VALUE")
        }
        guard mistakes.isEmpty else { throw BindingError(mistakes: mistakes) }
        return JSONObject(params.map { ($0.name, values[$0.name] ?? .null) })
    }

    private func set(
        _ name: String, _ values: inout JSONObject, _ mistakes: inout [String],
        _ read: (Parameter) throws(ValueMistake) -> JSON
    ) {
        guard let parameter = params.first(where: { $0.name == name }) else {
            let names = params.map(\.name)
            let hint = Nearest.hint(name, among: names)
            let known =
                names.isEmpty ? "; there is none" : "; there are " + names.joined(separator: ", ")
            mistakes.append(
                "there is no param \(VisibleText.quoted(name))" + (hint.isEmpty ? known : hint))
            return
        }
        do throws(ValueMistake) {
            values[name] = try read(parameter)
        } catch {
            mistakes.append("the param '\(name)' \(error.message)")
        }
    }
}
