/// A word of up to 16 bytes in two machine words, so that looking it up hashes no memory.
struct PackedWord: Equatable {
    let low: UInt64
    let high: UInt64

    private init(_ byte: (Int) -> UInt8, count: Int) {
        // a longer word equals none of the lists
        var (low, high) = (UInt64(0), count > 16 ? UInt64.max : 0)
        for place in 0..<min(count, 16) {
            if place < 8 {
                low |= UInt64(byte(place)) << (8 * UInt64(place))
            } else if count <= 16 {
                high |= UInt64(byte(place)) << (8 * UInt64(place - 8))
            }
        }
        (self.low, self.high) = (low, high)
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        self.init({ bytes[start + $0] }, count: end - start)
    }

    init(lowercase bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        self.init({ ASCII.lower(bytes[start + $0]) }, count: end - start)
    }

    init(_ word: String) {
        let bytes = Array(word.utf8)
        self.init({ bytes[$0] }, count: bytes.count)
    }
}

/// A few words, looked up without the library's keyed hash, which would be a tenth of the lexer.
struct WordSet: Sendable {
    /// Twice as many as words at least, a power of two; the words are known, and so are collisions.
    private let slots: [PackedWord?]

    init(_ words: String) {
        let list = words.split(separator: " ").map { PackedWord(String($0)) }
        var size = 4
        while size < 2 * list.count { size *= 2 }
        var slots = [PackedWord?](repeating: nil, count: size)
        for word in list {
            var place = Self.place(word, size)
            while slots[place] != nil { place = (place + 1) & (size - 1) }
            slots[place] = word
        }
        self.slots = slots
    }

    func contains(_ word: PackedWord) -> Bool {
        var place = Self.place(word, slots.count)
        while let found = slots[place] {
            if found == word { return true }
            place = (place + 1) & (slots.count - 1)
        }
        return false
    }

    /// Multiplicative hashing (Knuth, The Art of Computer Programming, 6.4).
    private static func place(_ word: PackedWord, _ size: Int) -> Int {
        let mixed = (word.low ^ word.high &* 0x9E37_79B9_7F4A_7C15) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 40) & (size - 1)
    }
}

/// The closed lists of words that the lexer knows.
///
/// A class with one instance: each lexer holds it, so that no lookup goes through a global.
final class Words: Sendable {
    static let standard = Words()

    private init() {}

    let days = WordSet(
        "Mon Tue Wed Thu Fri Sat Sun Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
    let months = WordSet(
        """
        Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec January February March April June July \
        August September October November December
        """)
    let zones = WordSet("UTC GMT EST EDT CST CDT MST MDT PST PDT CET CEST BST")
    /// Last parts of names of hosts.
    let domains = WordSet(
        """
        com net org edu gov mil int io cn de uk ru jp br fr it nl es pl tw kr hk us ca au in eu \
        info biz local localdomain lan internal
        """)
    /// Last parts of names of files.
    let files = WordSet(
        """
        c cc cpp h hpp py js mjs cjs ts java kt swift go rs rb php sh sql txt csv tsv log conf cfg \
        ini env yaml yml json xml html htm css toml lock md pdf png jpg jpeg gif svg zip gz tgz bz2 \
        xz zst tar jar war whl deb rpm so dll exe db sqlite tmp bak pem crt key pid sock service
        """)
    /// Values that need no name to be values.
    let booleans = WordSet("true false")
    let literals = WordSet("true false null nil none nan undefined")
    let units = WordSet(
        """
        b B kb kB Kb KB mb mB Mb MB gb gB Gb GB tb tB Tb TB pb pB Pb PB kib kiB Kib KiB mib miB Mib \
        MiB gib giB Gib GiB tib tiB Tib TiB pib piB Pib PiB b/s B/s bps Bps kb/s kB/s Kb/s KB/s Mb/s \
        MB/s Gb/s GB/s kbps Kbps kBps KBps Mbps MBps Gbps GBps k K M G T Ki Mi Gi Ti ki Hz kHz MHz GHz s ms us \
        ns µs sec secs min mins hr hrs h AM PM am pm
        """)
    /// The methods of HTTP (RFC 9110).
    let methods = WordSet("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH")
    /// After these words stands a name.
    static let names: Set<String> = ["user", "username", "account", "host", "hostname"]
}

/// Words that name a state or an action: a choice of a few, however many there are.
enum StateWords {
    static func contains(_ word: String) -> Bool {
        if list.contains(word.lowercased()) { return true }
        let bytes = Array(word.utf8)
        let letters = bytes.allSatisfy(MessagePieces.isLetter)
        if bytes.count > 1, bytes[0] &- 0x41 < 26,
            bytes.allSatisfy({ $0 &- 0x41 < 26 })
        {
            return true
        }
        if letters {
            for ending in ["ed", "ing", "able", "ible", "ful"]
            where bytes.count > ending.utf8.count && word.hasSuffix(ending) {
                return true
            }
        }
        return failures.contains { bytes.count >= $0.count && bytes.suffix($0.count) == $0[...] }
    }

    /// Whether the name ends as the names of exceptions do.
    static func endsInFailure(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) -> Bool {
        ASCII.matches("Exception", in: bytes, max(start, end - 9))
            && end - start >= 9
            || ASCII.matches("Error", in: bytes, max(start, end - 5)) && end - start >= 5
            || ASCII.matches("Failure", in: bytes, max(start, end - 7)) && end - start >= 7
            || ASCII.matches("Fault", in: bytes, max(start, end - 5)) && end - start >= 5
            || ASCII.matches("Warning", in: bytes, max(start, end - 7)) && end - start >= 7
    }

    private static let failures = ["Exception", "Error", "Failure", "Fault", "Warning"]
        .map { Array($0.utf8) }

    private static let list: Set<String> = Set(
        """
        ok on off up down open close start stop begin end enter exit leave add remove create delete \
        get set put read write load save send connect disconnect pause resume run idle busy active \
        ready done new old good bad high low first last min max in out yes no none all any success \
        failure error warning info debug normal critical startup shutdown reboot reset attach detach \
        mount unmount enable disable online offline unknown pending init input output left right
        """.split(separator: " ").map(String.init))
}
