internal import FlowJSON
internal import FlowText

/// The pull requests of one repository that offer branches of its own.
package final class PullRequests {
    let client: GitHubClient
    private let repository: GitHubRepository
    /// Those that are open, by branch: asked for once.
    private var open: [String: PullRequest]?

    package init(_ client: GitHubClient, _ repository: GitHubRepository) {
        self.client = client
        self.repository = repository
    }

    /// What a branch's pull request is to be.
    package struct Wish {
        package let branch: String
        package let base: String
        package let text: WrittenText
        package let labels: [String]
        package let reviewers: Reviewers

        package init(
            branch: String, base: String, text: WrittenText, labels: [String], reviewers: Reviewers
        ) {
            self.branch = branch
            self.base = base
            self.text = text
            self.labels = labels
            self.reviewers = reviewers
        }

        /// Whether there is nothing to do once it is open.
        var isBare: Bool { labels.isEmpty && reviewers.isEmpty }
    }

    package enum Outcome {
        case opened(PullRequest)
        case updated(PullRequest)
        case unchanged(PullRequest)
        /// Open, and its text is somebody else's now; with the reason as a sentence.
        case kept(PullRequest, String)
        /// It was merged or closed: a verdict, and no reason to open another.
        case decided(PullRequest)
    }

    /// Makes a branch's pull request what it is to be: opens it, or brings the text up to date where
    /// nobody has edited it. Labels and reviewers are given once, when it is opened.
    /// - Parameters:
    ///   - decides: whether one that was merged or closed speaks of what the branch offers now, and not
    ///     of an earlier proposal of the same name.
    ///   - say: told what could not be done and is no reason to stop.
    package func fulfil(
        _ wish: Wish, decides: (PullRequest) -> Bool, say: (String) -> Void
    ) throws(GitHubError) -> Outcome {
        if let current = try openOnes()[wish.branch] { return try refresh(current, wish, say) }
        if let decided = try closed(wish.branch).last(where: decides) { return .decided(decided) }
        let created = try create(wish)
        let outcome = try refresh(created.request, wish, say)
        return created.isNew ? .opened(created.request) : outcome
    }

    // MARK: Finding

    private func openOnes() throws(GitHubError) -> [String: PullRequest] {
        if let open { return open }
        let found = try read(
            "state=open&per_page=100", doing: "list the pull requests of \(repository.slug)")
        let open = Dictionary(
            found.map { ($0.branch, $0) }, uniquingKeysWith: { first, _ in first })
        self.open = open
        return open
    }

    private func read(_ query: String, doing: String) throws(GitHubError) -> [PullRequest] {
        var found: [PullRequest] = []
        for json in try client.list("\(path)/pulls?\(query)", doing: doing) {
            let one = try PullRequest(json, doing: doing)
            // A branch of the same name in somebody's fork is another branch.
            if one.home?.lowercased() == repository.slug.lowercased() { found.append(one) }
        }
        return found.sorted { $0.number < $1.number }
    }

    var path: String { "/repos/\(repository.slug)" }

    private func ofBranch(_ branch: String, _ state: String) throws(GitHubError) -> [PullRequest] {
        let head = QueryText.encoded("\(repository.owner):\(branch)")
        return try read(
            "state=\(state)&head=\(head)&per_page=100",
            doing: "look for the pull request of \(VisibleText.safe(branch))"
        ).filter { $0.branch == branch }
    }

    /// The one of a branch that is open; nil where none is.
    package func open(_ branch: String) throws(GitHubError) -> PullRequest? {
        try openOnes()[branch]
    }

    /// Those of a branch that were merged or closed, the oldest first.
    package func closed(_ branch: String) throws(GitHubError) -> [PullRequest] {
        try ofBranch(branch, "closed")
    }

    // MARK: Writing

    /// Opens it; where it is there already, or the answer did not come, finds what there is.
    private func create(_ wish: Wish) throws(GitHubError) -> (request: PullRequest, isNew: Bool) {
        let doing = "open a pull request for \(VisibleText.safe(wish.branch))"
        let call = GitHubClient.Call(
            method: "POST", path: "\(path)/pulls",
            body: [
                "title": .string(wish.text.title), "head": .string(wish.branch),
                "base": .string(wish.base),
                "body": .string(wish.text.marked(wish.isBare ? .done : .opening)),
            ], doing: doing, isRepeatable: false)
        do throws(GitHubError) {
            return (try PullRequest(try client.call(call), doing: doing), true)
        } catch {
            guard error.code == .uncertain || error.code == .refused else { throw error }
            guard let there = try ofBranch(wish.branch, "open").first else { throw error }
            return (there, error.code == .uncertain)
        }
    }

    private func refresh(
        _ current: PullRequest, _ wish: Wish, _ say: (String) -> Void
    ) throws(GitHubError) -> Outcome {
        // A run that ended between opening and labelling is finished by the next one.
        if WrittenMark.split(current.body).mark?.state == .opening {
            try label(current, wish)
            if !wish.reviewers.isEmpty { try ask(wish.reviewers, current, say) }
            return try write(wish, to: current)
        }
        switch wish.text.edit(over: current.title, current.body, .done) {
        case .nothing: return .unchanged(current)
        case .keep(let reason): return .kept(current, reason)
        case .write: return try write(wish, to: current)
        }
    }

    /// Looks once more before it writes, since what was listed may be minutes old.
    private func write(_ wish: Wish, to listed: PullRequest) throws(GitHubError) -> Outcome {
        let place = "\(path)/pulls/\(listed.number)"
        let reading = "read the pull request #\(listed.number)"
        let current = try PullRequest(
            try client.call(.init(method: "GET", path: place, doing: reading)), doing: reading)
        var change: JSONObject = [:]
        let outcome: Outcome
        switch wish.text.edit(over: current.title, current.body, .done) {
        case .nothing: return .unchanged(current)
        case .write(let title, let body):
            outcome = .updated(current)
            change["body"] = .string(body)
            if let title { change["title"] = .string(title) }
        case .keep(let reason):
            outcome = .kept(current, reason)
            let text = WrittenMark.split(current.body)
            guard var mark = text.mark, mark.state == .opening else { return outcome }
            mark.state = .done
            change["body"] = .string(mark.appended(to: text.body))
        }
        _ = try client.call(
            .init(
                method: "PATCH", path: place, body: .object(change),
                doing: "update the pull request #\(current.number)"))
        return outcome
    }

    private func label(_ current: PullRequest, _ wish: Wish) throws(GitHubError) {
        guard !wish.labels.isEmpty else { return }
        _ = try client.call(
            .init(
                method: "POST", path: "\(path)/issues/\(current.number)/labels",
                body: ["labels": .array(wish.labels.map(JSON.string))],
                doing: "label the pull request #\(current.number)"))
    }

    /// A name that GitHub does not take (no collaborator, the author) is no reason to stop.
    private func ask(
        _ reviewers: Reviewers, _ current: PullRequest, _ say: (String) -> Void
    ) throws(GitHubError) {
        do throws(GitHubError) {
            _ = try client.call(
                .init(
                    method: "POST", path: "\(path)/pulls/\(current.number)/requested_reviewers",
                    body: reviewers.json,
                    doing: "ask for reviews of the pull request #\(current.number)"))
        } catch {
            guard error.code == .refused else { throw error }
            say("warning: \(error)")
        }
    }
}

/// Text in the query of an address.
enum QueryText {
    /// Every byte but letters, digits and `-._~` as `%` and two digits (RFC 3986).
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x2D, 0x2E, 0x5F, 0x7E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count < 2 ? "0" : "") + hex
            }
        }
        return result
    }
}
