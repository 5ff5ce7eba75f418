internal import FlowStages
internal import FlowText

/// All that is known of one signature, for reading.
struct SignatureSheet {
    let row: SignatureDesk.Row

    /// Releases that are shown; JSON has them all.
    private static let mostReleases = 10
    /// Characters of the longest bar.
    private static let bar = 30

    func print() {
        facts()
        timeline()
        releases()
        examples()
        next()
    }

    private func facts() {
        Print.line(VisibleText.safe(row.template))
        Print.line("fingerprint  \(row.fingerprint)")
        Print.line("component    \(VisibleText.safe(row.component))")
        let skill = row.skill.map { id in row.skillPath.map { "\(id), \($0)" } ?? id }
        Print.line("skill        \(skill.map { VisibleText.safe($0) } ?? "none covers it")")
        let today = row.hitsToday > 0 ? "; \(row.hitsToday) today" : ""
        let undated = row.undated > 0 ? "; \(row.undated) without a time" : ""
        Print.line(
            "hits         \(row.hits7d) in 7 days, \(row.hits30d) in 30, \(row.trend)" + today
                + undated)
        if let rate = row.rate {
            Print.line("rate         \(Self.text(rate)) in 1,000 records of its component")
        }
        Print.line("30 days      \(Sparkline.text(row.days))")
        Print.line("first seen   \(row.firstSeen ?? "unknown")")
        Print.line("last seen    \(row.lastSeen ?? "unknown")")
    }

    /// With one digit after the point, or as many as it takes to see any.
    private static func text(_ rate: Double) -> String {
        if rate > 0, rate < 0.1 { return "less than 0.1" }
        let tenths = Int((rate * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func timeline() {
        let bars = row.timeline.bars
        guard let most = bars.compactMap(\.hits).max() else { return }
        Print.line("")
        Print.line(row.timeline.isWeekly ? "weeks from" : "days")
        let width = String(most).count
        for bar in bars {
            guard let hits = bar.hits else {
                Print.line("  \(bar.date)  nothing was read")
                continue
            }
            let length = (hits * Self.bar + most - 1) / max(most, 1)
            Print.line(
                "  \(bar.date)  \(hits.padded(width))"
                    + (hits > 0 ? "  " + String(repeating: "█", count: length) : ""))
        }
    }

    private func releases() {
        if row.releases.isEmpty { return }
        let shown = row.releases.prefix(Self.mostReleases)
        let names = shown.map { VisibleText.safe($0.name) }
        let width = max(names.map(\.count).max() ?? 0, "release".count)
        let hits = max(shown.map { String($0.hits).count }.max() ?? 0, "hits".count)
        Print.line("")
        Print.line(
            "release".padded(width) + "  " + String(repeating: " ", count: hits - 4)
                + "hits  \("first seen".padded(20))  last seen")
        for (name, release) in zip(names, shown) {
            Print.line(
                name.padded(width) + "  \(release.hits.padded(hits))  "
                    + "\(release.firstSeen)  \(release.lastSeen)")
        }
        let more = row.releases.count - shown.count
        if more > 0 { Print.line("and \(more) older") }
    }

    private func examples() {
        for example in row.examples {
            Print.line("")
            Print.line("    " + VisibleText.safe(example, lines: true).replacingLines("    "))
        }
    }

    private func next() {
        Print.line("")
        Print.line("flow errors explain \(row.fingerprint.prefix(8))  says why these are one group")
        if row.skill == nil {
            Print.line("flow run integrate.yaml       proposes skills for groups that have none")
        }
    }
}

extension String {
    /// With so much before each line but the first.
    fileprivate func replacingLines(_ indent: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n" + indent)
    }
}
