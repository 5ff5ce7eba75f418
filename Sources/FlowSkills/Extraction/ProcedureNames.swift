/// What a procedure is called, by its steps.
package struct ProcedureNames {
    private let steps: [Procedure.Step]

    init(_ steps: [Procedure.Step]) { self.steps = steps }

    /// Of a name, without those between the two ends.
    private static let mostWords = 5
    /// Of a name, in bytes.
    private static let limit = 64
    /// Words that say nothing of what a step is about.
    private static let small: Set<String> = [
        "a", "an", "and", "at", "by", "for", "from", "in", "into", "is", "of", "on", "or", "the",
        "then", "to", "with",
    ]

    /// The telling words of a step's title; all of them where none is telling, and one at least.
    private static func words(_ step: Procedure.Step) -> [String] {
        let all = Slug.words(step.title)
        if all.isEmpty { return ["step"] }
        let telling = all.filter { !small.contains($0) }
        return telling.isEmpty ? all : telling
    }

    /// From the first step to the last that is not optional, five telling words at most:
    /// `git-tag-to-push`.
    var name: String {
        let required = steps.filter { !$0.isOptional }
        guard let begin = required.first, let finish = required.last else { return "step" }
        let (first, last) = (Self.words(begin), Self.words(finish))
        if required.count == 1 {
            return Self.joined([Array(first.prefix(Self.mostWords - 1))], [])
        }
        if begin.symbol == finish.symbol {
            return Self.joined([Array(first.prefix(2))], Self.middle(required, first))
        }
        let topic = zip(first, last).prefix { $0 == $1 }.map(\.0)
        var shared: [String] = []
        var (start, end) = (first, last)
        if !topic.isEmpty, topic.count < min(first.count, last.count) {
            shared = Array(topic.prefix(2))
            start = Self.own(Array(first.dropFirst(topic.count)), without: last)
            end = Self.own(Array(last.dropFirst(topic.count)), without: first)
        }
        start = Array(start.prefix(2))
        end = Array(end.prefix(2))
        shared = Array(shared.prefix(Self.mostWords - start.count - end.count))
        return Self.joined([shared + start, start], ["to"] + end)
    }

    /// Where it ends with the step that it begins with: what is done in between.
    private static func middle(_ required: [Procedure.Step], _ ends: [String]) -> [String] {
        let between = required.map(words).first { $0 != ends } ?? []
        let own = own(between, without: ends)
        return between.isEmpty ? ["again"] : ["via"] + own.prefix(2)
    }

    /// Those that the other step's title lacks; all of them where it has them all.
    private static func own(_ words: [String], without other: [String]) -> [String] {
        let own = words.filter { !other.contains($0) }
        return own.isEmpty ? words : own
    }

    /// A beginning and a whole end: the first beginning with which that fits, else the first word of the
    /// last; where none does, the end is left out.
    private static func joined(_ beginnings: [[String]], _ end: [String]) -> String {
        let shortest = beginnings.last.map { Array($0.prefix(1)) } ?? []
        let names = (beginnings + [shortest]).map { ($0 + end).joined(separator: "-") }
        return names.first { $0.utf8.count <= limit }
            ?? Slug.make(
                beginnings[0].joined(separator: "-"), separator: "-", limit: limit)
    }

    /// Names that differ, in the same order, from each other and from those of known procedures, which keep
    /// theirs. Of several procedures with one name the first keeps it; another is also called by a word of
    /// its steps that those before it lack (`…-via-review`), else by a number.
    package static func distinct(
        _ procedures: [Procedure], besides known: [Procedure] = []
    ) -> [String] {
        var taken = Set(known.map(\.name))
        var spoken: [String: Set<String>] = [:]
        for procedure in known { spoken[procedure.name, default: []].formUnion(own(procedure)) }
        return procedures.map { procedure in
            let name = procedure.name
            let own = own(procedure)
            let heard = spoken[name] ?? Set(own)
            spoken[name, default: []].formUnion(own)
            let telling = own.filter { !heard.contains($0) }.map { "\(name)-via-\($0)" }
                .filter { $0.utf8.count <= limit }
            let numbers = (2...).lazy.map { numbered(name, $0) }
            let free =
                ([name] + telling).first { !taken.contains($0) }
                ?? numbers.first { !taken.contains($0) } ?? name
            taken.insert(free)
            return free
        }
    }

    /// The telling words of the steps that are always done.
    private static func own(_ procedure: Procedure) -> [String] {
        procedure.steps.filter { !$0.isOptional }.flatMap(words)
    }

    /// A name with a number behind it; where there is no room it is cut before a word, without a `to` or
    /// `via` that would lead to nothing.
    private static func numbered(_ name: String, _ number: Int) -> String {
        let suffix = "-\(number)"
        let room = limit - suffix.utf8.count
        if name.utf8.count <= room { return name + suffix }
        var words = Slug.make(name, separator: "-", limit: room).split(separator: "-")
        while words.count > 1, ["to", "via"].contains(words.last) { words.removeLast() }
        return words.joined(separator: "-") + suffix
    }

    /// The steps in order, those that are optional in brackets.
    var list: String {
        steps.map { $0.isOptional ? "[\($0.title)]" : $0.title }.joined(separator: ", then ")
    }

    func description(runs: Int) -> String {
        let brackets =
            steps.contains(where: \.isOptional) ? "; steps in brackets are left out at times" : ""
        return list + ". Seen in \(runs) runs\(brackets)."
    }

    /// What half of the steps have before their first dot, slash or colon; else what they are.
    var category: String {
        var counts: [String: Int] = [:]
        for step in steps {
            let cut = step.name.firstIndex { ".:/".contains($0) }
            if let cut, cut > step.name.startIndex {
                counts[String(step.name[..<cut]), default: 0] += 1
            }
        }
        let best = counts.max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }
        if let best, best.value * 2 >= steps.count {
            return Slug.make(best.key, separator: "-", limit: 40)
        }
        let types = Set(steps.map(\.type))
        return types == ["tool.called"]
            ? "tools" : types == ["agent.called"] ? "agents" : "workflow"
    }

    /// Telling words of the steps' names, the most frequent first; six at most.
    var tags: [String] {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for word in steps.flatMap(Self.words) where word.utf8.count >= 3 {
            if counts.updateValue(counts[word, default: 0] + 1, forKey: word) == nil {
                order.append(word)
            }
        }
        let places = order.enumerated().sorted {
            let (one, other) = (counts[$0.element, default: 0], counts[$1.element, default: 0])
            return one != other ? one > other : $0.offset < $1.offset
        }
        return places.prefix(6).map(\.element)
    }
}

extension Procedure {
    /// Whether its description is the one that flow writes of its steps, not a person's.
    var isDescribedByFlow: Bool { description.hasPrefix(ProcedureNames(steps).list + ". Seen in ") }

    /// Likewise its tags.
    var isTaggedByFlow: Bool { tags == ProcedureNames(steps).tags }
}
