/// The maximal repeats of many sequences: what occurs in several places and can be extended to
/// neither side without losing one of them (Gusfield, "Algorithms on Strings, Trees and Sequences",
/// 7.12).
///
/// A suffix array of all sequences, each ended by a number of its own; the intervals of equal
/// prefixes are the nodes of their suffix tree. Support, in how many sequences one occurs, is counted
/// for all at once by what each leaf has in common with the last leaf of its sequence (Hui, "Color
/// Set Size Problem", 1992). O(n log n) time at worst, O(n) but for deep trees; about 40 bytes a
/// number.
struct RepeatIndex: Sendable {
    struct Repeat: Sendable, Hashable {
        /// One place of it in the text.
        let place: Int32
        let length: Int32
        /// In how many sequences it occurs.
        let support: Int32
        /// In how many places, overlapping ones too.
        let occurrences: Int32
        /// Its first place in the order of suffixes.
        let first: Int32
    }

    /// All sequences, with their ends between them.
    let text: [Int32]
    let order: [Int32]
    /// The sequence of each place.
    let owners: [Int32]
    private let common: [Int32]

    /// - Parameters:
    ///   - steps: Numbers from 0; a negative one is equal to no other.
    ///   - starts: Where each sequence begins, and where the last one ends.
    ///   - symbols: One more than the largest number.
    init(steps: [Int32], starts: [Int32], symbols: Int) {
        var text: [Int32] = []
        var owners: [Int32] = []
        text.reserveCapacity(steps.count + starts.count)
        owners.reserveCapacity(steps.count + starts.count)
        var unique = Int32(symbols)
        for sequence in 0..<max(0, starts.count - 1) {
            for place in Int(starts[sequence])..<Int(starts[sequence + 1]) {
                if steps[place] < 0 {
                    text.append(unique)
                    unique += 1
                } else {
                    text.append(steps[place])
                }
                owners.append(Int32(sequence))
            }
            text.append(unique)
            unique += 1
            owners.append(Int32(sequence))
        }
        self.text = text
        self.owners = owners
        order = SuffixArray.make(text, largest: max(0, Int(unique) - 1))
        common = SuffixArray.commonPrefixes(text, order)
    }

    /// The place in the steps of a place in the text: before it stand the ends of earlier sequences.
    func step(at place: Int32) -> Int { Int(place) - Int(owners[Int(place)]) }

    /// The places of one repeat, in no order.
    func places(of one: Repeat) -> ArraySlice<Int32> {
        order[Int(one.first)..<Int(one.first + one.occurrences)]
    }

    /// An interval of suffixes with a common prefix that is still open to the right.
    private struct Open {
        let length: Int32
        let first: Int32
        /// How often a suffix in it had the sequence of an earlier one in it.
        var doubles: Int32 = 0
        /// The number before all its suffixes; `various` where they differ.
        var before: Int32
    }

    private static let various: Int32 = -2
    private static let nothing: Int32 = -1

    /// Calls `take` with every maximal repeat of at least `length` numbers in at least `support`
    /// sequences, in the order of the suffixes' ends.
    func forEachRepeat(length: Int, support: Int, _ take: (Repeat) -> Void) {
        guard order.count > 1 else { return }
        var stack: [Open] = [Open(length: 0, first: 0, before: Self.nothing)]
        var lastOfOwner = [Int32](repeating: -1, count: Int((owners.last ?? -1) + 1))
        for place in 0...order.count {
            let shared = place < order.count ? common[place] : 0
            if place > 0 { close(&stack, to: shared, at: Int32(place), length, support, take) }
            guard place < order.count else { return }
            // a suffix opens an interval only with the next one: lay it into the one it will share
            let owner = Int(owners[Int(order[place])])
            let next = place + 1 < order.count ? common[place + 1] : 0
            if next > stack[stack.count - 1].length {
                stack.append(Open(length: next, first: Int32(place), before: Self.nothing))
            }
            join(&stack[stack.count - 1].before, symbol(before: order[place]))
            if lastOfOwner[owner] >= 0 { double(&stack, since: lastOfOwner[owner]) }
            lastOfOwner[owner] = Int32(place)
        }
    }

    private func symbol(before place: Int32) -> Int32 {
        // the ends of sequences are each its own
        place == 0 ? Self.various : text[Int(place) - 1]
    }

    private func join(_ known: inout Int32, _ other: Int32) {
        if known == Self.nothing {
            known = other
        } else if known != other {
            known = Self.various
        }
    }

    /// Counts a double in the innermost interval that also holds the suffix at `earlier`.
    private func double(_ stack: inout [Open], since earlier: Int32) {
        var (low, high) = (0, stack.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if stack[middle].first <= earlier { low = middle } else { high = middle - 1 }
        }
        stack[low].doubles += 1
    }

    /// Ends the intervals whose prefix is longer than what is shared with the suffix at `end`.
    private func close(
        _ stack: inout [Open], to shared: Int32, at end: Int32, _ length: Int, _ support: Int,
        _ take: (Repeat) -> Void
    ) {
        while let top = stack.last, top.length > shared {
            stack.removeLast()
            let leaves = end - top.first
            let sequences = leaves - top.doubles
            let isMaximal = top.before == Self.various
            if isMaximal, Int(top.length) >= length, Int(sequences) >= support {
                take(
                    Repeat(
                        place: order[Int(top.first)], length: top.length, support: sequences,
                        occurrences: leaves, first: top.first))
            }
            if stack[stack.count - 1].length < shared {
                stack.append(Open(length: shared, first: top.first, before: Self.nothing))
            }
            stack[stack.count - 1].doubles += top.doubles
            join(&stack[stack.count - 1].before, top.before)
        }
    }
}

extension RepeatIndex {
    /// In how many places numbers stand one after the other; O(length · log n).
    func count(of word: ArraySlice<Int32>) -> Int {
        boundary(word, after: true) - boundary(word, after: false)
    }

    /// The first place in the order whose suffix is not before the word, or not before all that begin
    /// with it.
    private func boundary(_ word: ArraySlice<Int32>, after: Bool) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            let sign = compare(Int(order[middle]), word)
            if sign < 0 || sign == 0 && after { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How the suffix at a place and the word are ordered: 0 where it begins with the word.
    private func compare(_ start: Int, _ word: ArraySlice<Int32>) -> Int {
        var place = start
        for number in word {
            guard place < text.count else { return -1 }
            if text[place] != number { return text[place] < number ? -1 : 1 }
            place += 1
        }
        return 0
    }
}
