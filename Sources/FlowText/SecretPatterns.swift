/// The automaton of Aho and Corasick ("Efficient string matching", 1975) over byte strings: one pass
/// finds all of them at once.
struct SecretPatterns: Sendable {
    /// A state is a beginning that some patterns share.
    private struct State {
        /// The byte that leads here.
        let byte: UInt8
        /// How long the beginning is.
        let depth: Int32
        var firstChild: Int32 = 0
        var sibling: Int32 = 0
        /// The longest end of this beginning that is itself a beginning.
        var shorter: Int32 = 0
        /// The length of the longest pattern that ends here; 0: none does.
        var match: Int32 = 0
        /// The length of the longest end of this beginning with which a longer pattern begins.
        var open: Int32 = 0
    }

    private var states = [State(byte: 0, depth: 0)]
    /// Where each byte leads from the empty beginning.
    private(set) var first = [Int32](repeating: 0, count: 256)

    var isEmpty: Bool { states.count == 1 }

    init(_ patterns: Set<[UInt8]>) {
        for pattern in patterns { add(pattern) }
        link()
    }

    private mutating func add(_ pattern: [UInt8]) {
        var state: Int32 = 0
        for byte in pattern {
            if let next = child(of: state, byte) {
                state = next
                continue
            }
            let new = Int32(states.count)
            states.append(State(byte: byte, depth: states[Int(state)].depth + 1))
            if state == 0 {
                first[Int(byte)] = new
            } else {
                states[Int(new)].sibling = states[Int(state)].firstChild
                states[Int(state)].firstChild = new
            }
            state = new
        }
        states[Int(state)].match = states[Int(state)].depth
    }

    /// Finds for each state its longest proper end, the shorter ones first.
    private mutating func link() {
        var open = first.filter { $0 != 0 }
        var done = 0
        while done < open.count {
            let state = open[done]
            done += 1
            var child = states[Int(state)].firstChild
            let shorter = Int(states[Int(state)].shorter)
            states[Int(state)].open = child == 0 ? states[shorter].open : states[Int(state)].depth
            while child != 0 {
                let end = next(states[Int(state)].shorter, states[Int(child)].byte)
                states[Int(child)].shorter = end
                states[Int(child)].match = max(states[Int(child)].match, states[Int(end)].match)
                open.append(child)
                child = states[Int(child)].sibling
            }
        }
    }

    private func child(of state: Int32, _ byte: UInt8) -> Int32? {
        if state == 0 {
            let next = first[Int(byte)]
            return next == 0 ? nil : next
        }
        var child = states[Int(state)].firstChild
        while child != 0, states[Int(child)].byte != byte { child = states[Int(child)].sibling }
        return child == 0 ? nil : child
    }

    /// The state after one more byte. Costs O(1) on average over a text.
    func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        var state = state
        while state != 0 {
            if let next = child(of: state, byte) { return next }
            state = states[Int(state)].shorter
        }
        return first[Int(byte)]
    }

    /// How many of the last bytes may still become a pattern.
    func open(at state: Int32) -> Int { Int(states[Int(state)].open) }

    /// How many of the last bytes are a pattern; 0: none.
    func match(at state: Int32) -> Int { Int(states[Int(state)].match) }
}
