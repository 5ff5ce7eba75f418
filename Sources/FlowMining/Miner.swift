package import FlowSystem

/// Counts errors and groups them into signatures.
///
/// What it gives depends on the records alone, not on their order nor on how they were dealt out to
/// several miners that were then merged. It keeps one entry for each different masked message and
/// day, and five examples of each.
package struct Miner: Sendable {
    /// Errors of one masked message.
    struct Entry: Sendable {
        var days: [Int: DayTotal] = [:]
        var undated = 0
        var traits: [UInt8] = []
        var examples = Examples()
    }

    struct DayTotal: Sendable {
        var count: Int
        var first: Timestamp
        var last: Timestamp

        mutating func add(_ other: DayTotal) {
            count += other.count
            first = min(first, other.first)
            last = max(last, other.last)
        }
    }

    /// Errors that may be one: only those are compared with each other.
    struct Part: Hashable, Sendable, Comparable {
        let component: String
        let type: String
        /// Where in the application's own code it happened (`shop/orders.py:load`); empty where no
        /// stack says.
        let frame: String

        /// Whether messages that begin alike are one: they come from one place in the program.
        var isPlaced: Bool { !frame.isEmpty }

        /// What the fingerprint is made of and people see: the template, and where.
        func named(_ template: Template) -> String {
            guard isPlaced else { return template.text }
            return template.text.isEmpty ? "in \(frame)" : "\(template.text) in \(frame)"
        }

        func grouping(_ keys: some Sequence<MessageKey>) -> Grouping {
            Grouping(keys, isPlaced: isPlaced)
        }

        func fingerprint(_ template: Template) -> Fingerprint {
            Fingerprint(type: type, component: component, template: named(template))
        }

        static func < (one: Part, other: Part) -> Bool {
            (one.component, one.type, one.frame) < (other.component, other.type, other.frame)
        }
    }

    /// The least level that is an error.
    let least: Level
    /// What the team masks; not part of what is counted.
    var masks: MessageMasks
    var parts: [Part: [MessageKey: Entry]] = [:]
    var exposure: [String: [Int: Int]] = [:]
    private var lexer = MessageLexer(quotes: .masked)
    /// Records that are errors, with their counts.
    package internal(set) var errors = 0
    /// Records below that level, by level.
    package internal(set) var quiet: [Level: Int] = [:]

    package init(from least: Level = .error, masks: MessageMasks = MessageMasks()) {
        self.least = least
        self.masks = masks
    }

    /// Counts some records.
    package init(_ records: [ErrorRecord], masks: MessageMasks = MessageMasks()) {
        self.init(masks: masks)
        for record in records { add(record) }
    }

    /// UTC days of which something was read, errors or not.
    package var days: Set<Int> { Set(exposure.values.flatMap(\.keys)) }

    /// Counts a record: as an error, or where its level is lower, as exposure of its component only.
    package mutating func add(_ record: ErrorRecord) {
        if let time = record.time {
            let component = Self.component(of: record)
            exposure[component, default: [:]][time.day, default: 0] += record.count
        }
        guard record.isError(from: least) else {
            quiet[record.level ?? .info, default: 0] += record.count
            return
        }
        errors += record.count
        let (part, message) = Self.masked(record, masks)
        let lexed = lexer.lex(message.text, isCut: message.isCut)
        var entry = Entry(traits: lexed.traits)
        if let time = record.time {
            entry.days[time.day] = DayTotal(count: record.count, first: time, last: time)
        } else {
            entry.undated = record.count
        }
        let headline = Self.headline(part.type, message.text)
        entry.examples.add(
            Self.example(of: record, headline, isCut: message.isCut, masks) ?? headline)
        Self.add(entry, to: &parts[part, default: [:]][lexed.key, default: Entry()])
    }

    /// Adds all that another miner has counted.
    package mutating func merge(_ other: Miner) {
        for (part, entries) in other.parts {
            for (key, entry) in entries {
                Self.add(entry, to: &parts[part, default: [:]][key, default: Entry()])
            }
        }
        for (component, days) in other.exposure {
            exposure[component, default: [:]].merge(days, uniquingKeysWith: +)
        }
        errors += other.errors
        quiet.merge(other.quiet, uniquingKeysWith: +)
    }

    private static func add(_ entry: Entry, to total: inout Entry) {
        total.days.merge(entry.days) { one, other in
            var sum = one
            sum.add(other)
            return sum
        }
        total.undated += entry.undated
        // equal keys have equally many tokens
        if total.traits.isEmpty {
            total.traits = entry.traits
        } else {
            for (place, trait) in entry.traits.enumerated() { total.traits[place] |= trait }
        }
        total.examples.merge(entry.examples)
    }

    /// A text without its private parts, and cut.
    struct Kept {
        let text: String
        let isCut: Bool

        /// - Parameter limit: bytes; private parts go before the text is cut there, or half of one
        ///   would stay.
        init(_ text: String, _ masks: MessageMasks = .init(), limit: Int = MessageLexer.longest) {
            let read = Miner.cut(text, at: 2 * limit)
            let masked = PrivacyMask.masked(read, masks)
            // at the end of what was read one may have been cut already
            let end = read.utf8.count < text.utf8.count ? masked.utf8.count - 64 : limit
            self.text = Miner.cut(masked, at: max(0, min(limit, end)))
            isCut = self.text.utf8.count < masked.utf8.count
        }
    }

    /// Bytes of a component's name that count.
    private static let longestComponent = 256

    private static func component(of record: ErrorRecord) -> String {
        Kept(record.component, limit: longestComponent).text
    }

    /// What a record is grouped by.
    private static func masked(_ record: ErrorRecord, _ masks: MessageMasks)
        -> (part: Part, message: Kept)
    {
        (
            Part(
                component: component(of: record), type: Kept(record.type).text,
                frame: frame(of: record)),
            Kept(record.message, masks)
        )
    }

    /// Bytes of a frame's name that count.
    private static let longestFrame = 200

    /// The innermost call of the application's own code.
    private static func frame(of record: ErrorRecord) -> String {
        record.ownFrames(1).first.map { Kept($0.place, limit: longestFrame).text } ?? ""
    }

    /// The whole text of a message of several lines around its headline, unless that must be cut.
    /// - Parameter headline: as it is kept.
    private static func example(
        of record: ErrorRecord, _ headline: String, isCut: Bool, _ masks: MessageMasks
    ) -> String? {
        guard let whole = record.whole,
            let line = whole.utf8.split(separator: UInt8(ascii: "\n")).first(where: {
                $0.elementsEqual(record.headline.utf8)
            })
        else { return nil }
        let before = Kept(String(whole[..<line.startIndex]), masks)
        let after = Kept(String(whole[line.endIndex...]), masks)
        let start = before.text + headline
        guard !before.isCut, start.utf8.count <= MessageLexer.longest else { return nil }
        return isCut ? start : cut(start + after.text, at: MessageLexer.longest)
    }

    static func headline(_ type: String, _ message: String) -> String {
        ErrorRecord(time: nil, component: "", type: type, message: message).headline
    }

    /// The first bytes of a text, cut between two scalars.
    private static func cut(_ text: String, at limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var bytes = Array(text.utf8.prefix(limit))
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Miner {
    /// Which time the signatures are about.
    package struct Window: Sendable {
        package var now: Timestamp
        /// Closed UTC days before now that `daily` and `exposure` cover, and in which (or today) a
        /// signature must have an error; errors without a time always count.
        package var days: Int

        package init(now: Timestamp, days: Int = 90) {
            self.now = now
            self.days = days
        }
    }

    /// The signatures, by impact and then fingerprint; costs one grouping of all different masked
    /// messages.
    package func signatures(_ window: Window, splits: GroupSplits = .none) -> [Signature] {
        signatures(of: groups(splits), window)
    }

    func signatures(of groups: [Group], _ window: Window) -> [Signature] {
        groups.compactMap { signature($0, parts[$0.part] ?? [:], window) }.sorted {
            $0.impact == $1.impact ? $0.fingerprint < $1.fingerprint : $0.impact > $1.impact
        }
    }

    /// The groups of all errors counted so far, for asking which one a record is in.
    package func groups() -> Groups {
        var groupings: [Part: Grouping] = [:]
        for (part, entries) in parts { groupings[part] = part.grouping(entries.keys) }
        return Groups(groupings, masks)
    }

    /// Groups of a moment; counting more errors does not change them.
    package struct Groups: Sendable {
        private let groupings: [Part: Grouping]
        private let masks: MessageMasks

        init(_ groupings: [Part: Grouping], _ masks: MessageMasks) {
            self.groupings = groupings
            self.masks = masks
        }

        /// The fingerprint of the record's group; nil where no error like it was counted.
        package func fingerprint(of record: ErrorRecord) -> Fingerprint? {
            let (part, message) = Miner.masked(record, masks)
            var lexer = MessageLexer(quotes: .masked)
            let key = lexer.lex(message.text, isCut: message.isCut).key
            guard let template = groupings[part]?[key] else { return nil }
            return part.fingerprint(template)
        }
    }

    private func signature(_ group: Group, _ entries: [MessageKey: Entry], _ window: Window)
        -> Signature?
    {
        let (part, template) = (group.part, group.template)
        var total = Entry()
        var lengths: Set<Int> = []
        for key in group.keys {
            guard let entry = entries[key] else { continue }
            lengths.insert(entry.traits.count)
            if lengths.count > 1 { total.traits = [] }
            var same = entry
            if lengths.count > 1 { same.traits = [] }
            Self.add(same, to: &total)
        }
        let today = window.now.day
        let known = total.days.filter { $0.key > today - 1 - window.days && $0.key <= today }
        guard !known.isEmpty || total.undated > 0 else { return nil }
        func hits(_ days: Int) -> Int {
            total.days.reduce(0) {
                $1.key < today && $1.key >= today - days ? $0 + $1.value.count : $0
            }
        }
        let text = template.text
        let closed = total.days.filter { $0.key < today }
        let seen = closed.isEmpty ? total.days.filter { $0.key == today } : closed
        let pattern = TemplatePattern(
            type: part.type, template: template, traits: lengths.count > 1 ? [] : total.traits)
        return Signature(
            fingerprint: group.fingerprint,
            version: Fingerprint.version, type: part.type, component: part.component,
            kind: Signature.Kind(type: part.type, template: text),
            template: Self.headline(part.type, group.name),
            messageRegex: pattern.narrowest(matching: total.examples.texts),
            hits7d: hits(7), hits30d: hits(30),
            hitsToday: total.days[today]?.count ?? 0, undated: total.undated,
            daily: Self.list(known.mapValues(\.count), before: today),
            firstSeen: seen.values.map(\.first).min(), lastSeen: seen.values.map(\.last).max(),
            exposure: Self.list(exposure[part.component] ?? [:], before: today, days: window.days),
            examples: total.examples.texts)
    }

    private static func list(_ days: [Int: Int], before today: Int, days window: Int = .max)
        -> [Signature.DayCount]
    {
        days.filter { $0.key < today && today - $0.key <= window }
            .map { Signature.DayCount(day: $0.key, count: $0.value) }
            .sorted { $0.day < $1.day }
    }
}

/// Up to five different texts of any number, the same five in whatever order they came: those with
/// the least hash.
struct Examples: Sendable {
    private struct Example: Sendable {
        let hash: UInt64
        let text: String
    }

    static let most = 5

    private var kept: [Example] = []

    /// In the order of their bytes.
    var texts: [String] {
        kept.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    mutating func add(_ text: String) { add(Example(hash: Self.hash(text), text: text)) }

    mutating func merge(_ other: Examples) {
        for example in other.kept { add(example) }
    }

    private mutating func add(_ new: Example) {
        if let last = kept.last, kept.count == Self.most, last.hash < new.hash { return }
        var place = 0
        while place < kept.count, Self.precedes(kept[place], new) { place += 1 }
        if place < kept.count, kept[place].hash == new.hash, kept[place].text == new.text { return }
        kept.insert(new, at: place)
        if kept.count > Self.most { kept.removeLast() }
    }

    private static func precedes(_ one: Example, _ other: Example) -> Bool {
        one.hash == other.hash
            ? one.text.utf8.lexicographicallyPrecedes(other.text.utf8) : one.hash < other.hash
    }

    /// FNV-1a, 64 bits: the same on every machine and in every process.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
