internal import FlowJSON
package import FlowSystem
internal import FlowText

/// A pull request, as far as flow looks at it.
package struct PullRequest: Sendable, Hashable {
    package let number: Int
    /// The page for people.
    package let url: String
    package let isOpen: Bool
    package let isMerged: Bool
    /// nil while it is open.
    package let closed: Timestamp?
    /// The branch that it offers, and the commit at which that is or was at the end.
    package let branch: String
    package let commit: String
    /// Whose branch it is, `owner/name`; nil where that repository is gone.
    let home: String?
    let title: String
    let body: String

    init(_ json: JSON, doing: String) throws(GitHubError) {
        let head = json["head"]
        guard let number = json["number"]?.intValue, let state = json["state"]?.stringValue,
            let branch = head?["ref"]?.stringValue, let commit = head?["sha"]?.stringValue
        else {
            throw GitHubError(
                .answer, doing: doing,
                "the answer is no pull request; is GITHUB_API_URL the address of GitHub?")
        }
        self.number = number
        self.branch = branch
        self.commit = commit
        url = VisibleText.safe(json["html_url"]?.stringValue ?? "")
        isOpen = state == "open"
        isMerged = json["merged_at"]?.stringValue != nil
        closed = json["closed_at"]?.stringValue.flatMap { Timestamp($0) }
        home = head?["repo"]?["full_name"]?.stringValue
        title = json["title"]?.stringValue ?? ""
        body = json["body"]?.stringValue ?? ""
    }
}

/// Who is asked to look at a pull request: people by name, teams as `owner/team`.
package struct Reviewers: Sendable, Hashable {
    let people: [String]
    let teams: [String]

    package init(_ names: [String]) {
        people = names.filter { !$0.contains("/") }
        teams = names.compactMap { name in
            name.firstIndex(of: "/").map { String(name[name.index(after: $0)...]) }
        }
    }

    var isEmpty: Bool { people.isEmpty && teams.isEmpty }

    var json: JSON {
        [
            "reviewers": .array(people.map(JSON.string)),
            "team_reviewers": .array(teams.map(JSON.string)),
        ]
    }
}
