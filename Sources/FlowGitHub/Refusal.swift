internal import FlowJSON

/// What an answer that is no success says, and what to do about it.
struct Refusal {
    let code: GitHubError.Code
    /// Others' text: not safe yet to show.
    let words: String
    let advice: String

    init(_ reply: HTTPReply) {
        let json = try? JSON.read(reply.body, depth: 64)
        let message = json?["message"]?.stringValue ?? ""
        let details = (json?["errors"]?.arrayValue ?? []).prefix(5).map(Self.detail)
        words =
            ([message].filter { !$0.isEmpty } + details).joined(separator: "; ")
            + " (\(reply.status))"
        switch reply.status {
        case 401:
            code = .token
            advice = "; GITHUB_TOKEN is wrong or has expired: give a new one"
        case 403 where message.contains("not permitted to create or approve pull requests"):
            code = .access
            advice =
                "; allow it in the repository's Settings, Actions, General, Workflow permissions"
        case 403:
            code = .access
            advice = "; the token lacks a permission" + Self.permissions(reply)
        case 404, 410:
            code = .access
            advice =
                "; there is no such repository, or the token may not see it, or issues are switched "
                + "off: look at GITHUB_REPOSITORY and at what the token may do"
                + Self.permissions(reply)
        case 500...:
            code = .uncertain
            advice = "; whether it was done is not known: try again later"
        default:
            code = .refused
            advice = ""
        }
    }

    /// `PullRequest head: invalid`, or the text of an error that is one.
    private static func detail(_ error: JSON) -> String {
        if let text = error.stringValue ?? error["message"]?.stringValue { return text }
        let place = ["resource", "field"].compactMap { error[$0]?.stringValue }
        return place.joined(separator: " ") + ": " + (error["code"]?.stringValue ?? "refused")
    }

    /// GitHub names what would do (`x-accepted-github-permissions`), for tokens with scopes those.
    private static func permissions(_ reply: HTTPReply) -> String {
        let names = [
            ("x-accepted-github-permissions", "it takes "),
            ("x-accepted-oauth-scopes", "it takes the scope "),
        ]
        for (header, words) in names {
            let value = reply.headers[header] ?? ""
            let isPlain = value.wholeMatch(of: #/[a-z_:=;, -]{1,200}/#) != nil
            if isPlain { return ": \(words)\(value)" }
        }
        return ": flow needs contents, pull-requests and issues, each with write"
    }
}
