internal import FlowSystem

/// What an answer says of GitHub's limits on requests (its "Best practices for using the REST API").
enum RateLimit {
    /// A limit that does not say when it ends: GitHub asks for a minute.
    private static let unnamed = 60

    /// When the next request may be made; nil for an answer that is not about limits. A request that
    /// was refused so was not carried out.
    static func opening(_ reply: HTTPReply, now: Timestamp) -> Timestamp? {
        guard reply.status == 403 || reply.status == 429 else { return nil }
        if let wait = reply.headers["retry-after"].flatMap({ Int($0) }) {
            return now.adding(seconds: Double(max(0, wait)))
        }
        if reply.headers["x-ratelimit-remaining"] == "0",
            let reset = reply.headers["x-ratelimit-reset"].flatMap({ Int($0) })
        {
            // One second for clocks that differ.
            return max(now, Timestamp(seconds: reset + 1))
        }
        let isNamed = String(decoding: reply.body.prefix(4096), as: UTF8.self).lowercased()
            .contains("rate limit")
        return reply.status == 429 || isNamed ? now.adding(seconds: Double(unnamed)) : nil
    }
}
