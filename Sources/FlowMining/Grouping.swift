/// When a place in a template takes several values and is a variable.
package struct GroupingRules: Sendable {
    /// Distinct values that make a place a variable.
    package var values = 4
    /// The same for a plain word right after `user`, `host` and their like.
    package var namedValues = 2
    /// The same for a word as first token.
    package var firstValues = 12
    /// A place with fewer constant words around it than this needs `fewFactor` times the values.
    package var fewConstants = 2
    package var fewFactor = 2
    /// Distinct texts after a colon that make them a variable, whatever their lengths.
    package var tails = 5
    /// Constant words that such a beginning has at least: `postgres: ` begins many messages.
    package var tailConstants = 3
    package var rounds = 20

    package static let standard = GroupingRules()

    package init() {}
}

/// The templates of a set of keys.
///
/// A function of the set alone: neither the order of the messages, nor their number, nor how they
/// were cut into shards changes it. First the columns of keys that are equal but for weak variables
/// (`open`), then rounds over templates that differ in one place (`GroupingPlaces`).
package struct Grouping: Sendable {
    private var templates: [MessageKey: Template]

    /// Groups the keys; costs about O(tokens · rounds) time.
    /// - Parameter isPlaced: whether all messages come from one place of one program: then those that
    ///   begin alike are one, since what is different is what went wrong there this time.
    package init(
        _ keys: some Sequence<MessageKey>, rules: GroupingRules = .standard, isPlaced: Bool = false
    ) {
        let sorted = Set(keys).sorted()
        let lists = sorted.map(\.tokens)
        let words = WordTable(lists)
        let coded = lists.map { list in list.map { CodedToken($0, words) } }
        let columns = Self.open(coded, words, rules)
        let merged = GroupingPlaces(words: words, rules: rules).merge(columns)
        let places = isPlaced ? Self.joinBeginnings(merged, words) : merged
        templates = [:]
        templates.reserveCapacity(sorted.count)
        for (key, template) in zip(sorted, places) { templates[key] = words.template(template) }
    }

    /// The template of a key that was among those grouped.
    package subscript(key: MessageKey) -> Template? { templates[key] }

    /// Tokens in which messages of one place begin alike.
    private static let beginning = 2

    /// Gives templates with the same beginning one: what they have in common, and a variable for the
    /// rest.
    private static func joinBeginnings(_ templates: [[Word]], _ words: WordTable) -> [[Word]] {
        let alike = Dictionary(grouping: Set(templates)) { $0.prefix(beginning) }
        var joined: [[Word]: [Word]] = [:]
        for (start, members) in alike where members.count > 1 && start.count == beginning {
            var common = members[0][...]
            for member in members {
                let same = zip(common, member).prefix { $0 == $1 }.count
                common = common.prefix(same)
            }
            // Of several ways in which the rest begins one is taken, whatever the order.
            let rest = members.compactMap { $0.dropFirst(common.count).first }.map(words.mask).min()
            for member in members { joined[member] = common + (rest.map { [$0] } ?? []) }
        }
        return templates.map { joined[$0] ?? $0 }
    }

    /// Stage 2: in the keys of one skeleton a column of names is a variable when it takes enough
    /// values or is one in some key, one of values always; else its texts make templates of their
    /// own.
    private static func open(
        _ keys: [[CodedToken]], _ words: WordTable, _ rules: GroupingRules
    ) -> [[Word]] {
        var skeletons: [[Word]: [Int]] = [:]
        for (place, key) in keys.enumerated() {
            skeletons[key.map { $0.isConstant ? $0.word : words.mask($0.word) }, default: []]
                .append(place)
        }
        var result = [[Word]](repeating: [], count: keys.count)
        for (skeleton, members) in skeletons {
            var template = skeleton
            for place in skeleton.indices where words.isMask(skeleton[place]) {
                let values = Set(members.map { keys[$0][place].word })
                let masked = values.contains(skeleton[place])
                let isValue = place > 0 && members.allSatisfy { keys[$0][place].isValue }
                let opens =
                    isValue || members.contains { keys[$0][place].isMany }
                    || masked && (place > 0 || values.count == 1)
                    || values.count >= rules.values
                // -1: this column stays as each key has it
                if !opens { template[place] = -1 }
            }
            for member in members {
                result[member] = template.indices.map {
                    template[$0] < 0 ? keys[member][$0].word : template[$0]
                }
            }
        }
        return result
    }
}

/// A token as a number: twice the place of its text among all texts, sorted, plus its blank.
typealias Word = Int32

private struct CodedToken {
    let word: Word
    /// A plain word or a mark.
    let isConstant: Bool
    /// Written where programs write values: variable however few there are.
    let isValue: Bool
    /// Stands for more than one text.
    let isMany: Bool

    init(_ token: MessageKey.Token, _ words: WordTable) {
        word = words.code(token.text, blank: token.blank)
        isConstant = token.kind == .word || token.kind == .mark
        isValue = token.kind == .sure || token.kind == .pair || token.kind == .quoted
        isMany = token.kind == .many || token.kind == .rest
    }
}

/// The texts of all tokens, numbered in the order of their bytes, so that comparing numbers is
/// comparing texts and no result depends on what was seen first.
struct WordTable {
    private let texts: [String]
    private let codes: [String: Word]
    private let isWordLike: [Bool]
    private let isState: [Bool]
    private let isName: [Bool]
    private let maskCode: Word

    init(_ lists: [[MessageKey.Token]]) {
        var seen: Set<String> = [MessageKey.mask]
        for list in lists { for token in list { seen.insert(token.text) } }
        texts = seen.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        codes = Dictionary(
            uniqueKeysWithValues: texts.enumerated().map { ($1, Word(2 * $0)) })
        maskCode = codes[MessageKey.mask] ?? 0
        isWordLike = texts.map { text in
            text != MessageKey.mask
                && text.utf8.contains { MessagePieces.isLetter($0) || $0 >= 0x80 }
        }
        isState = texts.map(StateWords.contains)
        isName = texts.map { Words.names.contains($0.lowercased()) }
    }

    func code(_ text: String, blank: Bool) -> Word { (codes[text] ?? maskCode) | (blank ? 1 : 0) }

    /// The mask with the blank of `word`.
    func mask(_ word: Word) -> Word { maskCode | (word & 1) }

    func isMask(_ word: Word) -> Bool { word & ~1 == maskCode }

    func hasBlank(_ word: Word) -> Bool { word & 1 == 1 }

    func isWordLike(_ word: Word) -> Bool { isWordLike[Int(word >> 1)] }

    func isColon(_ word: Word) -> Bool { texts[Int(word >> 1)] == ":" }

    func isState(_ word: Word) -> Bool { isState[Int(word >> 1)] }

    func isName(_ word: Word) -> Bool { isName[Int(word >> 1)] }

    func template(_ words: [Word]) -> Template {
        Template(
            tokens: words.map { Template.Token(text: texts[Int($0 >> 1)], blank: $0 & 1 == 1) })
    }
}
