/// Makes an index of solved cases, one case after the other.
///
/// Costs O(bytes of text); the texts themselves are not kept.
package struct KnowledgeIndexBuilder {
    private var reader = TermReader()
    private var terms = TermTable()
    private var cases: [Case] = []
    private var bags = TermBags()
    private var counter = TermCounter()

    /// A case before the order of all is known; its bags are numbers 2 × place and 2 × place + 1.
    private struct Case {
        let id: String
        let title: String
        let place: Int
    }

    package init() {}

    /// Takes a case in; its id must be told apart from all others at the end.
    package mutating func add(_ text: KnowledgeText) {
        cases.append(Case(id: text.id, title: text.title, place: cases.count))
        count(text.title)
        count(text.text)
    }

    private mutating func count(_ text: String) {
        let bytes = TermText.prepared(text)
        reader.read(bytes, 0..<bytes.count)
        for term in reader.terms { counter.add(terms.insert(reader.bytes, term.range)) }
        counter.forEach { term, count in bags.add(term, count) }
        counter.removeAll()
        bags.close()
    }

    /// What an index is made of: the same in whatever order the cases came.
    /// - Throws: `badEntry` where two cases have one id.
    package consuming func tables() throws(MiningError) -> KnowledgeTables {
        let sorted = cases.sorted { $0.id < $1.id }
        for (one, other) in zip(sorted, sorted.dropFirst()) where one.id == other.id {
            throw MiningError(
                .badEntry, doing: "index solved cases",
                "two cases have the id '\(one.id)'; give each its own")
        }
        // Numbers of terms follow the order of the cases, so that they are the same too.
        var numbers = [Int](repeating: -1, count: terms.count)
        var ordered = TermTable()
        var orderedBags = TermBags()
        for bag in sorted.flatMap({ [2 * $0.place, 2 * $0.place + 1] }) {
            var members: [(term: Int, count: Int)] = []
            bags.forEach(in: bag) { term, count in
                if numbers[term] < 0 {
                    numbers[term] = ordered.insert(terms.bytes, terms.range(term))
                }
                members.append((numbers[term], count))
            }
            members.sort { $0.term < $1.term }
            for member in members { orderedBags.add(member.term, member.count) }
            orderedBags.close()
        }
        return KnowledgeTables(
            ids: sorted.map(\.id), titles: sorted.map(\.title), terms: ordered, bags: orderedBags)
    }
}

/// How often terms stand in texts: one bag a text, one after the other.
struct TermBags: Sendable {
    private var terms: [UInt32] = []
    private var counts: [UInt32] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    /// How many different terms a bag has.
    func size(of bag: Int) -> Int { ends[bag] - (bag == 0 ? 0 : ends[bag - 1]) }

    /// Puts a term into the bag that is open.
    mutating func add(_ term: Int, _ count: Int) {
        terms.append(UInt32(truncatingIfNeeded: term))
        counts.append(UInt32(clamping: count))
    }

    mutating func close() { ends.append(terms.count) }

    func forEach(in bag: Int, _ body: (_ term: Int, _ count: Int) -> Void) {
        for place in (bag == 0 ? 0 : ends[bag - 1])..<ends[bag] {
            body(Int(terms[place]), Int(counts[place]))
        }
    }
}

/// Counts the terms of one text after the other.
struct TermCounter {
    private var counts: [UInt32] = []
    /// The terms that were counted, in the order in which they came.
    private var order: [Int] = []

    mutating func add(_ term: Int) {
        if term >= counts.count {
            let more = max(term + 1, 2 * counts.count) - counts.count
            counts.append(contentsOf: repeatElement(0, count: more))
        }
        if counts[term] == 0 { order.append(term) }
        counts[term] += 1
    }

    /// Gives each term with its count, in the order in which they came.
    func forEach(_ body: (_ term: Int, _ count: Int) -> Void) {
        for term in order { body(term, Int(counts[term])) }
    }

    /// Begins again.
    mutating func removeAll() {
        for term in order { counts[term] = 0 }
        order.removeAll(keepingCapacity: true)
    }
}
