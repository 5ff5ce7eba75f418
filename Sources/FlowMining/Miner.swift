package import FlowSystem

/// Counts errors and groups them into signatures.
///
/// What it gives depends on the records alone, not on their order nor on how they were dealt out to
/// several miners that were then merged. It keeps one entry for each different masked message, with
/// counts by day and release and five examples.
package struct Miner: Sendable {
    /// Errors of one masked message.
    struct Entry: Sendable {
        var days = DayTotals()
        var undated = 0
        var traits: [UInt8] = []
        var examples = Examples()

        mutating func add(traits new: [UInt8]) {
            // equal keys have equally many tokens
            if traits.isEmpty {
                traits = new
            } else {
                for (place, trait) in new.enumerated() { traits[place] |= trait }
            }
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
    /// What people have taken out of groups; not part of what is counted, but that it stays apart.
    package var splits: GroupSplits
    var parts: [Part: [MessageKey: Entry]] = [:]
    /// All records by component, whatever their level.
    var exposure: [String: DayTotals] = [:]
    /// The UTC day of the source's first reading; nil where the records are all that is known of it.
    var since: Int?
    /// The day of the reading, near which days are kept apart; by itself the newest are.
    var center = DayTotals.after
    /// How much may be kept, and how coarsely what is kept is told apart because of it.
    var limits = MinerLimits()
    var coarseness = Coarseness()
    /// Different masked messages.
    var keys = 0
    private var lexer = MessageLexer(quotes: .masked)
    private var releases = ReleaseNames()
    /// Records that are errors, with their counts.
    package internal(set) var errors = 0
    /// Records below that level, by level.
    package internal(set) var quiet: [Level: Int] = [:]

    package init(
        from least: Level = .error, masks: MessageMasks = MessageMasks(),
        splits: GroupSplits = .none
    ) {
        self.least = least
        self.masks = masks
        self.splits = splits
    }

    /// Counts some records.
    package init(
        _ records: [ErrorRecord], masks: MessageMasks = MessageMasks(), splits: GroupSplits = .none
    ) {
        self.init(masks: masks, splits: splits)
        for record in records { add(record) }
    }

    /// Counts a record: as an error, or where its level is lower, as exposure of its component only.
    package mutating func add(_ record: ErrorRecord) {
        defer { keepWithin() }
        let release = record.release.map { releases.name(of: $0) }
        let component = coarseness.component(of: record)
        if let time = record.time {
            exposure[component, default: DayTotals()].add(
                record.count, at: time, release: release, center: center)
        }
        guard record.isError(from: least) else {
            quiet[record.level ?? .info, default: 0] += record.count
            return
        }
        errors += record.count
        let (part, message) = Self.masked(record, component, masks)
        let lexed = lexer.lex(message.text, isCut: message.isCut)
        let headline = Self.headline(part.type, message.text)
        let example =
            Self.example(of: record, headline, isCut: message.isCut, masks) ?? headline
        let isNew = Self.change(&parts[part, default: [:]][lexed.key, default: Entry()]) { entry in
            if let time = record.time {
                entry.days.add(record.count, at: time, release: release, center: center)
            } else {
                entry.undated += record.count
            }
            entry.add(traits: lexed.traits)
            entry.examples.add(example)
        }
        if isNew { keys += 1 }
    }

    /// - Returns: whether the entry was empty before.
    private static func change(_ entry: inout Entry, _ change: (inout Entry) -> Void) -> Bool {
        let isNew = entry.examples.isEmpty
        change(&entry)
        return isNew
    }

    /// Adds all that another miner has counted.
    package mutating func merge(_ other: Miner) {
        for (part, entries) in other.parts {
            for (key, entry) in entries {
                add(entry, part, key)
            }
        }
        for (component, days) in other.exposure {
            exposure[component, default: DayTotals()].merge(days, center: center)
        }
        since = [since, other.since].compactMap { $0 }.min()
        errors += other.errors
        quiet.merge(other.quiet, uniquingKeysWith: +)
        coarseness.merge(other.coarseness)
        keepWithin()
    }

    mutating func add(_ entry: Entry, _ part: Part, _ key: MessageKey) {
        if Self.add(entry, to: &parts[part, default: [:]][key, default: Entry()], center) {
            keys += 1
        }
    }

    /// - Returns: whether nothing was in the total before.
    @discardableResult
    private static func add(_ entry: Entry, to total: inout Entry, _ center: Int) -> Bool {
        let isNew = total.examples.isEmpty
        total.days.merge(entry.days, center: center)
        total.undated += entry.undated
        total.add(traits: entry.traits)
        total.examples.merge(entry.examples)
        return isNew
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

    /// What a record is grouped by.
    static func masked(
        _ record: ErrorRecord, _ component: String, _ masks: MessageMasks
    ) -> (part: Part, message: Kept) {
        (
            Part(component: component, type: Kept(record.type).text, frame: frame(of: record)),
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

    private static func cut(_ text: String, at limit: Int) -> String {
        text.prefixOfBytes(limit)
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
    package func signatures(_ window: Window) -> [Signature] {
        MinedGroups(self, window).signatures
    }

    func signatures(of groups: [Group], _ window: Window) -> [Signature] {
        let read = daysRead(window)
        return groups.compactMap { signature($0, parts[$0.part] ?? [:], window, read) }.sorted {
            $0.impact == $1.impact ? $0.fingerprint < $1.fingerprint : $0.impact > $1.impact
        }
    }

    /// How many closed days before now the source was read on: all since its first record or its first
    /// reading, since a reading goes on where the one before has ended. A day without a record is quiet
    /// then; what was before is unknown.
    private func daysRead(_ window: Window) -> Int {
        let records = exposure.values.compactMap { $0.byDay.values.map(\.first.day).min() }.min()
        guard let first = [since, records].compactMap({ $0 }).min() else { return 0 }
        return max(0, window.now.day - first)
    }

    private func signature(
        _ group: Group, _ entries: [MessageKey: Entry], _ window: Window, _ read: Int
    ) -> Signature? {
        let (part, template) = (group.part, group.template)
        var total = Entry()
        var lengths: Set<Int> = []
        for key in group.keys {
            guard let entry = entries[key] else { continue }
            lengths.insert(entry.traits.count)
            if lengths.count > 1 { total.traits = [] }
            var same = entry
            if lengths.count > 1 { same.traits = [] }
            Self.add(same, to: &total, center)
        }
        let today = window.now.day
        let all = total.days.byDay
        let known = all.filter { $0.key > today - 1 - window.days && $0.key <= today }
        guard !known.isEmpty || total.undated > 0 else { return nil }
        func hits(_ days: Int) -> Int {
            all.reduce(0) {
                $1.key < today && $1.key >= today - days ? $0 + $1.value.count : $0
            }
        }
        let text = template.text
        let closed = all.filter { $0.key < today }
        let seen = closed.isEmpty ? all.filter { $0.key == today } : closed
        let pattern = TemplatePattern(
            type: part.type, template: template, traits: lengths.count > 1 ? [] : total.traits)
        return Signature(
            fingerprint: group.fingerprint,
            version: Fingerprint.version, type: part.type, component: part.component,
            kind: Signature.Kind(type: part.type, template: text),
            template: Self.headline(part.type, group.name),
            messageRegex: pattern.narrowest(matching: total.examples.texts),
            hits7d: hits(7), hits30d: hits(30), read7d: min(read, 7),
            read30d: min(read, 30),
            hitsToday: all[today]?.count ?? 0, undated: total.undated,
            daily: Self.list(known, before: today),
            firstSeen: seen.values.map(\.first).min(), lastSeen: seen.values.map(\.last).max(),
            releases: Signature.Release.list(seen.values.map(\.releases)),
            exposure: Self.list(
                exposure[part.component]?.byDay ?? [:], before: today, days: window.days),
            examples: total.examples.texts)
    }

    static func list(_ days: [Int: DayTotal], before today: Int, days window: Int = .max)
        -> [Signature.DayCount]
    {
        days.filter { $0.key < today && today - $0.key <= window }
            .map {
                Signature.DayCount(
                    day: $0.key, count: $0.value.count, releases: $0.value.releases.byName)
            }
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

    var isEmpty: Bool { kept.isEmpty }

    /// In the order of their bytes.
    var texts: [String] {
        kept.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    mutating func add(_ text: String) { add(Example(hash: FNV.hash(text), text: text)) }

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
}
