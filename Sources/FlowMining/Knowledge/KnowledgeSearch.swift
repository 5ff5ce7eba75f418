/// Answers questions from an index, one after the other; what it needs for that is made once.
///
/// The terms of a question are taken from the one that can add most to a score to the one that can
/// add least (Turtle and Flood's max-score, "Query evaluation: strategies and optimizations", 1995):
/// as soon as what is left cannot bring a new case among the best, only cases that can still be
/// among them are looked at, each by its own list of terms. So the answer is the exact one.
package struct KnowledgeSearch {
    private let index: KnowledgeIndex
    private var question: QuestionReader
    /// What each case has so far; only those in `touched` are not zero.
    private var sums: [Float]
    private var touched: [UInt32] = []
    private var best: [Float] = []

    package init(_ index: KnowledgeIndex) {
        self.index = index
        question = QuestionReader(index)
        sums = [Float](repeating: 0, count: index.count)
    }

    /// The cases that answer a question best, the best first, those of one score by id; never the
    /// case of the question's own id, and none without a common term.
    package mutating func matches(_ text: KnowledgeText, limit: Int) -> [KnowledgeMatch] {
        guard limit > 0 else { return [] }
        question.read(text)
        defer { question.forget() }
        let own = text.id.isEmpty ? nil : index.number(of: text.id)
        let rest = accumulate(limit, without: own)
        let found = candidates(limit, rest: rest)
        return found.prefix(limit).map { number, score in
            KnowledgeMatch(
                id: index.tables.ids[number], title: index.tables.titles[number],
                // Rounding may bring a case that is all the question just past one.
                score: min(1, score), words: question.telling(number))
        }
    }

    /// Adds up what cases have of the question's terms.
    /// - Returns: what the terms that were left out can add to a case at most.
    private mutating func accumulate(_ limit: Int, without own: Int?) -> Float {
        let terms = question.terms.map { (term: $0, bound: bound($0)) }.sorted {
            $0.bound == $1.bound ? $0.term < $1.term : $0.bound > $1.bound
        }
        var rest = terms.reduce(0) { $0 + $1.bound }
        var work = 0
        for (term, bound) in terms {
            // Looking for the threshold costs as much as a list of that size.
            if work > 2 * touched.count {
                work = 0
                if threshold(limit) > rest + Self.slack { break }
            }
            let list = index.byTerm.range(term)
            let weight = Float(question.weight(term))
            for place in list {
                let number = index.byTerm.numbers[place]
                let sum = sums[Int(number)]
                if sum == 0 { touched.append(number) }
                sums[Int(number)] = sum + weight * index.byTerm.weights[place]
            }
            work += list.count
            rest -= bound
        }
        if let own { sums[own] = -.infinity }
        return max(0, rest)
    }

    /// More than sums of a few hundred weights lose by rounding.
    private static let slack: Float = 1e-4

    private func bound(_ term: Int) -> Float {
        Float(question.weight(term)) * index.largest[term]
    }

    /// The smallest sum among the `limit` largest; 0 where there are fewer. The question's own case
    /// may be one of them, so it is one more.
    private mutating func threshold(_ limit: Int) -> Float {
        best.removeAll(keepingCapacity: true)
        let size = limit + 1
        for number in touched {
            let sum = sums[Int(number)]
            if best.count == size {
                guard sum > best[size - 1] else { continue }
                best.removeLast()
            }
            var place = best.count
            best.append(sum)
            while place > 0, best[place - 1] < sum {
                best[place] = best[place - 1]
                place -= 1
            }
            best[place] = sum
        }
        return best.count == size ? max(0, best[size - 1]) : 0
    }

    /// The cases that may be among the best, with their exact scores, in order; all sums are zero
    /// after it.
    private mutating func candidates(_ limit: Int, rest: Float) -> [(number: Int, score: Double)] {
        let enough = threshold(limit) - rest - Self.slack
        var found: [(number: Int, score: Double)] = []
        for number in touched {
            if sums[Int(number)] >= enough, sums[Int(number)] > 0 {
                found.append((Int(number), question.score(Int(number))))
            }
            sums[Int(number)] = 0
        }
        touched.removeAll(keepingCapacity: true)
        return found.sorted {
            $0.score == $1.score ? $0.number < $1.number : $0.score > $1.score
        }
    }
}
