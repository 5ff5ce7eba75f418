internal import FlowJSON
internal import FlowText

/// What there is in a dataset, for reading.
struct DatasetSheet {
    /// As `flow dataset stats --json` prints it.
    let stats: JSON
    let name: String

    /// Characters of the longest bar.
    private static let bar = 30
    /// Weeks and labels that are shown; JSON has them all.
    private static let most = 12

    func print() {
        Print.line(
            "\(number("lines")) lines, \(number("texts")) texts, \(number("bytes")) bytes in "
                + VisibleText.safe(name))
        Print.line("states      " + joined(counts("states").filter { !$0.hasSuffix(" 0") }))
        Print.line("splits      " + joined(counts("splits")) + " texts")
        sources()
        weeks()
        labels()
        Print.line("")
        let duplicates = stats["duplicates"]
        Print.line(
            "duplicates  \(duplicates?["exact"]?.intValue ?? 0) texts letter for letter, "
                + "\(duplicates?["normalised"]?.intValue ?? 0) by their words")
        Print.line("conflicts   \(number("conflicts")) texts under more than one label")
    }

    private func number(_ key: String) -> Int { stats[key]?.intValue ?? 0 }

    private func list(_ key: String) -> [JSON] { stats[key]?.arrayValue ?? [] }

    private func counts(_ key: String) -> [String] {
        (stats[key]?.objectValue?.members).map { members in
            members.map { "\($0) \($1.intValue ?? 0)" }
        } ?? []
    }

    private func joined(_ list: [String]) -> String {
        list.isEmpty ? "none" : list.joined(separator: ", ")
    }

    private func sources() {
        let names = list("sources").map { VisibleText.safe($0["source"]?.stringValue ?? "") }
        let width = names.map(\.count).max() ?? 0
        Print.line("")
        Print.line("source".padded(width) + "   lines    share  should be")
        for (name, source) in zip(names, list("sources")) {
            let share = source["share"]?.doubleValue ?? 0
            let band = source["band"]?.arrayValue?.compactMap(\.doubleValue) ?? []
            let should =
                band.count == 2
                ? "\(Int((band[0] * 100).rounded()))-\(Bar.percent(band[1]))" : "any"
            let word = source["within"] == true ? "" : share < (band.first ?? 0) ? "low" : "high"
            row(
                "\(name.padded(width))  \((source["lines"]?.intValue ?? 0).padded(6))  "
                    + "\(Bar.percent(share).leftPadded(7))  \(should.padded(9)) \(word.padded(4)) ",
                share)
        }
    }

    private func weeks() {
        let weeks = list("weeks")
        guard let last = weeks.last?["total"]?.intValue else { return }
        Print.line("")
        Print.line("week from    added   total")
        for week in weeks.suffix(Self.most) {
            let total = week["total"]?.intValue ?? 0
            row(
                "\(week["week"]?.stringValue ?? "")  "
                    + "\((week["added"]?.intValue ?? 0).padded(6))  \(total.padded(6))  ",
                last > 0 ? Double(total) / Double(last) : 0)
        }
        if number("undated") > 0 { Print.line("without a time  \(number("undated"))") }
    }

    private func labels() {
        let labels = list("labels")
        let most = max(1, labels.first?["texts"]?.intValue ?? 0)
        let shown = labels.prefix(Self.most)
        let names = shown.map { VisibleText.safe($0["label"]?.stringValue ?? "") }
        let width = names.map(\.count).max() ?? 0
        guard !labels.isEmpty else { return }
        Print.line("")
        let balance = stats["imbalance"]?.doubleValue.map { value in
            ", the largest \((value * 10).rounded() / 10) times the smallest"
        }
        Print.line("\(labels.count) labels\(balance ?? "")")
        for (name, label) in zip(names, shown) {
            let texts = label["texts"]?.intValue ?? 0
            row(
                "\(name.padded(width))  \(texts.padded(6)) texts  ", Double(texts) / Double(most))
        }
        if labels.count > Self.most { Print.line("and \(labels.count - Self.most) more") }
    }

    /// A line that ends with a bar, and with no blank.
    private func row(_ text: String, _ share: Double) {
        let line = text + Bar.text(share, width: Self.bar)
        Print.line(String(line.reversed().drop { $0 == " " }.reversed()))
    }
}

extension String {
    func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
