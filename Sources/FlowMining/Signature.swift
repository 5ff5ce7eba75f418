package import FlowJSON
package import FlowSystem

/// A group of errors with one template: what skills, the catalog and feedback refer to.
package struct Signature: Sendable, Hashable {
    /// The kind of skill that fits it: prevent it, or patch it.
    package enum Kind: String, Sendable, Hashable {
        case guardrail, fixer
    }

    /// How many on one UTC day.
    package struct DayCount: Sendable, Hashable {
        /// Days since 1970-01-01.
        package let day: Int
        package let count: Int
        /// Those among them whose records name a release; of a day with more than sixteen releases
        /// only some.
        package let releases: [String: Int]

        package init(day: Int, count: Int, releases: [String: Int] = [:]) {
            self.day = day
            self.count = count
            self.releases = releases
        }

        package var date: String { Timestamp(day: day).date }
    }

    package var fingerprint: Fingerprint
    /// The version of the grouping that made the fingerprint.
    package var version: Int
    /// The exception's class; empty for errors without one.
    package var type: String
    package var component: String
    package var kind: Kind
    /// With the type before it: `KeyError: '<str>' in <*>`.
    package var template: String
    /// Matches every message of the group (`type: message`), raw and with private parts masked.
    package var messageRegex: String
    /// Errors in the 7 and 30 closed UTC days before now.
    package var hits7d: Int
    package var hits30d: Int
    /// How many of those days the source was read on: all since its first record or, where that was
    /// earlier, its first reading. The others are unknown, not zero.
    package var read7d: Int
    package var read30d: Int
    /// Errors on the day of now, which only the choice of candidates may look at.
    package var hitsToday: Int
    /// Errors that have no time, on no day.
    package var undated: Int
    /// The closed days that have any, oldest first.
    package var daily: [DayCount]
    /// By event time; of closed days, or of today where all are today's.
    package var firstSeen: Timestamp?
    package var lastSeen: Timestamp?
    /// The releases in which it was seen on the days that `firstSeen` is about, the newest first.
    package var releases: [Release]
    /// All records of the component on the closed days read, whatever their level; a day that is
    /// missing was not read, which is not zero.
    package var exposure: [DayCount]
    /// Up to five different messages with private parts masked.
    package var examples: [String]
    /// Other components whose errors are among these, since people have merged the groups; sorted.
    package var alsoIn: [String] = []

    /// The 7 closed days and today.
    package var hits7dWithToday: Int { hits7d + hitsToday }
    /// The 30 closed days and today.
    package var hits30dWithToday: Int { hits30d + hitsToday }
    /// 0.7 · hits_7d + 0.3 · hits_30d.
    package var impact: Double { Self.impact(hits7d, hits30d) }
    /// The same with today, for choosing candidates.
    package var impactWithToday: Double { Self.impact(hits7dWithToday, hits30dWithToday) }
    package var trend: Trend { Trend(counts) }
    /// What 7 days bring at the pace of the 30, of the days that were read.
    package var expected7d: Double { counts.expected }

    private var counts: Trend.Counts {
        Trend.Counts(last7: hits7d, last30: hits30d, read7: read7d, read30: read30d)
    }

    /// In tenths first, so that 10 and 25 give 14.5 and not 14.499….
    private static func impact(_ last7: Int, _ last30: Int) -> Double {
        Double(7 * last7 + 3 * last30) / 10
    }
}

