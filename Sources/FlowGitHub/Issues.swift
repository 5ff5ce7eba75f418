internal import FlowJSON
internal import FlowText

/// An issue, as far as flow looks at it.
package struct Issue: Sendable, Hashable {
    package let number: Int
    /// The page for people.
    package let url: String
    package let isOpen: Bool
    let labels: [String]
    let title: String
    let body: String

    /// nil: a pull request, which GitHub lists among the issues.
    init?(_ json: JSON, doing: String) throws(GitHubError) {
        guard let number = json["number"]?.intValue, let state = json["state"]?.stringValue else {
            throw GitHubError(
                .answer, doing: doing,
                "the answer is no issue; is GITHUB_API_URL the address of GitHub?")
        }
        if json["pull_request"]?.objectValue != nil { return nil }
        self.number = number
        url = VisibleText.safe(json["html_url"]?.stringValue ?? "")
        isOpen = state == "open"
        labels = (json["labels"]?.arrayValue ?? []).compactMap {
            $0.stringValue ?? $0["name"]?.stringValue
        }
        title = json["title"]?.stringValue ?? ""
        body = json["body"]?.stringValue ?? ""
    }

    var mark: WrittenMark? { WrittenMark.split(body).mark }
}

/// One issue for one thing that is due or not, found by its label: opened when it becomes due, kept up
/// to date, closed when it is over, and opened again the next time.
///
/// Of a person's issue with that label nothing is changed, and no second one is opened beside it. An
/// issue that somebody closed stays closed until what it asks for was over once.
package struct Issues {
    private let client: GitHubClient
    private let repository: GitHubRepository

    package init(_ client: GitHubClient, _ repository: GitHubRepository) {
        self.client = client
        self.repository = repository
    }

    package enum Outcome {
        case opened(Issue)
        case updated(Issue)
        case closed(Issue)
        case unchanged(Issue)
        /// Left alone, with the reason as a sentence.
        case kept(Issue, String)
        /// Not due, and there is none.
        case none
    }

    /// - Parameters:
    ///   - label: also finds the issue, so no comma may be in it.
    ///   - others: labels that it gets when it is opened.
    package func settle(
        _ label: String, isDue: Bool, _ text: WrittenText, others: [String]
    ) throws(GitHubError) -> Outcome {
        let all = try find(label)
        let open = all.filter(\.isOpen)
        for double in open.dropFirst() { try closeDouble(double, of: open[0]) }
        guard let one = open.first ?? all.first(where: { $0.mark != nil }) else {
            return isDue ? try create(label, text, others) : .none
        }
        return isDue ? try raise(one, text) : try lower(one, text)
    }

    private var path: String { "/repos/\(repository.slug)/issues" }

    /// All with the label, the oldest first.
    private func find(_ label: String) throws(GitHubError) -> [Issue] {
        let doing = "look for issues with the label \(VisibleText.safe(label))"
        let query = "labels=\(QueryText.encoded(label))&state=all&per_page=100"
        var found: [Issue] = []
        for json in try client.list("\(path)?\(query)", doing: doing) {
            if let issue = try Issue(json, doing: doing) { found.append(issue) }
        }
        return found.sorted { $0.number < $1.number }
    }

    // MARK: Due

    private func create(
        _ label: String, _ text: WrittenText, _ others: [String]
    ) throws(GitHubError) -> Outcome {
        let doing = "open an issue with the label \(VisibleText.safe(label))"
        let call = GitHubClient.Call(
            method: "POST", path: path,
            body: [
                "title": .string(text.title), "body": .string(text.marked(.done)),
                "labels": .array(([label] + others).map(JSON.string)),
            ], doing: doing, isRepeatable: false)
        var created: Issue?
        do throws(GitHubError) {
            created = try Issue(try client.call(call), doing: doing)
        } catch {
            guard error.code == .uncertain else { throw error }
            guard let there = try find(label).first(where: \.isOpen) else { throw error }
            created = there
        }
        guard let created else {
            throw GitHubError(.answer, doing: doing, "the answer is a pull request")
        }
        // Without the right to label, GitHub leaves labels out in silence, and the next run would
        // not find this issue.
        if !created.labels.contains(where: { $0.lowercased() == label.lowercased() }) {
            _ = try client.call(
                .init(
                    method: "POST", path: "\(path)/\(created.number)/labels",
                    body: ["labels": [.string(label)]], doing: "label the issue #\(created.number)")
            )
        }
        // Another run may have done the same at the same moment: the older one stays.
        if let first = try find(label).first(where: \.isOpen), first.number < created.number {
            try closeDouble(created, of: first)
            return .unchanged(first)
        }
        return .opened(created)
    }

    private func raise(_ issue: Issue, _ text: WrittenText) throws(GitHubError) -> Outcome {
        if !issue.isOpen, issue.mark?.state != .over {
            return .kept(
                issue, "somebody closed it, so it is not opened again before it was over once")
        }
        var change: JSONObject = [:]
        if !issue.isOpen { change["state"] = "open" }
        let kept = edit(issue, text, .done, &change)
        if change.isEmpty { return kept.map { .kept(issue, $0) } ?? .unchanged(issue) }
        try write(change, to: issue)
        return issue.isOpen ? .updated(issue) : .opened(issue)
    }

    // MARK: Over

    private func lower(_ issue: Issue, _ text: WrittenText) throws(GitHubError) -> Outcome {
        guard let mark = issue.mark else {
            return .kept(issue, "it is not flow's, so it stays open")
        }
        if !issue.isOpen, mark.state == .over { return .unchanged(issue) }
        var change: JSONObject = [:]
        if issue.isOpen {
            change["state"] = "closed"
            change["state_reason"] = "completed"
        }
        _ = edit(issue, text, .over, &change)
        try write(change, to: issue)
        return issue.isOpen ? .closed(issue) : .unchanged(issue)
    }

    /// Only one that nobody has written in is closed.
    private func closeDouble(_ double: Issue, of first: Issue) throws(GitHubError) {
        guard let mark = double.mark,
            WrittenMark.hash(WrittenMark.split(double.body).body) == mark.body
        else { return }
        try write(
            [
                "state": "closed", "state_reason": "not_planned",
                "body": .string("#\(first.number) is older and asks for the same."),
            ], to: double)
    }

    // MARK: Writing

    /// Adds to a change what the text needs; gives the reason where the text is somebody else's. The
    /// mark's state follows in any case.
    private func edit(
        _ issue: Issue, _ text: WrittenText, _ state: WrittenMark.State, _ change: inout JSONObject
    ) -> String? {
        switch text.edit(over: issue.title, issue.body, state) {
        case .nothing: return nil
        case .write(let title, let body):
            change["body"] = .string(body)
            if let title { change["title"] = .string(title) }
            return nil
        case .keep(let reason):
            let parts = WrittenMark.split(issue.body)
            if var mark = parts.mark, mark.state != state {
                mark.state = state
                change["body"] = .string(mark.appended(to: parts.body))
            }
            return reason
        }
    }

    private func write(_ change: JSONObject, to issue: Issue) throws(GitHubError) {
        _ = try client.call(
            .init(
                method: "PATCH", path: "\(path)/\(issue.number)", body: .object(change),
                doing: "update the issue #\(issue.number)"))
    }
}
