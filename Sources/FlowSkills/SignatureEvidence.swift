package import FlowSystem

/// What is known of one group of errors when a skill is drafted for it.
package struct SignatureEvidence: Sendable, Hashable {
    /// A UUID of version 8 in lower case.
    package var fingerprint: String
    package var component: String
    /// The exception's type; empty where the log names none.
    package var type: String
    /// The message with its variable parts as `<…>`.
    package var template: String
    /// Matches every message of the group, masked and raw.
    package var messageRegex: String
    /// Errors in the 7 and 30 closed UTC days before the run's `now`.
    package var hits7d: Int
    package var hits30d: Int
    package var firstSeen: Timestamp?
    package var lastSeen: Timestamp?
    /// Raw messages with their secrets masked; the first 5 are used.
    package var examples: [String]
    package var trend: Trend
    /// Whether its component was read for so many days after the last error that it has stopped.
    package var isSilent: Bool

    package init(
        fingerprint: String, component: String, type: String, template: String,
        messageRegex: String, hits7d: Int, hits30d: Int, firstSeen: Timestamp?,
        lastSeen: Timestamp?, examples: [String], trend: Trend, isSilent: Bool = false
    ) {
        self.fingerprint = fingerprint
        self.component = component
        self.type = type
        self.template = template
        self.messageRegex = messageRegex
        self.hits7d = hits7d
        self.hits30d = hits30d
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.examples = examples
        self.trend = trend
        self.isSilent = isSilent
    }

    /// The evidence with another group's errors counted too. Type, component and template stay.
    func counting(_ other: SignatureEvidence) -> SignatureEvidence {
        var result = self
        result.hits7d += other.hits7d
        result.hits30d += other.hits30d
        result.firstSeen = [firstSeen, other.firstSeen].compactMap { $0 }.min()
        result.lastSeen = [lastSeen, other.lastSeen].compactMap { $0 }.max()
        result.trend = Trend(
            trend.way == other.trend.way ? trend.way : .stable,
            expected7d: trend.expected7d + other.trend.expected7d)
        result.isSilent = isSilent && other.isSilent
        return result
    }

    /// Guardrail where type or message speaks of a key, value, validation, missing, invalid,
    /// forbidden or permission, fixer otherwise (the seed's first choice), and the word that said
    /// so.
    ///
    /// Only the template counts, not the examples, so that the kind depends on nothing but the
    /// group itself.
    package var kindChoice: (kind: Skill.Kind, because: String?) {
        let spoken = Self.words(type + " " + Self.withoutMasks(template))
        for keyword in Self.guardrailWords
        where spoken.contains(where: { $0 == keyword || $0 == keyword + "s" }) {
            return (.guardrail, keyword)
        }
        return (.fixer, nil)
    }

    /// A title like `KeyError in sale.order`, of letters, digits and blanks.
    ///
    /// Where the type says nothing (`ERROR`, `fatal`), the message's first words stand for it.
    package var name: String {
        let says = !type.isEmpty && !Self.emptyTypes.contains(type.lowercased())
        let what = SkillName.title(says ? type : Self.withoutMasks(template), limit: 48)
        let place = SkillName.title(shortComponent, limit: 30)
        switch (what.isEmpty, place.isEmpty) {
        case (true, true): return "unnamed error"
        case (true, false): return "error in \(place)"
        case (false, true): return what
        case (false, false): return "\(what) in \(place)"
        }
    }

    /// Every word of component, type and template, in lower case.
    var words: Set<String> {
        Self.words(component + " " + type + " " + Self.withoutMasks(template))
    }

    private var shortComponent: String {
        let file = Path.name(component)
        let prefix = "odoo.addons."
        return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : file
    }

    private static let guardrailWords = [
        "key", "value", "validation", "missing", "invalid", "forbidden", "permission",
    ]

    private static let emptyTypes: Set<String> = [
        "error", "fatal", "warning", "critical", "exception", "panic", "err", "crit", "alert",
        "emerg", "failure", "unknown",
    ]

    /// The template without `<…>` masks, which are the miner's words and not the message's.
    static func withoutMasks(_ template: String) -> String {
        let bytes = Array(template.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "<"), let end = maskEnd(bytes, from: at) {
                result.append(UInt8(ascii: " "))
                at = end
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Just after the `>` of a mask of small letters, `_` and `*` that begins at `start`; nil where none
    /// does.
    private static func maskEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        let name = bytes[(start + 1)...].prefix {
            (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "*")
        }
        guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: ">") else {
            return nil
        }
        return name.endIndex + 1
    }

    /// Words in lower case; `KeyError` is two of them.
    private static func words(_ text: String) -> Set<String> {
        var words: Set<String> = []
        var word: [UInt8] = []
        var afterSmall = false
        func end() {
            if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            let isSmall = (0x61...0x7A).contains(byte)
            let isCapital = (0x41...0x5A).contains(byte)
            if !(isSmall || isCapital) || isCapital && afterSmall { end() }
            if isSmall || isCapital { word.append(byte | 0x20) }
            afterSmall = isSmall
        }
        end()
        return words
    }
}
