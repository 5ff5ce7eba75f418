/// Stage 3: templates that differ in one place only become one where that place takes enough
/// values. Each round takes every decision on the whole set before it carries out any.
struct GroupingPlaces {
    let words: WordTable
    let rules: GroupingRules

    /// The templates after all rounds, in the order of `templates`.
    func merge(_ templates: [[Word]]) -> [[Word]] {
        var now: [[Word]: [Word]] = [:]
        for template in templates { now[template] = template }
        for _ in 0..<rules.rounds {
            let current = Set(now.values).sorted { $0.lexicographicallyPrecedes($1) }
            var opened = openPlaces(current)
            if opened.isEmpty { opened = openChunks(current) }
            let renamed = opened.isEmpty ? cutTails(current) : join(current, opened)
            if renamed.isEmpty { break }
            for (key, template) in now { if let new = renamed[template] { now[key] = new } }
        }
        return templates.map { now[$0] ?? $0 }
    }

    // MARK: one token

    /// What stands around one place of a template.
    private struct Place: Hashable {
        let count: Int
        let at: Int
        let before: Int
        let blank: Bool
        let after: Int
    }

    private struct Pair: Hashable {
        let first: Word
        let second: Word
    }

    /// The sets of templates (by number) that differ in one token and are one.
    private func openPlaces(_ templates: [[Word]]) -> [[Int]] {
        var places: [Place: [Int]] = [:]
        for (number, template) in templates.enumerated() {
            let before = prefixHashes(template)
            let after = suffixHashes(template)
            for (at, word) in template.enumerated()
            where words.isMask(word) || words.isWordLike(word) {
                let place = Place(
                    count: template.count, at: at, before: before[at],
                    blank: words.hasBlank(word), after: after[at + 1])
                places[place, default: []].append(number)
            }
        }
        var opened: [[Int]] = []
        var contexts: Set<Pair> = []
        for (place, members) in places where members.count > 1 {
            guard opens(place, members, templates) else { continue }
            opened.append(members)
            if let pair = context(templates[members[0]], place.at) { contexts.insert(pair) }
        }
        // the same two words before a place that opened elsewhere
        for (place, members) in places where members.count > 1 {
            if let pair = context(templates[members[0]], place.at), contexts.contains(pair),
                nameCount(members, templates, place.at) > 1
            {
                opened.append(members)
            }
        }
        return opened
    }

    private func opens(_ place: Place, _ members: [Int], _ templates: [[Word]]) -> Bool {
        let template = templates[members[0]]
        var least = place.at > 0 ? rules.values : rules.firstValues
        if place.at > 0, words.isName(template[place.at - 1]) {
            least = rules.namedValues
        } else if constants(template, except: place.at) < rules.fewConstants {
            least *= rules.fewFactor
        }
        let masked = members.contains { words.isMask(templates[$0][place.at]) }
        return place.at > 0 && masked || nameCount(members, templates, place.at) >= least
    }

    /// Values that are no state words; the mask counts as one.
    private func nameCount(_ members: [Int], _ templates: [[Word]], _ at: Int) -> Int {
        members.count { !words.isState(templates[$0][at]) }
    }

    private func constants(_ template: [Word], except place: Int) -> Int {
        template.indices.count { $0 != place && words.isWordLike(template[$0]) }
    }

    private func context(_ template: [Word], _ at: Int) -> Pair? {
        guard at > 1, words.isWordLike(template[at - 1]), words.isWordLike(template[at - 2])
        else { return nil }
        return Pair(first: template[at - 2], second: template[at - 1])
    }

    /// `result[i]`: of the elements before `i`.
    private func prefixHashes(_ elements: some Collection<some Hashable>) -> [Int] {
        var hasher = Hasher()
        var result = [0]
        for element in elements {
            hasher.combine(element)
            let copy = hasher
            result.append(copy.finalize())
        }
        return result
    }

    /// `result[i]`: of the elements from `i` on.
    private func suffixHashes(_ elements: some BidirectionalCollection<some Hashable>) -> [Int] {
        prefixHashes(elements.reversed()).reversed()
    }

    // MARK: what stands between two blanks

    private func chunks(_ template: [Word]) -> [ArraySlice<Word>] {
        var result: [ArraySlice<Word>] = []
        var start = 0
        for at in template.indices.dropFirst() where words.hasBlank(template[at]) {
            result.append(template[start..<at])
            start = at
        }
        result.append(template[start...])
        return result
    }

