internal import FlowGit
internal import FlowGitHub
internal import FlowJSON
internal import FlowSkills
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// `github/pull-request`: a pull request for each proposal that was pushed.
enum PullRequestStage: Stage {
    static let reference = "github/pull-request"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        var report = Report()
        switch try GitHubAccess(context, settled) {
        case .none(let reason): report.hand(over: context, reason)
        case .open(let client, let repository, let remote):
            let view = try RepositoryView(settled)
            if let reason = try emptiness(context, view, remote) {
                return report.hand(over: context, reason)
            }
            let offers = try self.offers(context, settled, view, remote)
            let requests = PullRequests(client, repository)
            for offer in offers {
                let outcome: PullRequests.Outcome
                do throws(GitHubError) {
                    outcome = try requests.fulfil(
                        offer.wish,
                        decides: { $0.decides(offer.tip, view, reopened: offer.reopened) },
                        say: context.note)
                } catch {
                    // What is wrong with one of them may be right with the next.
                    guard error.code == .refused else { throw error }
                    report.failures.append("\(error)")
                    continue
                }
                try report.add(outcome, offer.wish.branch, context)
            }
            guard report.failures.isEmpty else {
                throw StageError(report.failures.joined(separator: "\n"))
            }
            report.hand(over: context, report.sentence)
        }
    }

    /// Why the branch that is asked for has nothing to offer, for which GitHub opens no pull request;
    /// nil where it has, or where that is not known here.
    private static func emptiness(
        _ context: StageContext, _ view: RepositoryView, _ remote: String
    ) throws -> String? {
        let head = context.text("head")
        let base = context.text("base").isEmpty ? view.branch : context.text("base")
        guard !head.isEmpty, let tip = try view.repository.tip(of: head, remote: remote),
            let there = try view.repository.tip(of: base, remote: remote),
            try tip == there || view.repository.isAncestor(tip, of: there)
        else { return nil }
        return VisibleText.safe("\(head) has no commit that \(base) has not")
    }

    private struct Offer {
        let wish: PullRequests.Wish
        let tip: ObjectID
        /// When a person last let one of its skills be proposed again.
        let reopened: Timestamp?
    }

    /// The branches that the remote has, with what their pull requests are to be.
    private static func offers(
        _ context: StageContext, _ settled: SettledRepository, _ view: RepositoryView,
        _ remote: String
    ) throws -> [Offer] {
        let head = context.text("head")
        let base = context.text("base").isEmpty ? view.branch : context.text("base")
        let labels = (settled.settings.labels + context.texts("labels")).eachOnce
        let reviewers = (settled.settings.reviewers + context.texts("reviewers")).eachOnce
        func offer(
            _ branch: String, _ tip: ObjectID, _ text: WrittenText, _ reopened: Timestamp? = nil
        ) -> Offer {
            Offer(
                wish: .init(
                    branch: branch, base: base, text: text, labels: labels,
                    reviewers: Reviewers(reviewers)), tip: tip, reopened: reopened)
        }
        guard head.isEmpty else {
            guard let tip = try view.repository.tip(of: head, remote: remote) else {
                throw StageError(
                    "\(remote) has no branch \(VisibleText.quoted(head)); push it first: git/push")
            }
            let commit = try view.repository.commit(tip)
            return [
                offer(head, tip, text([commit], title: context.text("title"), context.text("body")))
            ]
        }
        var offers = try proposals(context, view, remote).map {
            offer($0.branch.name, $0.branch.tip, text($0.commits, title: $0.title), $0.reopened)
        }
        if settled.isRolling,
            let tip = try view.repository.tip(of: SyncBranch.name, remote: remote)
        {
            let commits = try view.repository.history(from: tip, hiding: [view.tip])
            if !commits.isEmpty {
                offers.append(offer(SyncBranch.name, tip, text(commits.reversed())))
            }
        }
        return offers
    }

    /// A branch with proposals that wait for a verdict.
    private struct Proposals {
        let branch: Branch
        /// Those in which flow proposed them, the oldest first.
        var commits: [Commit] = []
        var skills = 0
        var reopened: Timestamp?

        /// Empty where that of the first commit says it.
        var title: String { commits.count > 1 ? "Propose \(skills) skills" : "" }
    }

    /// The proposals that wait for a verdict, as the remote has them, each branch once.
    private static func proposals(
        _ context: StageContext, _ view: RepositoryView, _ remote: String
    ) throws -> [Proposals] {
        let desk = try ProposalDesk(view)
        var all: [String: Proposals] = [:]
        for facts in try desk.facts() {
            guard try desk.verdict(on: facts, now: context.now).verdict == .pending,
                let branch = desk.branches[facts.id]?.first(where: { $0.remote == remote })
            else { continue }
            guard let commit = try desk.explanation(of: facts.id, on: branch) else {
                context.note("\(branch.title) has no commit of flow's, so it gets no pull request")
                continue
            }
            var one = all[branch.name] ?? Proposals(branch: branch)
            if !one.commits.contains(commit) { one.commits.append(commit) }
            one.skills += 1
            one.reopened = [one.reopened, desk.ledger.state.lastReopening(of: facts.id)]
                .compactMap(\.self).max()
            all[branch.name] = one
        }
        return all.values.sorted { $0.branch.name < $1.branch.name }
    }

    /// The messages of commits as one text: what others wrote in them, flow has made harmless when it
    /// made the commits (`ForeignText`).
    private static func text(
        _ commits: [Commit], title: String = "", _ body: String = ""
    ) -> WrittenText {
        let subject = commits.first?.subject ?? ""
        let bodies = commits.enumerated().map { place, commit in
            place == 0 ? commit.body : "\(commit.subject)\n\n\(commit.body)"
        }
        return WrittenText(
            title: VisibleText.safe(title.isEmpty ? subject : title),
            body: VisibleText.safe(
                body.isEmpty ? bodies.joined(separator: "\n\n") : body, lines: true))
    }
}

