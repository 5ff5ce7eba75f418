internal import FlowEngine
internal import FlowJSON
internal import FlowSystem

/// Asks `flow-stage` of branches, since flow itself knows no git.
final class StageMergeWatch: MergeWatch {
    private let workspace: String

    init(workspace: String) { self.workspace = workspace }

    func tips(of branches: JSON) throws(EngineError) -> JSON {
        let names = branches.arrayValue?.compactMap(\.stringValue) ?? []
        return try ask(["tips", "--"] + names)
    }

    func areMerged(_ branches: JSON) throws(EngineError) -> Bool {
        // A list is what an earlier flow noted that could not ask.
        let tips: JSON = branches.objectValue == nil ? try self.tips(of: branches) : branches
        return try ask(["merged", "--", tips.text()]) == true
    }

    private func ask(_ words: [String]) throws(EngineError) -> JSON {
        let doing = "ask git for branches"
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
                environment: Environment.all.map { "\($0.key)=\($0.value)" }, folder: workspace)
            result = try Lane(processGuard: nil).run(command) { _, _ in
            } output: {
                output += $0
            }
        } catch {
            throw EngineError(code: .storage, doing: doing, message: error.description)
        }
        guard result.succeeded, let answer = try? JSON.read(output) else {
            let said = String(decoding: output, as: UTF8.self).split(separator: "\n").first ?? ""
            // It speaks as flow does.
            let words = said.hasPrefix("flow: ") ? said.dropFirst(6) : said
            throw EngineError(code: .storage, doing: doing, message: String(words))
        }
        return answer
    }
}
