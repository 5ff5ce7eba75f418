internal import FlowArguments
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Evaluate an expression.",
        examples: [
            ("flow eval '1 < 2'", #"prints {"kind":"Boolean","value":true}"#),
            (
                "echo '{\"params\":{\"n\":3}}' | flow eval params.n --contexts -",
                "with contexts from standard input"
            ),
        ])

    @Argument(help: "what stands between ${{ and }}", valueName: "expression") var text: String
    @Option(help: "a JSON file with the contexts; - is standard input", valueName: "file")
    var contexts: String?

    func run() throws -> Int32 {
        var values: JSONObject = [:]
        if let contexts {
            let bytes = contexts == "-" ? TerminalDevice.readInput() : try Files.read(contexts)
            guard let object = try JSON.read(bytes).objectValue else {
                throw Misuse("the contexts are not a JSON object")
            }
            values = object
        }
        let result = ExpressionResult.evaluating(text, contexts: values)
        Output.print(result.json.text(.spaced))
        if case .error = result { return Program.failed }
        return Program.succeeded
    }
}
