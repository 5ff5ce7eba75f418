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
        for number in 0..<reader.count {
            let range = reader.range(number)
            if let term = index.tables.terms.find(reader.bytes, range) {
                if vector[term] == 0 { places[term] = reader.sources[number] }
                counter.add(term)
            } else {
                unknownCounter.add(unknown.insert(reader.bytes, range))
            }
        }
        var beyond = 0.0
        unknownCounter.drain { _, count in
            let weight = TermRarity.damped(count) * index.rarity.ofUnknown
            beyond += weight * weight
        }
        unknown.removeAll()
        var members: [(term: Int, weight: Double)] = []
        var known = 0.0
        counter.drain { term, count in
            let weight = index.rarity.weight(term, count)
            members.append((term, weight))
            known += weight * weight
        }
        vector.add(
            unit: { body in for member in members { body(member.term, member.weight) } },
            beyond: beyond)
        return known + beyond > 0 ? beyond / (known + beyond) : 0
    }

    /// The cosine with a case, summed in the order of its terms.
    func score(_ number: Int) -> Double {
        var sum = 0.0
        for place in index.byCase.range(number) {
            sum += vector[Int(index.byCase.numbers[place])] * Double(index.byCase.weights[place])
        }
        return sum / length
    }

    /// The words that made most of the score with a case, none a part of another.
    func telling(_ number: Int) -> [String] {
        var matched: [(term: Int, part: Double)] = []
        for place in index.byCase.range(number) {
            let term = Int(index.byCase.numbers[place])
            let weight = vector[term]
            guard weight > 0 else { continue }
            matched.append((term, weight * Double(index.byCase.weights[place])))
        }
        var words: [Range<Int>] = []
        var least = Double.infinity
        for _ in 0..<(3 * Self.wordLimit) where words.count < Self.wordLimit {
            guard let next = matched.filter({ $0.part < least }).max(by: { $0.part < $1.part })
            else { break }
            least = next.part
            let word = widest(places[next.term], matched)
            if !words.contains(where: { isPart(word, of: $0) || isPart($0, of: word) }) {
                words.append(word)
            }
        }
        return words.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    private static let wordLimit = 4

    /// The longest name that the case has too and that the word is a part of; else the word.
    private func widest(_ word: Range<Int>, _ matched: [(term: Int, part: Double)]) -> Range<Int> {
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