extension Signature {
    /// As in `design/formats.md`, with `type`, `message_regex`, `read_7d`, `read_30d`, `hits_today` and
    /// `undated` besides.
    package var json: JSON {
        return [
            "fingerprint": .string(fingerprint.text),
            "version": .integer(version),
            "type": .string(type),
            "component": .string(component),
            "kind": .string(kind.rawValue),
            "template": .string(template),
            "message_regex": .string(messageRegex),
            "hits_7d": .integer(hits7d),
            "hits_30d": .integer(hits30d),
            "read_7d": .integer(read7d),
            "read_30d": .integer(read30d),
            "hits_today": .integer(hitsToday),
            "undated": .integer(undated),
            "impact_score": .number(impact),
            "trend": .string(trend.rawValue),
            "daily": DayCount.json(daily, "hits"),
            "first_seen": firstSeen.map { .string($0.description) } ?? .null,
            "last_seen": lastSeen.map { .string($0.description) } ?? .null,
            "releases": .array(releases.map(\.json)),
            "exposure": DayCount.json(exposure, "count"),
            "examples": .array(examples.map { .string($0) }),
            "also_in": .array(alsoIn.map { .string($0) }),
        ]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` naming the first member that is missing or of another type.
    package init(json: JSON) throws(MiningError) {
        func missing(_ name: String) -> MiningError {
            MiningError(
                .badDocument, doing: "read a signature",
                "'\(name)' is missing or of the wrong type; mine again")
        }
        func text(_ name: String) throws(MiningError) -> String {
            guard let value = json[name]?.stringValue else { throw missing(name) }
            return value
        }
        func number(_ name: String) throws(MiningError) -> Int {
            guard let value = json[name]?.intValue else { throw missing(name) }
            return value
        }
        func days(_ name: String, _ member: String) throws(MiningError) -> [DayCount] {
            guard let days = DayCount.list(json[name], member) else { throw missing(name) }
            return days
        }
        guard let kind = Kind(rawValue: try text("kind")) else { throw missing("kind") }
        self.kind = kind
        fingerprint = Fingerprint(text: try text("fingerprint"))
        version = try number("version")
        type = try text("type")
        component = try text("component")
        template = try text("template")
        messageRegex = try text("message_regex")
        hits7d = try number("hits_7d")
        hits30d = try number("hits_30d")
        // an earlier flow took all days for read
        read7d = json["read_7d"]?.intValue ?? 7
        read30d = json["read_30d"]?.intValue ?? 30
        hitsToday = try number("hits_today")
        undated = try number("undated")
        daily = try days("daily", "hits")
        firstSeen = json["first_seen"]?.stringValue.flatMap { Timestamp($0) }
        lastSeen = json["last_seen"]?.stringValue.flatMap { Timestamp($0) }
        // not there in what an earlier flow has mined
        releases = (json["releases"]?.arrayValue ?? []).compactMap(Release.init)
        exposure = try days("exposure", "count")
        guard let examples = json["examples"]?.arrayValue else { throw missing("examples") }
        self.examples = examples.compactMap(\.stringValue)
        alsoIn = (json["also_in"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension Signature.DayCount {
    /// - Parameter name: of the member that has the count.
    static func json(_ days: [Self], _ name: String) -> JSON {
        .array(
            days.map { day in
                var row: JSONObject = ["date": .string(day.date), name: .integer(day.count)]
                if !day.releases.isEmpty {
                    var releases: JSONObject = [:]
                    for (name, hits) in day.releases.sorted(by: { $0.key < $1.key }) {
                        releases[name] = .integer(hits)
                    }
                    row["releases"] = .object(releases)
                }
                return .object(row)
            })
    }

    /// Reads what `json` wrote; nil for anything else.
    static func list(_ json: JSON?, _ member: String) -> [Self]? {
        guard let list = json?.arrayValue else { return nil }
        var result: [Self] = []
        for element in list {
            guard let date = element["date"]?.stringValue, let time = Timestamp(date),
                let count = element[member]?.intValue
            else { return nil }
            var releases: [String: Int] = [:]
            for (name, hits) in (element["releases"]?.objectValue ?? [:]).members {
                releases[name] = hits.intValue
            }
            result.append(Self(day: time.day, count: count, releases: releases))
        }
        return result
    }

    /// How many of each release, and under nil how many that name none.
    package var shares: [String?: Int] {
        var shares: [String?: Int] = [:]
        for (name, count) in releases { shares[name] = count }
        let rest = count - releases.values.reduce(0, +)
        if rest > 0 || shares.isEmpty { shares[nil] = rest }
        return shares
    }
}

extension Signature.Kind {
    /// The seed's first choice: guardrail where type or message speaks of a key, a value,
    /// validation, something missing, invalid or forbidden, or a permission; fixer otherwise.
    package init(type: String, template: String) {
        self =
            Self.words(of: type + " " + template).isDisjoint(with: Self.guarded)
            ? .fixer : .guardrail
    }

    private static let guarded: Set<String> = [
        "key", "keys", "value", "values", "validation", "validate", "missing", "invalid",
        "forbidden", "permission", "permissions",
    ]

    /// Words and parts of identifiers, in lower case: `KeyError` is `key` and `error`.
    private static func words(of text: String) -> Set<String> {
        var result: Set<String> = []
        var word: [UInt8] = []
        var wasUpper = false
        func close() {
            if !word.isEmpty { result.insert(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        for byte in text.utf8 {
            if !MessagePieces.isLetter(byte) {
                close()
                continue
            }
            let isUpper = byte &- 0x41 < 26
            if isUpper, !wasUpper { close() }
            wasUpper = isUpper
            word.append(ASCII.lower(byte))
        }
        close()
        return result
    }
}
