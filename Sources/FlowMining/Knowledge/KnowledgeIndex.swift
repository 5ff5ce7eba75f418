internal import Glibc

/// Solved cases, ready to be searched.
///
/// Ranking is the cosine between vectors of terms. A term weighs (1 + ln count) × its rarity, which is
/// ln(1 + (n − d + ½) / (d + ½)) for a term of d in n cases (Robertson and Spärck Jones' weight as in
/// BM25: "The Probabilistic Relevance Framework", 2009), so that words of most cases weigh next to
/// nothing; n is ten more than there are, since a word of both of two cases need not be a common one.
/// Title and text are vectors of length one, and a case is the sum of both, again of length
/// one: the title counts as much as all of the text, however long that is. There is nothing to tune.
package struct KnowledgeIndex: Sendable {
    let tables: KnowledgeTables
    let rarity: TermRarity
    /// Terms of each case with their weights, and cases of each term with the same weights.
    let byCase: WeightLists
    let byTerm: WeightLists
    /// The largest weight of each term in a case.
    let largest: [Float]

    /// Costs O(terms of all cases).
    package init(_ tables: KnowledgeTables) {
        self.tables = tables
        rarity = TermRarity(tables)
        byCase = Self.weights(tables, rarity)
        byTerm = byCase.turned(tables.terms.count)
        largest = byTerm.largest
    }

    var count: Int { tables.count }

    /// The number of a case; nil where there is none with this id. O(log cases).
    func number(of id: String) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if tables.ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < count && tables.ids[low] == id ? low : nil
    }

    private static func weights(_ tables: KnowledgeTables, _ rarity: TermRarity) -> WeightLists {
        var lists = WeightLists()
        var sum = TermVector(terms: tables.terms.count)
        for number in tables.ids.indices {
            for bag in [2 * number, 2 * number + 1] {
                sum.add(unit: { body in
                    tables.bags.forEach(in: bag) { term, count in
                        body(term, rarity.weight(term, count))
                    }
                })
            }
            let length = sum.length
            sum.drain { term, weight in lists.add(term, Float(weight / max(length, .ulpOfOne))) }
            lists.close()
        }
        return lists
    }
}

/// What an index keeps of the cases: ids, titles, and how often which terms stand in them; all else
/// follows from it.
package struct KnowledgeTables: Sendable {
    /// In ascending order.
    let ids: [String]
    let titles: [String]
    let terms: TermTable
    /// Two for each case: title and text, terms in ascending order.
    let bags: TermBags

    /// How many cases there are.
    package var count: Int { ids.count }
}

/// How much a term tells.
struct TermRarity: Sendable {
    private let rarity: [Double]
    /// Of a term in no case.
    let ofUnknown: Double
    /// Cases that are thought to be there besides, without any of the terms.
    private static let others = 10.0
    private static let logarithms = (1...64).map { 1 + log(Double($0)) }

    init(_ tables: KnowledgeTables) {
        var frequencies = [Int](repeating: 0, count: tables.terms.count)
        var last = [Int](repeating: -1, count: tables.terms.count)
        for bag in 0..<tables.bags.count {
            tables.bags.forEach(in: bag) { term, _ in
                guard last[term] != bag / 2 else { return }
                last[term] = bag / 2
                frequencies[term] += 1
            }
        }
        let total = Double(tables.count) + Self.others
        func rarity(_ frequency: Double) -> Double {
            log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        }
        self.rarity = frequencies.map { rarity(Double($0)) }
        ofUnknown = rarity(0)
    }

    /// The weight of a term that stands `count` times in one text.
    func weight(_ term: Int, _ count: Int) -> Double { Self.damped(count) * rarity[term] }

    /// 1 + ln count.
    static func damped(_ count: Int) -> Double {
        count <= logarithms.count ? logarithms[count - 1] : 1 + log(Double(count))
    }
}

/// A sum of vectors of terms that is used again and again.
struct TermVector {
    private var weights: [Double]
    private(set) var terms: [Int] = []

    init(terms: Int) { weights = [Double](repeating: 0, count: terms) }

    subscript(term: Int) -> Double { weights[term] }

    /// Adds a vector, scaled to length one.
    /// - Parameter unit: Calls its argument with each term and its weight, twice the same.
    /// - Parameter beyond: The square of what the vector has in terms that are not counted.
    /// - Returns: the square of the vector's length before it was scaled.
    @discardableResult
    mutating func add(unit: ((_ term: Int, _ weight: Double) -> Void) -> Void, beyond: Double = 0)
        -> Double
    {
        var square = beyond
        unit { _, weight in square += weight * weight }
        guard square > 0 else { return 0 }
        let length = square.squareRoot()
        unit { term, weight in
            if weights[term] == 0 { terms.append(term) }
            weights[term] += weight / length
        }
        return square
    }

    var length: Double {
        terms.reduce(0) { $0 + weights[$1] * weights[$1] }.squareRoot()
    }

    /// Gives each term with its weight, in the order in which they came, and begins again.
    mutating func drain(_ body: (_ term: Int, _ weight: Double) -> Void) {
        for term in terms {
            body(term, weights[term])
            weights[term] = 0
        }
        terms.removeAll(keepingCapacity: true)
    }
}

/// Lists of numbers with weights, one list after the other.
struct WeightLists: Sendable {
    struct Member: Sendable {
        var number: UInt32 = 0
        var weight: Float = 0
    }

    private(set) var members: [Member] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    func range(_ list: Int) -> Range<Int> { (list == 0 ? 0 : ends[list - 1])..<ends[list] }

    mutating func add(_ number: Int, _ weight: Float) {
        members.append(Member(number: UInt32(truncatingIfNeeded: number), weight: weight))
    }

    mutating func close() { ends.append(members.count) }

    /// The same weights by number: of each number up to `count` its lists, in ascending order.
    func turned(_ count: Int) -> WeightLists {
        var places = [Int](repeating: 0, count: count)
        for member in members { places[Int(member.number)] += 1 }
        var result = WeightLists()
        var total = 0
        for number in 0..<count {
            let size = places[number]
            places[number] = total
            total += size
            result.ends.append(total)
        }
        result.members = [Member](repeating: Member(), count: total)
        for list in ends.indices {
            for place in range(list) {
                let number = Int(members[place].number)
                result.members[places[number]] = Member(
                    number: UInt32(truncatingIfNeeded: list), weight: members[place].weight)
                places[number] += 1
            }
        }
        return result
    }

    /// The largest weight of each list.
    var largest: [Float] {
        (0..<count).map { list in range(list).reduce(0) { max($0, members[$1].weight) } }
    }
}
