/// Steps that follow each other, some of which may be left out.
struct StepPattern: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        var symbol: Int32
        var isOptional = false
    }

    var steps: [Step]

    init(_ symbols: some Sequence<Int32>) { steps = symbols.map { Step(symbol: $0) } }

    var count: Int { steps.count }
    var symbols: [Int32] { steps.map(\.symbol) }
    var required: [Int] { steps.indices.filter { !steps[$0].isOptional } }

    /// The pattern of which this is a repetition, one round and a half at least: `abcabca` and `abcab`
    /// repeat `abc`.
    var root: StepPattern {
        let symbols = self.symbols
        let period = Self.period(of: symbols[...])
        return symbols.count * 2 >= period * 3 ? StepPattern(symbols.prefix(period)) : self
    }

    /// The least distance at which a sequence is equal to itself (Knuth, Morris and Pratt 1977).
    static func period(of word: ArraySlice<Int32>) -> Int {
        let first = word.startIndex
        // how much of the beginning ends at each place
        var borders = [Int](repeating: 0, count: word.count)
        for place in 1..<max(1, word.count) {
            var border = borders[place - 1]
            while border > 0, word[first + border] != word[first + place] {
                border = borders[border - 1]
            }
            borders[place] = word[first + border] == word[first + place] ? border + 1 : 0
        }
        return word.count - (borders.last ?? 0)
    }
}

/// Finds where a run follows a pattern.
///
/// A run follows it where all steps that are not optional occur in their order, optional ones between
/// them or not, with at most `gap` other steps between any two that follow each other.
struct PatternMatcher {
    /// The place of each step of the pattern in the log; -1: it is not there.
    typealias Occurrence = [Int32]

    let pattern: StepPattern
    let gap: Int
    /// By symbol the last step of the pattern that has it, and by step the one before with the same.
    private var lastSlot: [Int32]
    private var slotBefore: [Int32]
    private let lastRequired: Int
    /// The first step that a run may begin with is 0; the last one is this.
    private let firstRequired: Int
    /// A part of the pattern with so many steps is believed to be the pattern gone wrong.
    private let leastPart: Int

    init(_ pattern: StepPattern, gap: Int, symbols: Int) {
        self.pattern = pattern
        self.gap = gap
        lastSlot = Array(repeating: -1, count: symbols)
        slotBefore = Array(repeating: -1, count: pattern.count)
        for (slot, step) in pattern.steps.enumerated() {
            slotBefore[slot] = lastSlot[Int(step.symbol)]
            lastSlot[Int(step.symbol)] = Int32(slot)
        }
        let required = pattern.required
        lastRequired = required.last ?? pattern.count - 1
        firstRequired = required.first ?? 0
        leastPart = Self.leastPart(of: pattern)
        chains = Chains(pattern.count)
    }

    static func leastPart(of pattern: StepPattern) -> Int {
        max(3, (pattern.required.count * 3 + 4) / 5)
    }

    /// One step of a chain that may become an occurrence.
    private struct Link {
        let place: Int
        let slot: Int
        let before: Int
        let count: Int
    }

    /// Kept from run to run, so that one costs no memory of its own.
    private struct Chains {
        var links: [Link] = []
        /// By slot the chain that ends there: the place of its last link.
        var ends: [Int]

        init(_ slots: Int) { ends = Array(repeating: -1, count: slots) }

        mutating func clear() {
            if links.isEmpty { return }
            links.removeAll(keepingCapacity: true)
            for slot in ends.indices { ends[slot] = -1 }
        }

        func occurrence(endingAt link: Int) -> Occurrence {
            var places = Occurrence(repeating: -1, count: ends.count)
            var at = link
            while at >= 0 {
                places[links[at].slot] = Int32(links[at].place)
                at = links[at].before
            }
            return places
        }
    }

    private var chains: Chains
    private var rests: [Range<Int>] = []

