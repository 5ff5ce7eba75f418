/// A question as a vector of terms that the index knows.
struct QuestionReader {
    private let index: KnowledgeIndex
    private var reader = TermReader()
    private var counter = TermCounter()
    private var unknown = TermTable()
    private var unknownCounter = TermCounter()
    private var vector: TermVector
    private var length = 1.0
    private var bytes: [UInt8] = []
    /// The terms that one case shares, and what each adds to its score.
    private var matched: [(term: Int, part: Double)] = []
    private var heaviest: [Int] = []
    /// Where each term stands in `bytes`; only those of the vector's terms count.
    private var places: [Range<Int>]

    init(_ index: KnowledgeIndex) {
        self.index = index
        vector = TermVector(terms: index.tables.terms.count)
        places = [Range<Int>](repeating: 0..<0, count: index.tables.terms.count)
    }

    /// The terms, each once.
    var terms: [Int] { vector.terms }

    /// The weight of a term in the question, whose length is one.
    func weight(_ term: Int) -> Double { vector[term] / length }

    /// Reads a question; `forget` comes before the next.
    mutating func read(_ text: KnowledgeText) {
        let title = TermText.prepared(text.title)
        bytes = title + [UInt8(ascii: "\n")] + TermText.prepared(text.text)
        var square = 0.0
        square += add(0..<title.count)
        square += add((title.count + 1)..<bytes.count)
        let known = vector.length
        // What no case knows makes the question longer, so that scores say how much of it is met.
        length = max((known * known + square).squareRoot(), .ulpOfOne)
    }

    mutating func forget() { vector.drain { _, _ in } }

    /// Adds one part as a vector of length one; gives the square of what is unknown in that.
    private mutating func add(_ part: Range<Int>) -> Double {
        reader.read(bytes, part)
        for word in reader.terms {
            if let term = index.tables.terms.find(reader.bytes, word.range) {
                if vector[term] == 0 { places[term] = word.source }
                counter.add(term)
            } else {
                unknownCounter.add(unknown.insert(reader.bytes, word.range))
            }
        }
        var beyond = 0.0
        unknownCounter.forEach { _, count in
            let weight = TermRarity.damped(count) * index.rarity.ofUnknown
            beyond += weight * weight
        }
        let square = vector.add(
            unit: { body in
                counter.forEach { term, count in body(term, index.rarity.weight(term, count)) }
            }, beyond: beyond)
        unknownCounter.removeAll()
        unknown.removeAll()
        counter.removeAll()
        return square > 0 ? beyond / square : 0
    }

    /// The cosine with a case, summed in the order of its terms.
    func score(_ number: Int) -> Double {
        let members = index.byCase.members.span
        var sum = 0.0
        for place in index.byCase.range(number) {
            sum += vector[Int(members[place].number)] * Double(members[place].weight)
        }
        return sum / length
    }

    /// The words that made most of the score with a case, none a part of another, and none that tells
    /// less than a tenth of the first.
    mutating func telling(_ number: Int) -> [String] {
        matched.removeAll(keepingCapacity: true)
        for place in index.byCase.range(number) {
            let member = index.byCase.members[place]
            let weight = vector[Int(member.number)]
            guard weight > 0 else { continue }
            matched.append((Int(member.number), weight * Double(member.weight)))
        }
        findHeaviest()
        var words: [Range<Int>] = []
        for place in heaviest where words.count < Self.wordLimit {
            guard matched[place].part >= matched[heaviest[0]].part / 10 else { break }
            let word = widest(places[matched[place].term])
            if !words.contains(where: { isPart(word, of: $0) || isPart($0, of: word) }) {
                words.append(word)
            }
        }
        return words.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// Finds the places in `matched` of the terms that made most of the score: three times as many
    /// as there may be words, since some are parts of others.
    private mutating func findHeaviest() {
        let limit = 3 * Self.wordLimit
        heaviest.removeAll(keepingCapacity: true)
        var least = 0.0
        for (number, match) in matched.enumerated() where match.part > least {
            if heaviest.count == limit { heaviest.removeLast() }
            var place = heaviest.count
            heaviest.append(number)
            while place > 0, matched[heaviest[place - 1]].part < match.part {
                heaviest[place] = heaviest[place - 1]
                place -= 1
            }
            heaviest[place] = number
            if heaviest.count == limit { least = matched[heaviest[limit - 1]].part }
        }
    }

    private static let wordLimit = 4

    /// The longest name that the case has too and that the word is a part of; else the word.
    private func widest(_ word: Range<Int>) -> Range<Int> {
        var widest = word
        for (term, _) in matched {
            let place = places[term]
            if place.count > widest.count, place.contains(word.lowerBound),
                place.upperBound >= word.upperBound
            {
                widest = place
            }
        }
        return widest
    }

    /// Whether one word stands in another, in whatever case.
    private func isPart(_ one: Range<Int>, of other: Range<Int>) -> Bool {
        guard one.count <= other.count else { return false }
        return (other.lowerBound...(other.upperBound - one.count)).contains { start in
            zip(one, start...).allSatisfy { ASCII.lower(bytes[$0]) == ASCII.lower(bytes[$1]) }
        }
    }
}
