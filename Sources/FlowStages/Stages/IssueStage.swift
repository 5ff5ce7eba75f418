internal import FlowGit
internal import FlowGitHub
internal import FlowJSON
internal import FlowSystem
internal import FlowText

/// `github/issue`: one issue for something that is due or not.
enum IssueStage: Stage {
    static let reference = "github/issue"

    static func run(_ context: StageContext) throws {
        let label = context.text("label")
        guard !label.isEmpty, !label.contains(",") else {
            throw StageError("'label' is one label: not empty, and without a comma")
        }
        switch try GitHubAccess(context, SettledRepository(context.workspace)) {
        case .none(let reason): hand(over: context, nil, "none", reason)
        case .open(let client, let repository, _):
            let text = WrittenText(
                title: VisibleText.safe(context.text("title")),
                body: VisibleText.safe(context.text("body"), lines: true))
            let outcome = try Issues(client, repository).settle(
                label, isDue: context.boolean("due"), text, others: context.texts("labels"))
            try report(outcome, context)
        }
    }

    private static func report(_ outcome: Issues.Outcome, _ context: StageContext) throws {
        switch outcome {
        case .opened(let issue): try act("opened", issue, context)
        case .updated(let issue): try act("updated", issue, context)
        case .closed(let issue): try act("closed", issue, context)
        case .unchanged(let issue):
            hand(over: context, issue, "none", "#\(issue.number) is as it should be")
        case .kept(let issue, let reason):
            hand(over: context, issue, "none", "#\(issue.number): \(reason)")
        case .none: hand(over: context, nil, "none", "nothing is due")
        }
    }

    private static func act(_ action: String, _ issue: Issue, _ context: StageContext) throws {
        hand(over: context, issue, action, "\(action) #\(issue.number): \(issue.url)")
        try context.event(
            "github.issue",
            [
                "number": .integer(issue.number), "action": .string(action),
                "url": .string(issue.url),
            ])
    }

    private static func hand(
        over context: StageContext, _ issue: Issue?, _ action: String, _ reason: String
    ) {
        context.output("number", .integer(issue?.number ?? 0))
        context.output("url", .string(issue?.url ?? ""))
        context.output("action", .string(action))
        context.output("reason", .string(reason))
        context.summary(reason)
    }
}
