internal import FlowSystem

/// How much there was in some time, when the first and the last of it was, and in which releases.
struct DayTotal: Sendable, Hashable {
    var count = 0
    var first = Timestamp(microseconds: .max)
    var last = Timestamp(microseconds: .min)
    var releases = ReleaseTotals()

    mutating func add(_ other: DayTotal) {
        count += other.count
        first = min(first, other.first)
        last = max(last, other.last)
        releases.merge(other.releases)
    }

    /// One record's.
    mutating func add(_ count: Int, at time: Timestamp, release: ReleaseName?) {
        self.count += count
        first = min(first, time)
        last = max(last, time)
        if let release {
            releases.add(
                ReleaseTotals.Total(release: release, count: count, first: time, last: time))
        }
    }
}

/// Totals by UTC day.
///
/// Of a clock that jumps about, only the days nearest to the one of the reading are kept apart:
/// `most` of them at least, twice as many at most. All others are one day before or one after all
/// days, so that the first, the last and the sum stay exact. Which days are near depends on nothing
/// but themselves, so neither order nor shards change those that are kept.
struct DayTotals: Sendable, Hashable {
    static let most = 400
    /// Where days long before and long after the others are counted: no day of a year from 1 to 9999.
    static let before = -1_000_000
    static let after = 4_000_000

    private(set) var byDay: [Int: DayTotal] = [:]

    /// Days of their own, without the two that stand for many.
    var days: some Sequence<Int> {
        byDay.keys.lazy.filter { $0 != Self.before && $0 != Self.after }
    }

    /// - Parameter center: the day of the reading; of days in excess those far from it go.
    mutating func add(_ count: Int, at time: Timestamp, release: ReleaseName?, center: Int) {
        byDay[time.day, default: DayTotal()].add(count, at: time, release: release)
        if byDay.count > 2 * Self.most { trim(center) }
    }

    mutating func merge(_ other: DayTotals, center: Int) {
        for (day, total) in other.byDay { byDay[day, default: DayTotal()].add(total) }
        if byDay.count > 2 * Self.most { trim(center) }
    }

    mutating func set(_ total: DayTotal, on day: Int) { byDay[day] = total }

    private mutating func trim(_ center: Int) {
        let sorted = days.sorted { (abs($0 - center), $0) < (abs($1 - center), $1) }
        for day in sorted.dropFirst(Self.most) {
            guard let total = byDay.removeValue(forKey: day) else { continue }
            byDay[day < center ? Self.before : Self.after, default: DayTotal()].add(total)
        }
    }
}

/// What a release is called, and its hash.
struct ReleaseName: Sendable, Hashable {
    let text: String
    let hash: UInt64

    /// Bytes of a name that count.
    static let longest = 100

    init(_ text: String) {
        self.text = text
        hash = FNV.hash(text)
    }

    /// A record's release as it may be kept: nothing secret in it. What the privacy mask would change
    /// (a date of fourteen digits may pass for a card) is told apart by a hash.
    init(of raw: String) {
        let cut = raw.prefixOfBytes(Self.longest)
        let masked = PrivacyMask.masked(cut)
        self.init(masked == cut ? cut : "\(masked) \(String(FNV.hash(raw) >> 32, radix: 16))")
    }

    static func precedes(_ one: ReleaseName, _ other: ReleaseName) -> Bool {
        one.hash == other.hash
            ? one.text.utf8.lexicographicallyPrecedes(other.text.utf8) : one.hash < other.hash
    }
}

/// The names of the releases that were read last, since masking them costs more than counting.
struct ReleaseNames: Sendable {
    private var known: [String: ReleaseName] = [:]
    private static let most = 64

    mutating func name(of raw: String) -> ReleaseName {
        if let name = known[raw] { return name }
        if known.count == Self.most { known = [:] }
        let name = ReleaseName(of: raw)
        // a long text would cost more to look up and to keep
        if raw.utf8.count <= ReleaseName.longest { known[raw] = name }
        return name
    }
}

/// Counts by release, of up to sixteen releases a day.
///
/// Where one day has more, those with the least hash keep their name; so the same ones are kept, with
/// all their counts, in whatever order records came and however they were dealt out.
struct ReleaseTotals: Sendable, Hashable {
    struct Total: Sendable, Hashable {
        let release: ReleaseName
        var count: Int
        var first: Timestamp
        var last: Timestamp
    }

    static let most = 16

    /// By hash.
    private(set) var totals: [Total] = []

    var byName: [String: Int] {
        Dictionary(totals.map { ($0.release.text, $0.count) }, uniquingKeysWith: +)
    }

    mutating func merge(_ other: ReleaseTotals) {
        if totals.isEmpty {
            totals = other.totals
        } else {
            for total in other.totals { add(total) }
        }
    }

    mutating func add(_ new: Total) {
        var place = 0
        while place < totals.count, ReleaseName.precedes(totals[place].release, new.release) {
            place += 1
        }
        if place < totals.count, totals[place].release == new.release {
            totals[place].count += new.count
            totals[place].first = min(totals[place].first, new.first)
            totals[place].last = max(totals[place].last, new.last)
        } else if place < Self.most {
            totals.insert(new, at: place)
            if totals.count > Self.most { totals.removeLast() }
        }
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every process.
enum FNV {
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension String {
    /// The first bytes, cut between two scalars.
    func prefixOfBytes(_ limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var bytes = Array(utf8.prefix(limit))
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
