/// Runs a program over one text, all ways at once (Pike's machine): each character costs at most one
/// visit of each instruction, whatever the pattern.
struct Machine {
    private let program: Program
    private let text: UnsafeBufferPointer<UInt8>
    private var current: [Thread] = []
    private var next: [Thread] = []
    /// The round in which each instruction was last reached.
    private var reached: [Int]
    private var round = 0
    private var open: [Int] = []
    /// Instructions visited so far.
    private(set) var steps = 0

    private struct Thread {
        let place: Int
        let start: Int
    }

    init(_ program: Program, _ text: UnsafeBufferPointer<UInt8>) {
        self.program = program
        self.text = text
        reached = Array(repeating: -1, count: program.instructions.count)
        current.reserveCapacity(program.instructions.count)
        next.reserveCapacity(program.instructions.count)
    }

    /// The bytes of the leftmost match; of those that begin there, the one that comes first by the
    /// pattern's own order. With `anyEnd`, the first end found.
    mutating func search(anyEnd: Bool) -> Range<Int>? {
        var found: Range<Int>?
        var at = 0
        var before: UInt32?
        while true {
            if current.isEmpty {
                if found != nil || program.isAnchored && at > 0 { break }
                skip(&at, &before)
            }
            let (now, width) = scalar(at)
            if found == nil, !program.isAnchored || at == 0 {
                if current.isEmpty { round += 1 }
                add(0, start: at, before, now, to: \.current)
            }
            let after = at + width
            let (following, _) = scalar(after)
            round += 1
            next.removeAll(keepingCapacity: true)
            for index in current.indices {
                let thread = current[index]
                steps += 1
                switch program.instructions[thread.place] {
                case .match: found = thread.start..<at
                case .take(let ascii, let set):
                    guard let now,
                        now < 128
                            ? ascii.contains(now) : program.sets[set].contains(slowly: now)
                    else { continue }
                    add(thread.place + 1, start: thread.start, now, following, to: \.next)
                    continue
                default: continue
                }
                break
            }
            swap(&current, &next)
            if found != nil, anyEnd || current.isEmpty { break }
            guard now != nil else { break }
            before = now
            at = after
        }
        return found
    }

    /// Goes on to the next character with which a match can begin.
    private func skip(_ at: inout Int, _ before: inout UInt32?) {
        guard let first = program.firstASCII, !program.isAnchored else { return }
        while at < text.count, text[at] < 0x80, !first[Int(text[at])] {
            before = UInt32(text[at])
            at += 1
        }
    }

    /// Adds the threads that wait for a character, in their order, after all that take none.
    private mutating func add(
        _ place: Int, start: Int, _ before: UInt32?, _ after: UInt32?,
        to list: WritableKeyPath<Machine, [Thread]>
    ) {
        open.append(place)
        while let place = open.popLast() {
            guard reached[place] != round else { continue }
            reached[place] = round
            steps += 1
            switch program.instructions[place] {
            case .jump(let target): open.append(target)
            case .split(let one, let other):
                open.append(other)
                open.append(one)
            case .check(let assertion):
                if assertion.holds(between: before, after) { open.append(place + 1) }
            case .take, .match: self[keyPath: list].append(Thread(place: place, start: start))
            }
        }
    }

    /// The character at a byte and its bytes; nil at the end.
    @inline(__always)
    private func scalar(_ at: Int) -> (UInt32?, Int) {
        guard at < text.count else { return (nil, 0) }
        let byte = UInt32(text[at])
        if byte < 0x80 { return (byte, 1) }
        func rest(_ place: Int) -> UInt32 { UInt32(text[at + place]) & 0x3F }
        if byte < 0xE0 { return ((byte & 0x1F) << 6 | rest(1), 2) }
        if byte < 0xF0 { return ((byte & 0x0F) << 12 | rest(1) << 6 | rest(2), 3) }
        return ((byte & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3), 4)
    }
}