/// What was done for each branch.
private struct Report {
    var failures: [String] = []
    private var numbers: [JSON] = []
    private var urls: [JSON] = []
    private var left: [JSON] = []
    private var opened = 0
    private var updated = 0

    mutating func add(
        _ outcome: PullRequests.Outcome, _ branch: String, _ context: StageContext
    ) throws {
        let request: PullRequest
        var action: String?
        switch outcome {
        case .opened(let one):
            (request, action, opened) = (one, "opened", opened + 1)
        case .updated(let one):
            (request, action, updated) = (one, "updated", updated + 1)
        case .unchanged(let one): request = one
        case .kept(let one, let reason):
            request = one
            leave(one, branch, reason, context)
        case .decided(let one):
            let how = one.isMerged ? "was merged" : "was closed, which is a verdict"
            return leave(one, branch, "its pull request \(how)", context)
        }
        numbers.append(.integer(request.number))
        urls.append(.string(request.url))
        guard let action else { return }
        context.note("\(action) #\(request.number) for \(branch): \(request.url)")
        try context.event(
            "github.pull-request",
            [
                "number": .integer(request.number), "branch": .string(branch),
                "action": .string(action), "url": .string(request.url),
            ])
    }

    private mutating func leave(
        _ request: PullRequest, _ branch: String, _ reason: String, _ context: StageContext
    ) {
        context.note("#\(request.number) of \(branch): \(reason)")
        left.append([
            "branch": .string(branch), "number": .integer(request.number),
            "reason": .string(reason),
        ])
    }

    var sentence: String { "\(opened) opened, \(updated) updated, \(numbers.count) open" }

    func hand(over context: StageContext, _ reason: String) {
        context.output("numbers", .array(numbers))
        context.output("urls", .array(urls))
        context.output("opened", .integer(opened))
        context.output("updated", .integer(updated))
        context.output("left", .array(left))
        context.output("reason", .string(reason))
        context.summary(reason)
    }
}

extension Array where Element: Hashable {
    /// The elements without those that are there before.
    var eachOnce: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
