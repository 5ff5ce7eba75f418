/// Answers questions from an index, one after the other; what it needs for that is made once.
///
/// The terms of a question are taken from the one that can add most to a score to the one that can
/// add least (Turtle and Flood's max-score, "Query evaluation: strategies and optimizations", 1995):
/// as soon as what is left cannot bring a new case among the best, only cases that can still be
/// among them are looked at, each by its own list of terms. So the answer is the exact one.
package struct KnowledgeSearch {
    private let index: KnowledgeIndex
    private var question: QuestionReader
    /// What each case has so far.
    private var sums: [Float]
    /// The largest sums, for `threshold`.
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
        var left = terms.reduce(0) { $0 + index.byTerm.range($1.term).count }
        var work = 0
        for (term, bound) in terms {
            // No score is above one; and to look for the threshold is as much work as a list of all
            // cases.
            if rest < 1, work > 4 * sums.count {
                work = 0
                if isEnough(limit, rest: rest, left: left) { break }
            }
            let list = index.byTerm.range(term)
            Self.add(
                list, of: index.byTerm.members, Float(question.weight(term)), to: &sums)
            work += list.count
            left -= list.count
            rest -= bound
        }
        if let own { sums[own] = -.infinity }
        return max(0, rest)
    }

    private static func add(
        _ list: Range<Int>, of members: [WeightLists.Member], _ weight: Float,
        to sums: inout [Float]
    ) {
        let members = members.span
        var sums = sums.mutableSpan
        for place in list {
            let member = members[place]
            sums[Int(member.number)] += weight * member.weight
        }
    }

    /// Whether no new case can come among the best, and to look at each that still can is less work
    /// than to go through the rest.
    private mutating func isEnough(_ limit: Int, rest: Float, left: Int) -> Bool {
        let threshold = threshold(limit)
        guard threshold > rest + Self.slack else { return false }
        let enough = threshold - rest - Self.slack
        let possible = sums.count { $0 >= enough }
        return possible * index.byCase.members.count / max(1, index.count) < left
    }

    /// More than sums of a few hundred weights lose by rounding.
    private static let slack: Float = 1e-4

    private func bound(_ term: Int) -> Float {
        Float(question.weight(term)) * index.largest[term]
    }

    /// The smallest sum among the largest ones, of which the question's own case may be one more
    /// than `limit`; 0 where there are fewer.
    private mutating func threshold(_ limit: Int) -> Float {
        Self.largest(limit + 1, of: sums, &best)
        return best.count > limit ? max(0, best[limit]) : 0
    }

    /// The `count` largest numbers above zero, the largest first.
    private static func largest(_ count: Int, of numbers: [Float], _ best: inout [Float]) {
        best.removeAll(keepingCapacity: true)
        var least: Float = 0
        for number in numbers where number > least {
            if best.count == count { best.removeLast() }
            var place = best.count
            best.append(number)
            while place > 0, best[place - 1] < number {
                best[place] = best[place - 1]
                place -= 1
            }
            best[place] = number
            if best.count == count { least = best[count - 1] }
        }
    }

    /// The cases that may be among the best, with their exact scores, in order; all sums are zero
    /// after it.
    private mutating func candidates(_ limit: Int, rest: Float) -> [(number: Int, score: Double)] {
        let enough = max(threshold(limit) - rest - Self.slack, .leastNormalMagnitude)
        var found: [(number: Int, score: Double)] = []
        for number in sums.indices where sums[number] >= enough {
            found.append((number, question.score(number)))
        }
        for number in sums.indices { sums[number] = 0 }
        return found.sorted {
            $0.score == $1.score ? $0.number < $1.number : $0.score > $1.score
        }
    }
}
