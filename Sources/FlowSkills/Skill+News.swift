extension Skill {
    /// What a newer draft tells a reviewer that this document does not, a sentence each; empty where
    /// that is nothing of weight.
    ///
    /// Counts move every day and a reviewer is not to be called each time: one weighs when it is half
    /// as large again, or that much smaller, and by three hits at least.
    package func news(in draft: Skill) -> [String] {
        if let procedure, let other = draft.procedure {
            return ProcedureChange(from: procedure, to: other).news
        }
        var news: [String] = []
        if match != draft.match { news.append("It matches other messages than before.") }
        if examples != draft.examples { news.append("Its examples changed.") }
        for (days, old, new) in [
            (7, metadata.hits7d, draft.metadata.hits7d),
            (30, metadata.hits30d, draft.metadata.hits30d),
        ] where Self.hasMoved(old, new) {
            news.append("Hits in \(days) days: \(new), where it said \(old).")
        }
        return news
    }

    private static func hasMoved(_ old: Int, _ new: Int) -> Bool {
        let (least, most) = (min(old, new), max(old, new))
        return most - least >= 3 && 2 * most >= 3 * least
    }
}
