/// A pattern as instructions for the machine (Thompson's construction, as in Russ Cox, "Regular
/// Expression Matching: the Virtual Machine Approach", 2009).
struct Program: Sendable {
    enum Instruction: Sendable {
        /// A character of the set with this number; `ascii` answers without a look at it.
        case take(ascii: CharacterSet.ASCII, set: Int)
        /// Both ways, the first before the second.
        case split(Int, Int)
        case jump(Int)
        case check(Assertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [CharacterSet] = []
    /// Whether a match can begin at the start of the text only.
    private(set) var isAnchored = false
    /// The ASCII characters with which a match can begin; nil where it could be empty.
    private(set) var firstASCII: [Bool]?
    /// With 100 characters of text, at most a million steps.
    static let largest = 10_000

    init(_ pattern: Pattern) throws(RegexError) {
        try emit(pattern)
        try append(.match)
        isAnchored = Self.isAnchored(pattern)
        firstASCII = first()
    }

    private mutating func append(_ instruction: Instruction) throws(RegexError) {
        guard instructions.count < Self.largest else {
            throw RegexError(
                code: .tooLarge,
                message: "the pattern needs more than \(Self.largest) steps once its repetitions "
                    + "are written out; repeat less",
                offset: 0)
        }
        instructions.append(instruction)
    }

    private mutating func emit(_ pattern: Pattern) throws(RegexError) {
        switch pattern {
        case .empty: break
        case .set(let set):
            try append(.take(ascii: set.ascii, set: sets.count))
            sets.append(set)
        case .assertion(let assertion): try append(.check(assertion))
        case .sequence(let parts): for part in parts { try emit(part) }
        case .choice(let branches): try emit(branches)
        case .repetition(let part, let least, let most, let isGreedy):
            try emit(part, least, most, isGreedy)
        }
    }

    private mutating func emit(_ branches: [Pattern]) throws(RegexError) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = instructions.count
            try append(.split(split + 1, 0))
            try emit(branch)
            jumps.append(instructions.count)
            try append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = branches.last { try emit(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emit(
        _ part: Pattern, _ least: Int, _ most: Int?, _ isGreedy: Bool
    ) throws(RegexError) {
        guard let most else {
            for _ in 0..<max(0, least - 1) { try emit(part) }
            return try emitLoop(part, isOptional: least == 0, isGreedy)
        }
        for _ in 0..<least { try emit(part) }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(instructions.count)
            try append(.split(0, 0))
            try emit(part)
        }
        for split in splits { set(split, body: split + 1, isGreedy) }
    }

    /// `(part+)`, or `(part+)?`, which says the same as `part*` also for an empty part.
    private mutating func emitLoop(
        _ part: Pattern, isOptional: Bool, _ isGreedy: Bool
    ) throws(RegexError) {
        let entry = instructions.count
        if isOptional { try append(.split(0, 0)) }
        let body = instructions.count
        try emit(part)
        let again = instructions.count
        try append(.split(0, 0))
        set(again, body: body, isGreedy)
        if isOptional { set(entry, body: body, isGreedy) }
    }

    /// Leads a split to its body or behind all that has been written.
    private mutating func set(_ split: Int, body: Int, _ isGreedy: Bool) {
        let exit = instructions.count
        instructions[split] = isGreedy ? .split(body, exit) : .split(exit, body)
    }

    private static func isAnchored(_ pattern: Pattern) -> Bool {
        switch pattern {
        case .assertion(.textStart): true
        case .sequence(let parts): parts.first.map(isAnchored) ?? false
        case .choice(let branches): branches.allSatisfy(isAnchored)
        case .repetition(let part, let least, _, _): least > 0 && isAnchored(part)
        default: false
        }
    }

    /// Follows every way from the start up to the first character.
    private func first() -> [Bool]? {
        var result = Array(repeating: false, count: 128)
        var seen: Set<Int> = []
        var open = [0]
        while let place = open.popLast() {
            guard seen.insert(place).inserted else { continue }
            switch instructions[place] {
            case .match: return nil
            case .take(let ascii, _):
                for value in 0..<128 where ascii.contains(UInt32(value)) { result[value] = true }
            case .split(let one, let other): open += [one, other]
            case .jump(let target): open.append(target)
            case .check: open.append(place + 1)
            }
        }
        return result
    }
}
