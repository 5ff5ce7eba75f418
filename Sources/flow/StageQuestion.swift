internal import FlowEngine
internal import FlowSystem

/// Something that flow asks `flow-stage`, since it knows no domain itself.
struct StageQuestion {
    /// After `flow-stage command`.
    let words: [String]
    let workspace: String
    /// Seconds.
    let patience: Int
    /// For messages.
    let doing: String

    /// What it prints.
    struct Answer {
        let output: [UInt8]
        let isLate: Bool
    }

    /// Runs it to its end on a lane; who cancels the lane ends it.
    func ask(on lane: Lane) throws(EngineError) -> Answer {
        guard let program = Programs.stage else {
            throw failure("flow-stage is neither beside flow nor in PATH; install both")
        }
        let (variables, problem) = environment()
        let command = Command(
            program: program, arguments: [program, "command"] + words,
            environment: CStrings(variables.map { "\($0.key)=\($0.value)" }),
            folder: workspace, timeout: .seconds(patience), grace: .seconds(1))
        var output: [UInt8] = []
        let result = lane.run(command) { _, _ in
        } output: {
            output += $0
        }
        if result.cancelled { throw failure("flow was stopped before git had answered") }
        if result.timedOut { return Answer(output: output, isLate: true) }
        if case .unstarted(let error) = result.end { throw failure(error.description) }
        guard result.succeeded else {
            let said = String(decoding: output, as: UTF8.self).split(separator: "\n").first ?? ""
            // It speaks as flow does.
            throw failure((said.hasPrefix("flow: ") ? said.dropFirst(6) : said) + problem)
        }
        return Answer(output: output, isLate: false)
    }

    /// What the product's workflows hand to the stages that reach a remote, so that whoever has it in
    /// `.env` gets the same answers here.
    private static let fromDotEnv = [
        "GITHUB_TOKEN", "FLOW_REMOTE_TOKEN", "SSH_AUTH_SOCK", "GITHUB_SERVER_URL",
    ]

    /// A file that cannot be read may have had what is missing, if something is.
    private func environment() -> (variables: [String: String], problem: String) {
        do {
            let known = try DotEnv.read(in: workspace).filter { Self.fromDotEnv.contains($0.key) }
            return (Environment.all.merging(known) { given, _ in given }, "")
        } catch {
            return (Environment.all, "; \(error)")
        }
    }

    func failure(_ message: String) -> EngineError {
        EngineError(code: .storage, doing: doing, message: message)
    }
}
