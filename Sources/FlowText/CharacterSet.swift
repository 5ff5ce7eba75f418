/// The characters that one place of a pattern takes.
struct CharacterSet: Sendable, Hashable {
    private var isNegated = false
    private var isFolded = false
    /// Characters and ranges as written.
    private var ranges: [ClosedRange<UInt32>] = []
    /// Those of `\d`, `\w`, `\s`, which have no other case.
    private var classes: [ClosedRange<UInt32>] = []
    /// The answers for ASCII.
    private(set) var ascii = ASCII()

    /// A bit for each ASCII character.
    struct ASCII: Sendable, Hashable {
        fileprivate var low: UInt64 = 0
        fileprivate var high: UInt64 = 0

        /// For values below 128.
        @inline(__always)
        func contains(_ value: UInt32) -> Bool {
            (value < 64 ? low >> UInt64(value) : high >> UInt64(value - 64)) & 1 == 1
        }
    }

    init(
        _ ranges: [ClosedRange<UInt32>], classes: [ClosedRange<UInt32>] = [],
        isNegated: Bool = false, isFolded: Bool = false
    ) {
        self.ranges = ranges
        self.classes = classes
        self.isNegated = isNegated
        self.isFolded = isFolded
        for value in UInt32(0)..<128 where contains(slowly: value) {
            if value < 64 { ascii.low |= 1 << value } else { ascii.high |= 1 << (value - 64) }
        }
    }

    /// The one character that it takes; nil where there are others.
    var only: Unicode.Scalar? {
        guard !isNegated, !isFolded, classes.isEmpty, ranges.count == 1, ranges[0].count == 1 else {
            return nil
        }
        return Unicode.Scalar(ranges[0].lowerBound)
    }

    /// For any character, without the bits.
    func contains(slowly value: UInt32) -> Bool {
        let isInside =
            has(value, in: classes) || has(value, in: ranges)
            || isFolded && Self.otherCases(value).contains { has($0, in: ranges) }
        return isInside != isNegated
    }

    private func has(_ value: UInt32, in ranges: [ClosedRange<UInt32>]) -> Bool {
        ranges.contains { $0.contains(value) }
    }

    /// The characters that differ from it in case only (simple case folding).
    private static func otherCases(_ value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        let lower = single(scalar.properties.lowercaseMapping) ?? scalar
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        var cases = [lower, upper]
        cases += [
            single(lower.properties.uppercaseMapping), single(upper.properties.lowercaseMapping),
        ]
        .compactMap(\.self)
        switch lower {
        case "k": cases.append("\u{212A}")
        case "s": cases.append("\u{17F}")
        default: break
        }
        return cases.map(\.value)
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
}

extension CharacterSet {
    static let all: ClosedRange<UInt32> = 0...0x10FFFF
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    /// As in RE2: without the vertical tab.
    static let spaces: [ClosedRange<UInt32>] = [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]

    /// Every character outside the ranges, which are in order.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        return result + [next...all.upperBound]
    }
}
