internal import FlowArguments
internal import FlowJSON
internal import FlowStages

/// What a gate asks of git.
struct MergedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merged",
        abstract: "Print which branches have not been merged into the default branch, as JSON.")

    @Argument(help: "the branches with their last commits, as JSON") var branches: String

    func run() throws -> Int32 {
        guard let known = (try? JSON.read(branches))?.objectValue else {
            throw UsageError("merged takes a JSON object")
        }
        Print.line(JSON.object(try MergeSight(Place.workspace()).look(known)).text())
        return 0
    }
}
