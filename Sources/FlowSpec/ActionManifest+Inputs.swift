package import FlowJSON

extension ActionManifest {
    package func checked(inputs: JSON) -> (JSON, [String]) { (inputs, []) }
}
