internal import FlowStages
internal import FlowSystem
internal import FlowText

/// All that is known of one skill, for reading within 80 columns.
struct SkillSheet {
    let sheet: SkillDesk.Sheet
    private var row: SkillDesk.Row { sheet.row }

    /// Columns of the names at the left.
    private static let names = 13
    private static let cells = 4

    func print() {
        for line in "\(row.id)  \(row.name)".safe.wrapped(SkillLines.width) { Print.line(line) }
        say("status", status)
        say("kind", row.kind)
        if sheet.steps == nil {
            say("component", sheet.component)
            say("template", sheet.template)
        }
        say("file", row.path)
        procedure()
        uses()
        confidence()
        fix()
        score()
        flag()
        if let steps = sheet.steps {
            Print.line("")
            for line in steps.lines { Print.line(line) }
            return
        }
        let chart = EffectText(sheet.chart).lines
        if !chart.isEmpty { Print.line("") }
        for line in chart { Print.line(line) }
    }

    private func procedure() {
        guard let facts = sheet.procedure else { return }
        say("version", facts.version)
        if !facts.description.isEmpty { say("about", facts.description) }
        if !facts.tags.isEmpty { say("tags", facts.tags) }
        for (place, sentence) in facts.evidence.enumerated() {
            say(place == 0 ? "seen" : "", sentence)
        }
        for (place, parameter) in facts.parameters.enumerated() {
            say(place == 0 ? "asks for" : "", parameter)
        }
    }

    private var status: String {
        guard let time = sheet.deployed, row.finding != nil else { return row.status }
        let release = sheet.release.map { ", in release \($0)" } ?? ""
        return "\(row.status), acts since \(time.rfc3339)\(release)"
    }

    private func confidence() {
        let bar = Bar.text(row.confidence, width: 20)
        say("confidence", "\(SkillLines.confidence(row.confidence)) \(bar)")
        if SkillLines.confidence(sheet.documented) != SkillLines.confidence(row.confidence) {
            say("", "its document says \(SkillLines.confidence(sheet.documented))")
        }
        if let ratio = row.ratio {
            let value = ratio.value.map(Self.number) ?? "?"
            let words = "\(value) (\(Self.number(ratio.low))–\(Self.number(ratio.high)))"
            let room = RatioStrip.width(cells: Self.cells)
            say("rate ratio", "\(RatioStrip.text(ratio, cells: Self.cells).padded(room))  \(words)")
            say("", RatioStrip.scale(cells: Self.cells))
        }
        if let days = row.days { say("evidence", days == 1 ? "1 day" : "\(days) days") }
        if let finding = row.finding {
            say("finding", row.reason.hasPrefix(finding) ? row.reason : "\(finding): \(row.reason)")
        }
    }

    private func uses() {
        guard let last = row.lastUsed else { return }
        say("used", (row.uses == 1 ? "once, " : "\(row.uses) times, last ") + last.rfc3339)
    }

    private func score() {
        guard let score = sheet.score else { return }
        if row.fix == nil { say("tries", "none: nothing is known of how often it works") }
        say("score", "\(Self.number(score.total)) \(Bar.text(score.total, width: 20))")
        for part in score.parts {
            let weight = EffectWords.number(part.weight)
            say("", "\(part.name.padded(12))  \(weight) × \(Self.number(part.value))")
        }
        say("", "explains what is known; what may be done is decided by its tries")
    }

    private func flag() {
        guard let flag = row.flag else { return }
        let areErrorsMore = row.finding == "reduced" && sheet.procedure == nil
        let reason = areErrorsMore ? "since its errors became more" : "since \(flag)"
        say("flagged", "for review, \(reason)")
        if row.isFlaggedAgain {
            say("", "a second look said the same: its deprecation is proposed")
        }
    }

    private func fix() {
        // The finding of a procedure says the same.
        guard let fix = row.fix, sheet.procedure == nil else { return }
        let use =
            switch fix.use {
            case "apply": "may be applied"
            case "apply-and-tell": "may be applied, and is to be told"
            case "suggest": "may be suggested"
            default: "is not suggested"
            }
        say(
            "tries",
            "\(fix.successes) of \(fix.tries) succeeded; works at least \(Self.number(fix.lowerBound)) "
                + "of the time with a probability of 0.8: \(use)")
    }

    /// A fact under its name; blanks within it stay in one that fits.
    private func say(_ name: String, _ text: String) {
        let room = SkillLines.width - Self.names
        let safe = text.safe
        let lines = safe.count <= room ? [safe] : safe.wrapped(room)
        for (number, line) in lines.enumerated() {
            Print.line(((number == 0 ? name : "").padded(Self.names) + line).withoutEnd)
        }
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "∞" }
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100)." + (rest < 10 ? "0" : "") + "\(rest)"
    }
}

extension String {
    fileprivate var safe: String { VisibleText.safe(self) }
}
