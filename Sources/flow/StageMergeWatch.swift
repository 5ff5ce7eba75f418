internal import FlowEngine
internal import FlowJSON
internal import FlowSystem

/// Asks `flow-stage` of branches, since flow itself knows no git.
final class StageMergeWatch: MergeWatch {
    private let workspace: String
    /// For a fetch from a remote that does not answer.
    private static let patience = Duration.seconds(120)

    init(workspace: String) { self.workspace = workspace }

    func look(at known: MergeLook) throws(EngineError) -> MergeLook {
        let doing = "ask git for branches"
        let output = try ask(["merged", "--", JSON.object(known.branches).text()], doing)
        guard let answer = (try? JSON.read(output))?.objectValue, let look = MergeLook(answer)
        else {
            throw EngineError(
                code: .storage, doing: doing, message: "flow-stage is of another version")
        }
        return look
    }

    private func ask(_ words: [String], _ doing: String) throws(EngineError) -> [UInt8] {
        guard let program = Programs.stage else {
            throw EngineError(
                code: .storage, doing: doing,
                message: "flow-stage is neither beside flow nor in PATH; install both")
        }
        var output: [UInt8] = []
        let result: CommandResult
        do throws(SystemError) {
            let command = Command(
                program: program, arguments: [program, "command"] + words,
                environment: Environment.all.map { "\($0.key)=\($0.value)" }, folder: workspace,
                timeout: Self.patience, grace: .seconds(1))
            result = try Lane(processGuard: nil).run(command) { _, _ in
            } output: {
                output += $0
            }
        } catch {
            throw EngineError(code: .storage, doing: doing, message: error.description)
        }
        guard result.succeeded else {
            let said = String(decoding: output, as: UTF8.self).split(separator: "\n").first ?? ""
            // It speaks as flow does.
            let words = said.hasPrefix("flow: ") ? said.dropFirst(6) : said
            throw EngineError(
                code: .storage, doing: doing,
                message: result.timedOut ? "git took longer than two minutes" : String(words))
        }
        return output
    }
}