    /// The sets of templates that differ between two blanks only.
    private func openChunks(_ templates: [[Word]]) -> [[Int]] {
        var places: [Place: [(number: Int, chunk: ArraySlice<Word>)]] = [:]
        for (number, template) in templates.enumerated() {
            let chunks = chunks(template)
            let before = prefixHashes(chunks)
            let after = suffixHashes(chunks)
            for at in chunks.indices.dropFirst() {
                let place = Place(
                    count: chunks.count, at: at, before: before[at], blank: true,
                    after: after[at + 1])
                places[place, default: []].append((number, chunks[at]))
            }
        }
        var opened: [[Int]] = []
        for (_, members) in places where members.count > 1 {
            guard members.contains(where: { $0.chunk.count > 1 }) else { continue }
            let first = members[0]
            let around = templates[first.number].count { words.isWordLike($0) }
            let inside = first.chunk.count { words.isWordLike($0) }
            let factor = around - inside < rules.fewConstants ? rules.fewFactor : 1
            let masked = members.contains {
                $0.chunk.count == 1 && words.isMask($0.chunk[$0.chunk.startIndex])
            }
            if masked || members.count >= rules.values * factor {
                opened.append(members.map(\.number))
            }
        }
        return opened
    }

    // MARK: what stands after a colon

    /// The templates that are equal up to a colon and a blank, with one variable for what follows:
    /// the text of another error, which has any length. The longest beginnings come first; shorter
    /// ones have their turn in the next round.
    private func cutTails(_ templates: [[Word]]) -> [[Word]: [Word]] {
        var beginnings: [ArraySlice<Word>: [Int]] = [:]
        for (number, template) in templates.enumerated() {
            for at in template.indices.dropLast().dropFirst()
            where words.isColon(template[at]) && words.hasBlank(template[at + 1]) {
                beginnings[template[...at], default: []].append(number)
            }
        }
        let opened = beginnings.filter { beginning, members in
            members.count >= rules.tails
                && beginning.count(where: words.isWordLike) >= rules.tailConstants
        }.sorted {
            $0.key.count == $1.key.count
                ? $0.key.lexicographicallyPrecedes($1.key) : $0.key.count > $1.key.count
        }
        var renamed: [[Word]: [Word]] = [:]
        for (beginning, members) in opened {
            let free = members.filter { renamed[templates[$0]] == nil }
            guard free.count >= rules.tails else { continue }
            for member in free {
                renamed[templates[member]] =
                    beginning + [words.mask(templates[member][beginning.count])]
            }
        }
        return renamed
    }

    // MARK: joining

    private func join(_ templates: [[Word]], _ opened: [[Int]]) -> [[Word]: [Word]] {
        var root = Array(templates.indices)
        func find(_ number: Int) -> Int {
            var at = number
            while root[at] != at {
                root[at] = root[root[at]]
                at = root[at]
            }
            return at
        }
        for members in opened {
            let roots = members.map(find)
            guard let least = roots.min() else { continue }
            for member in roots { root[member] = least }
        }
        var sets: [Int: [Int]] = [:]
        for number in templates.indices { sets[find(number), default: []].append(number) }
        var renamed: [[Word]: [Word]] = [:]
        for members in sets.values where members.count > 1 {
            let one = joined(members.map { templates[$0][...] })
            for member in members { renamed[templates[member]] = one }
        }
        return renamed
    }

    /// The template of several: tokens that all have stay, the rest become variables; a chunk of
    /// another length becomes one variable.
    private func joined(_ members: [ArraySlice<Word>]) -> [Word] {
        guard let first = members.first else { return [] }
        if members.allSatisfy({ $0.count == first.count }) {
            return first.indices.map { place in
                let at = place - first.startIndex
                let same = members.allSatisfy { $0[$0.startIndex + at] == first[place] }
                return same ? first[place] : words.mask(first[place])
            }
        }
        let lists = members.map { chunks(Array($0)) }
        let count = lists.map(\.count).min() ?? 0
        return (0..<count).flatMap { at -> [Word] in
            let column = lists.map { $0[at] }
            let length = column[0].count
            if column.allSatisfy({ $0.count == length }) { return joined(column) }
            return [words.mask(column[0][column[0].startIndex])]
        }
    }
}
