internal import FlowGit

/// The message of the rolling commit, which is the text of its pull request.
enum SyncMessage {
    /// More of it nobody reads, and GitHub takes no text of 64 KiB.
    private static let most = 20_000
    private static let heading = "From earlier runs:\n\n"

    /// The message of a publication, with those of what waited below it.
    /// - Parameter message: nil where the publication adds nothing to what waits.
    static func joined(
        _ message: CommitMessage?, _ waiting: [Commit], _ trailers: [Trailer]
    ) -> CommitMessage {
        var earlier = waiting[...]
        var joined = message ?? CommitMessage("Sync", trailers: trailers)
        if message == nil, let newest = earlier.popFirst() {
            joined.subject = newest.subject
            joined.body = [.own(newest.body)]
        }
        if !earlier.isEmpty {
            let texts = earlier.map { "\($0.subject)\n\n\($0.body)" }.joined(separator: "\n\n")
            joined.body.append(.own(heading + cut(texts.replacing(heading, with: ""))))
        }
        return joined
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