    /// Calls `take` with each occurrence in a run, none of which overlap.
    ///
    /// What ends later at one step can be continued wherever what ends earlier can, so one chain a
    /// step is enough, and the run follows the pattern if and only if an occurrence is found.
    /// - Parameter steps: The run's places in `log`.
    mutating func forEach(
        in log: [Int32], _ steps: Range<Int>, _ take: (Occurrence) -> Void
    ) {
        chains.clear()
        var place = steps.lowerBound
        while place < steps.upperBound {
            defer { place += 1 }
            var slot = Int(lastSlot[Int(log[place])])
            while slot >= 0 {
                let before = predecessor(of: slot, at: place)
                if before >= 0 || slot <= firstRequired {
                    chains.ends[slot] = chains.links.count
                    chains.links.append(Link(place: place, slot: slot, before: before, count: 0))
                    if slot == lastRequired {
                        var found = chains.occurrence(endingAt: chains.ends[slot])
                        place = addTail(to: &found, in: log, place, steps.upperBound)
                        take(found)
                        chains.clear()
                        break
                    }
                }
                slot = Int(slotBefore[slot])
            }
        }
    }

    /// The chain that a step can continue, the one with the nearest step before; -1: there is none.
    private func predecessor(of slot: Int, at place: Int) -> Int {
        var before = slot - 1
        while before >= 0 {
            let link = chains.ends[before]
            if link >= 0, place - chains.links[link].place <= gap + 1 { return link }
            if !pattern.steps[before].isOptional { return -1 }
            before -= 1
        }
        return -1
    }

    /// Adds optional steps after the last that is required.
    private func addTail(
        to found: inout Occurrence, in log: [Int32], _ place: Int, _ end: Int
    ) -> Int {
        var last = place
        for slot in (lastRequired + 1)..<max(lastRequired + 1, pattern.count) {
            let window = (last + 1)..<max(last + 1, min(end, last + gap + 2))
            guard let next = window.first(where: { log[$0] == pattern.steps[slot].symbol }) else {
                continue
            }
            found[slot] = Int32(next)
            last = next
        }
        return last
    }

    /// Calls `take` with the occurrences in a run and then with those parts of the pattern, in the rest
    /// of the run, that have most of its steps: what went wrong on the way, or was left out.
    mutating func forEachPart(
        in log: [Int32], _ steps: Range<Int>, _ take: (Occurrence, _ isWhole: Bool) -> Void
    ) {
        var rests = self.rests
        self.rests = []
        rests.removeAll(keepingCapacity: true)
        var start = steps.lowerBound
        forEach(in: log, steps) { found in
            take(found, true)
            let places = found.lazy.filter { $0 >= 0 }
            rests.append(start..<max(start, Int(places.min() ?? 0)))
            start = Int(places.max() ?? 0) + 1
        }
        rests.append(start..<steps.upperBound)
        for rest in rests where rest.count >= leastPart { parts(in: log, rest, take) }
        self.rests = rests
    }

    private mutating func parts(
        in log: [Int32], _ steps: Range<Int>, _ take: (Occurrence, _ isWhole: Bool) -> Void
    ) {
        let longest = 8 * pattern.count * (gap + 1)
        var start = steps.lowerBound
        while steps.upperBound - start >= leastPart {
            chains.clear()
            var best = -1
            var lastMatch = start
            var place = start
            while place < steps.upperBound, place - start < longest,
                chains.links.isEmpty || place - lastMatch <= gap + 4
            {
                if lastSlot[Int(log[place])] >= 0 {
                    extend(log[place], at: place, &best)
                    lastMatch = place
                }
                place += 1
            }
            guard best >= 0, chains.links[best].count >= leastPart else {
                start = place
                continue
            }
            take(chains.occurrence(endingAt: best), false)
            start = chains.links[best].place + 1
        }
    }

    /// Continues the longest chain within reach, over up to three steps that are missing.
    private mutating func extend(_ symbol: Int32, at place: Int, _ best: inout Int) {
        var slot = Int(lastSlot[Int(symbol)])
        while slot >= 0 {
            var before = -1
            for earlier in stride(from: slot - 1, through: max(0, slot - 4), by: -1) {
                let link = chains.ends[earlier]
                guard link >= 0, place - chains.links[link].place <= gap + slot - earlier,
                    before < 0 || chains.links[link].count > chains.links[before].count
                else { continue }
                before = link
            }
            let count = before < 0 ? 1 : chains.links[before].count + 1
            let known = chains.ends[slot]
            let isDead = known < 0 || place - chains.links[known].place > gap + 1
            if isDead || count >= chains.links[known].count {
                chains.ends[slot] = chains.links.count
                chains.links.append(Link(place: place, slot: slot, before: before, count: count))
                if best < 0 || count > chains.links[best].count { best = chains.ends[slot] }
            }
            slot = Int(slotBefore[slot])
        }
    }
}
