internal import FlowArguments
internal import FlowJSON
internal import FlowStages

/// What a gate asks of git when it begins to wait.
struct TipsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tips", abstract: "Print the commits that branches are at, as JSON.")

    @Argument(help: "branches") var branches: [String]

    func run() throws -> Int32 {
        let tips = try MergeSight(Place.workspace()).tips(of: branches)
        Print.line(JSON.object(tips).text())
        return 0
    }
}

/// What a gate asks of git later.
struct MergedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merged",
        abstract: "Print whether branches have been merged into the default branch.")

    @Argument(help: "what tips printed") var tips: String

    func run() throws -> Int32 {
        guard let tips = try? JSON.read(tips).objectValue else {
            throw UsageError("merged takes the JSON that tips prints")
        }
        Print.line(JSON.bool(try MergeSight(Place.workspace()).areMerged(tips)).text())
        return 0
    }
}
