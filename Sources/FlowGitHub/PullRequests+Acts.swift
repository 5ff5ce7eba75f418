internal import FlowJSON
package import FlowSystem
internal import FlowText

extension PullRequests {
    /// What a person did to a pull request.
    package struct Act: Sendable, Hashable {
        /// The person's name at GitHub; `ghost` where that account is gone.
        package let by: String
        package let time: Timestamp
    }

    /// Who closed a pull request last; nil where no person did, and where it was closed by deleting
    /// its branch: GitHub closes it then by itself, in the name of who deleted.
    package func closing(of request: PullRequest) throws(GitHubError) -> Act? {
        let events = try list("events", of: request)
        guard let closing = act("closed", in: events) else { return nil }
        return act("head_ref_deleted", in: events) == closing ? nil : closing
    }

    /// Who opened a pull request again last; nil where no person did.
    package func reopening(of request: PullRequest) throws(GitHubError) -> Act? {
        act("reopened", in: try list("events", of: request))
    }

    /// The last event of a name; nil where there is none, or where a program acted.
    private func act(_ name: String, in events: [JSON]) -> Act? {
        guard let event = events.last(where: { $0["event"]?.stringValue == name }),
            event["actor"]?["type"]?.stringValue != "Bot",
            let time = event["created_at"]?.stringValue.flatMap({ Timestamp($0) })
        else { return nil }
        return Act(by: person(event["actor"]), time: time)
    }

    /// What somebody wrote last beneath a pull request, on one line of at most 200 characters; nil
    /// where the last word there is another's.
    package func lastWord(of name: String, on request: PullRequest) throws(GitHubError) -> String? {
        guard let last = try list("comments", of: request).last, person(last["user"]) == name else {
            return nil
        }
        let words = VisibleText.safe(last["body"]?.stringValue ?? "", lines: true)
            .split { $0.isWhitespace }.joined(separator: " ")
        guard !words.isEmpty else { return nil }
        return words.count > 200 ? words.prefix(200) + "…" : words
    }

    private func person(_ json: JSON?) -> String {
        VisibleText.safe(json?["login"]?.stringValue ?? "ghost")
    }

    private func list(_ what: String, of request: PullRequest) throws(GitHubError) -> [JSON] {
        try client.list(
            "\(path)/issues/\(request.number)/\(what)?per_page=100",
            doing: "read the \(what) of the pull request #\(request.number)")
    }
}
