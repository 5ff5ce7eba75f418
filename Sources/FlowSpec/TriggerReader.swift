internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// Checks the shape of `on:`, which is kept as JSON for whoever schedules.
struct TriggerReader {
    let findings: Findings

    enum CatchUp: String, CaseIterable { case latest, all, none }
    enum Status: String, CaseIterable { case success, failure, cancelled }

    func triggers(_ node: YAMLNode) -> JSON {
        guard let members = findings.mapping(node, "'on'") else { return .null }
        let foreign = [
            "workflow_run": "workflow", "workflow_call": "uses: ./FILE", "cron": "schedule",
        ]
        let fields = Fields(
            members, .init(known: ["schedule", "workflow"], foreign: foreign), findings)
        fields["schedule"].map(schedule)
        fields["workflow"].map(workflow)
        return findings.json(node) ?? .null
    }

    private func schedule(_ node: YAMLNode) {
        guard let elements = node.sequence else {
            findings.add(
                "'schedule' takes a list such as [{cron: \"0 2 * * *\"}], not \(node.described)",
                at: node)
            return
        }
        for element in elements {
            guard let members = findings.mapping(element, "an element of 'schedule'") else {
                continue
            }
            let fields = Fields(
                members, .init(known: ["cron", "timezone", "catch-up"]), findings)
            if let cron = fields["cron"] {
                if let text = findings.literalText(cron, "'cron'") { check(text, cron) }
            } else {
                findings.add("'cron' is missing", at: element)
            }
            if let zone = fields["timezone"], let text = findings.text(zone, "'timezone'") {
                timezone(text, zone)
            }
            fields["catch-up"].map { _ = findings.choice($0, "'catch-up'", CatchUp.self) }
        }
    }

    private func check(_ text: String, _ node: YAMLNode) {
        if let mistake = CronText.mistake(in: text) {
            findings.add(mistake.message, at: node, offset: mistake.offset, length: mistake.length)
        }
    }

    private func timezone(_ text: String, _ node: YAMLNode) {
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
                UInt8(ascii: "-"), UInt8(ascii: "/"):
                return true
            default: return false
            }
        }
        if text.isEmpty || !isName || text.hasPrefix("/") {
            findings.add(
                "'timezone' takes a name such as UTC or Europe/Brussels, not "
                    + VisibleText.quoted(text), at: node)
        }
    }

    private func workflow(_ node: YAMLNode) {
        for (key, value) in findings.mapping(node, "'workflow'") ?? [] {
            _ = findings.literalText(key, "a workflow's name")
            let names = Status.allCases.map(\.rawValue)
            for (text, element) in findings.texts(value, "a workflow's statuses")
            where !names.contains(text) {
                findings.add(
                    "a workflow ends with \(names.joined(separator: ", ")), not "
                        + VisibleText.quoted(text) + Nearest.hint(text, among: names), at: element)
            }
        }
    }
}

/// The five fields of cron (POSIX `crontab`, with names, ranges and steps).
enum CronText {
    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
        Field(name: "day of the month", range: 1...31),
        Field(
            name: "month", range: 1...12,
            names: "jan feb mar apr may jun jul aug sep oct nov dec".split(separator: " ").map(
                String.init)),
        Field(
            name: "day of the week", range: 0...7,
            names: "sun mon tue wed thu fri sat".split(separator: " ").map(String.init)),
    ]

    /// What is wrong with a cron line, and where, in characters of ASCII; nil for nothing.
    static func mistake(in text: String) -> (message: String, offset: Int, length: Int)? {
        let words = text.split { $0 == " " || $0 == "\t" }
        guard words.count == fields.count else {
            return (
                "cron takes five fields (minute hour day month weekday), not \(words.count)", 0,
                max(1, text.unicodeScalars.count)
            )
        }
        for (word, field) in zip(words, fields)
        where !word.split(separator: ",", omittingEmptySubsequences: false).allSatisfy({
            isPart($0, field)
        }) {
            let offset = text.unicodeScalars.distance(
                from: text.startIndex, to: word.startIndex)
            return (
                "\(VisibleText.quoted(String(word))) is no \(field.name) (\(field.range.lowerBound) to "
                    + "\(field.range.upperBound), *, lists, ranges, steps)", offset,
                word.unicodeScalars.count
            )
        }
        return nil
    }

    /// `*`, `5`, `1-5`, each with `/2`.
    private static func isPart(_ part: Substring, _ field: Field) -> Bool {
        let steps = part.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count <= 2, let range = steps.first else { return false }
        if steps.count == 2 {
            guard let step = number(steps[1]), step >= 1, step <= field.range.upperBound else {
                return false
            }
        }
        if range == "*" { return true }
        let ends = range.split(separator: "-", omittingEmptySubsequences: false).map {
            value($0, field)
        }
        switch ends.count {
        case 1: return ends[0] != nil
        case 2:
            guard let low = ends[0], let high = ends[1] else { return false }
            return low <= high
        default: return false
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? Int(text) : nil
    }

    private static func value(_ text: Substring, _ field: Field) -> Int? {
        if let place = field.names.firstIndex(of: text.lowercased()) {
            return place + field.range.lowerBound
        }
        guard let number = number(text), field.range.contains(number) else { return nil }
        return number
    }
}
