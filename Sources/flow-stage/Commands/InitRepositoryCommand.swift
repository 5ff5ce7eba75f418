internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

/// The second half of `flow init`: the git repository.
struct InitRepositoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-repository", abstract: "Make a folder a git repository.")

    @Argument(help: "the folder") var folder: String
    @Argument(help: "files that were added", isRequired: false) var paths: [String]
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let report = try RepositoryFounding.found(folder, committing: paths)
        if json {
            Print.line(
                JSON.object([
                    "folder": .string(folder), "new": .bool(report.isNew),
                    "branch": .string(report.branch),
                    "commit": report.commit.map(JSON.string) ?? .null,
                    "added": .array(paths.map(JSON.string)),
                ]).text(.pretty))
            return 0
        }
        let shown = VisibleText.safe(folder)
        if report.isNew {
            Print.line(
                "\(shown) is a repository with branch \(report.branch) and \(paths.count) files")
        } else if !paths.isEmpty {
            for path in paths { Print.line("added \(VisibleText.safe(path))") }
            Print.line("look at them and commit them: git add . && git commit")
        }
        if report.hasOwnIdentity {
            Print.line(
                "git knows no name for you, so commits there are by 'flow'; "
                    + "git config user.name and user.email change that")
        }
        return 0
    }
}
