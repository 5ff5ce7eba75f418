package import FlowJSON

extension ActionManifest {
    /// The inputs of one leg, with defaults filled and durations in seconds, and what is wrong with
    /// them, a sentence each: `'top' must be at least 1, not 0`.
    ///
    /// Text may stand for the number, boolean or duration that it shows. Null is as good as
    /// nothing.
    package func checked(inputs: JSON) -> (inputs: JSON, mistakes: [String]) {
        contract.checked(inputs)
    }

    var contract: InputContract {
        InputContract(reference: reference, role: "input", inputs: inputs)
    }
}

extension SubWorkflow {
    /// The params of one leg, as `ActionManifest.checked(inputs:)` gives inputs.
    /// - Parameter unknown: names of params whose values are not known yet; they are left out.
    package func checked(params: JSON, unknown: Set<String> = []) -> (
        params: JSON, mistakes: [String]
    ) {
        let (params, mistakes) = contract.checked(params, later: unknown)
        return (params, mistakes)
    }

    var contract: InputContract {
        InputContract(
            reference: reference, role: "param",
            inputs: workflow.params.map { .init(parameter: $0) })
    }
}
