/// Runs a program over one text, all ways at once (Pike's machine): each character costs at most one
/// visit of each instruction, whatever the pattern.
///
/// Its lists are plain memory of the program's length: an instruction enters a list once a round, and
/// each that is reached for the first time leaves at most two on the stack, so none can overflow.
struct Machine: ~Copyable {
    private let program: Program
    private let text: UnsafeBufferPointer<UInt8>
    private let instructions: UnsafeBufferPointer<Program.Instruction>
    private var current: UnsafeMutablePointer<Thread>
    private var currentCount = 0
    private var next: UnsafeMutablePointer<Thread>
    private var nextCount = 0
    /// The round in which each instruction was last reached.
    private let reached: UnsafeMutablePointer<Int>
    private var round = 0
    private let open: UnsafeMutablePointer<Int>
    /// Instructions visited so far.
    private(set) var steps = 0

    private struct Thread {
        let place: Int
        let start: Int
    }

    /// - Parameter instructions: Those of the program, which outlive the machine as the text does.
    init(
        _ program: Program, _ instructions: UnsafeBufferPointer<Program.Instruction>,
        _ text: UnsafeBufferPointer<UInt8>
    ) {
        self.program = program
        self.text = text
        self.instructions = instructions
        current = .allocate(capacity: instructions.count)
        next = .allocate(capacity: instructions.count)
        reached = .allocate(capacity: instructions.count)
        reached.initialize(repeating: -1, count: instructions.count)
        open = .allocate(capacity: 2 * instructions.count + 1)
    }

    deinit {
        current.deallocate()
        next.deallocate()
        reached.deallocate()
        open.deallocate()
    }

    /// The bytes of the leftmost match; of those that begin there, the one that comes first by the
    /// pattern's own order. With `anyEnd`, the first end found.
    /// - Parameter start: the byte to begin at, where a character begins; what stands before it counts
    ///   for `^` and `\b`.
    mutating func search(anyEnd: Bool, from start: Int = 0) -> Range<Int>? {
        var found: Range<Int>?
        var at = start
        var before = scalar(before: start)
        nextCount = 0
        while true {
            // `next` holds the threads that have come to this place.
            if nextCount == 0 {
                if found != nil || program.isAnchored && at > 0 { break }
                skip(&at, &before)
                round += 1
            }
            let (now, width) = scalar(at)
            if found == nil, !program.isAnchored || at == 0 { add(0, start: at, before, now) }
            swap(&current, &next)
            currentCount = nextCount
            nextCount = 0
            round += 1
            let (following, _) = scalar(at + width)
            if let start = step(now, following) {
                found = start..<at
                if anyEnd { break }
            }
            guard now != nil else { break }
            before = now
            at += width
        }
        return found
    }

    /// Moves the threads over a character, the first in order first.
    /// - Returns: The start of the thread that has come to its end here; those after it are dropped.
    private mutating func step(_ now: UInt32?, _ following: UInt32?) -> Int? {
        steps += currentCount
        for index in 0..<currentCount {
            let thread = current[index]
            guard case .take(let ascii, let set) = instructions[thread.place] else {
                return thread.start
            }
            guard let now,
                now < 128 ? ascii.contains(now) : program.sets[set].contains(slowly: now)
            else { continue }
            add(thread.place + 1, start: thread.start, now, following)
        }
        return nil
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
        _ place: Int, start: Int, _ before: UInt32?, _ after: UInt32?
    ) {
        open[0] = place
        var openCount = 1
        while openCount > 0 {
            openCount -= 1
            let place = open[openCount]
            guard reached[place] != round else { continue }
            reached[place] = round
            steps += 1
            switch instructions[place] {
            case .jump(let target):
                open[openCount] = target
                openCount += 1
            case .split(let one, let other):
                open[openCount] = other
                open[openCount + 1] = one
                openCount += 2
            case .check(let assertion):
                if assertion.holds(between: before, after) {
                    open[openCount] = place + 1
                    openCount += 1
                }
            case .take, .match:
                next[nextCount] = Thread(place: place, start: start)
                nextCount += 1
            }
        }
    }

    private func scalar(before end: Int) -> UInt32? {
        var at = end - 1
        while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
        return at < 0 ? nil : scalar(at).0
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
