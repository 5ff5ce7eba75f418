/// The forms of a mask's secrets, by how they are looked for.
struct SecretForms: Sendable {
    let plain: SecretPatterns
    /// Base64, which programs break into lines wherever a line is full.
    let broken: SecretPatterns
    /// Whether some form begins with a byte.
    let begins: [Bool]

    init(_ values: [String]) {
        let forms = values.map(SecretEncodings.init)
        plain = SecretPatterns(Set(forms.flatMap(\.plain)))
        broken = SecretPatterns(Set(forms.flatMap(\.base64)))
        begins = zip(plain.first, broken.first).map { $0 != 0 || $1 != 0 }
    }

    var isEmpty: Bool { plain.isEmpty }
}

/// A place in a text that is searched for secrets.
struct SecretMatcher {
    /// Bytes taken so far.
    private(set) var count = 0
    private var plain: Int32 = 0
    private var broken: Int32 = 0
    /// Where the last digits of base64 were; line ends are none.
    private var digits: [Int] = []
    /// Digits since the last other byte.
    private var run = 0
    /// Whether nothing but digits, and blanks before them, has come since the last line end.
    private var isBare = true
    /// Bytes since the end of a line of base64 that goes on; 0: there is none.
    private var gap = 0

    /// Whether all of the text is there, so that nobody waits for what is held back.
    private let isWhole: Bool

    /// Behind other text a line of base64 that goes on has so many digits at least; a bare one may
    /// be of any length (`base64 -w 8`). Most lines of prose end with fewer, so they are not held back.
    private static let longLine = 16
    /// A line end and the indentation of the next line have no more bytes than this.
    private static let longestGap = 64

    /// - Parameter isWhole: whether every line may be one of base64 that goes on.
    init(isWhole: Bool) { self.isWhole = isWhole }

    /// Whether nothing has begun that could become a secret.
    var isIdle: Bool { plain == 0 && broken == 0 }

    /// Takes bytes with which no secret begins, where nothing has begun.
    mutating func skip(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        let tail = bytes.suffix(Self.longLine + Self.longestGap)
        if tail.count < bytes.count {
            isBare = false
            run = 0
        }
        for byte in tail { see(byte) }
    }

    /// Keeps up with where the line stands.
    private mutating func see(_ byte: UInt8) {
        switch byte {
        case 0x0A, 0x0D:
            isBare = true
            run = 0
        case 0x20, 0x09:
            isBare = isBare && run == 0
            run = 0
        case _ where Self.isDigit(byte): run += 1
        default:
            isBare = false
            run = 0
        }
    }

    /// Takes one byte; gives where the longest secret begins that ends with it.
    mutating func next(_ byte: UInt8, in forms: SecretForms) -> Int? {
        let place = count
        count += 1
        plain = forms.plain.next(plain, byte)
        let length = forms.plain.match(at: plain)
        let start = length > 0 ? count - length : nil
        let goesOn = broken != 0 && goesOn(after: byte)
        see(byte)
        if goesOn {
            gap += 1
            return start
        }
        gap = 0
        broken = forms.broken.next(broken, byte)
        if broken == 0 {
            digits.removeAll(keepingCapacity: true)
            return start
        }
        digits.append(place)
        let digitCount = forms.broken.match(at: broken)
        let begin = digitCount > 0 ? digits[digits.count - digitCount] : nil
        let open = forms.broken.open(at: broken)
        if digits.count > 2 * open + 256 { digits.removeFirst(digits.count - open) }
        return [start, begin].compactMap { $0 }.min()
    }

    /// Where what may still become a secret begins; `count` where nothing has.
    func open(in forms: SecretForms) -> Int {
        let digitCount = forms.broken.open(at: broken)
        let begin = digitCount > 0 ? digits[digits.count - digitCount] : count
        return min(begin, count - forms.plain.open(at: plain))
    }

    /// Whether base64 that has begun goes on behind a byte which is no digit.
    private func goesOn(after byte: UInt8) -> Bool {
        switch byte {
        case 0x0A, 0x0D:
            gap > 0 ? gap < Self.longestGap : isWhole || isBare || run >= Self.longLine
        case 0x20, 0x09: gap > 0 && gap < Self.longestGap
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x2D, 0x5F: true
        default: false
        }
    }
}
