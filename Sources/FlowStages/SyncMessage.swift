internal import FlowGit

/// The message of the rolling commit, which is the text of its pull request.
enum SyncMessage {
    /// More of it nobody reads, and GitHub takes no text of 64 KiB.
    private static let most = 20_000
    private static let heading = "From earlier runs:\n\n"

    /// The message of a publication, with those of what waited below it, each once.
    /// - Parameter message: nil where the publication adds nothing to what waits.
    static func joined(
        _ message: CommitMessage?, _ waiting: [Commit], _ trailers: [Trailer]
    ) -> CommitMessage {
        var joined = message ?? CommitMessage("Sync", trailers: trailers)
        var texts: [String] = []
        for (place, commit) in waiting.enumerated() {
            let parts = commit.body.split(
                separator: heading, maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            let own = withoutEnd(parts.first ?? "")
            if message == nil, place == 0 {
                joined.subject = commit.subject
                joined.body = [.own(cut(own))]
            } else {
                texts.append(withoutEnd("\(commit.subject)\n\n\(own)"))
            }
            // What was below it: texts of the same kind.
            texts += parts.dropFirst().map { withoutEnd($0.replacing(heading, with: "")) }
        }
        let earlier = texts.reduce(into: [String]()) { known, text in
            if !known.contains(where: { $0.contains(text) }) { known.append(text) }
        }
        if !earlier.isEmpty {
            joined.body.append(.own(heading + cut(earlier.joined(separator: "\n\n"))))
        }
        return joined
    }

    /// A text without blank lines at its end.
    private static func withoutEnd(_ text: String) -> String {
        var rest = text[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    /// The first lines of a text.
    private static func cut(_ text: String) -> String {
        var left = most
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { line in
            left -= line.utf8.count + 1
            return left >= 0
        }
        return lines.joined(separator: "\n")
    }
}
