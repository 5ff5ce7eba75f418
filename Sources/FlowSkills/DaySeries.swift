/// What is counted on one day, of which two readings may differ.
package protocol DayCounts: Sendable, Hashable {
    /// Of two readings of one day the one that saw more; the same whatever their order.
    func join(_ other: Self) -> Self
}

extension Int: DayCounts {
    package func join(_ other: Int) -> Int { Swift.max(self, other) }
}

/// Counts by UTC day and release, packed: 10,000 skills over a year must fit into memory.
package struct DaySeries<Counts: DayCounts>: Sendable, Hashable {
    /// Which of a day's records were counted.
    package enum Share: Sendable, Hashable {
        /// All of them, whatever release they name.
        case whole
        /// Those that name no release.
        case unnamed
        case release(String)

        package init(release: String?) { self = release.map(Self.release) ?? .unnamed }

        /// nil where none is named.
        package var release: String? {
            if case .release(let name) = self { name } else { nil }
        }

        /// The place of a cell that has it.
        /// - Parameter index: where a release stands in the list of names.
        func place(_ index: (String) -> Int) -> Int32 {
            switch self {
            case .whole: -1
            case .unnamed: 0
            case .release(let name): Int32(index(name) + 1)
            }
        }
    }

    /// What was read of one day.
    struct Reading {
        let day: Int
        let share: Share
        let counts: Counts
    }

    /// The same, packed; `place` is -1 for the whole day, 0 where no release is named, else that of the
    /// release in a list of names, from 1.
    struct Cell: Sendable, Hashable {
        let day: Int32
        var place: Int32
        var counts: Counts

        static func precedes(_ one: Cell, _ other: Cell) -> Bool {
            one.day == other.day ? one.place < other.place : one.day < other.day
        }
    }

    /// By day and place, each pair once.
    private(set) var cells: [Cell]
    /// Sorted.
    private(set) var releases: [String]

    /// - Parameters:
    ///   - cells: in any order, days repeated or not.
    ///   - names: what their places mean; others' names may be among them.
    init(_ cells: [Cell] = [], names: [String] = []) {
        let used = Set(cells.lazy.map(\.place).filter { $0 > 0 })
        releases = Set(used.map { names[Int($0) - 1] }).sorted()
        self.cells = cells
        if !used.isEmpty {
            var places = [Int32](repeating: 0, count: names.count + 1)
            let sorted = Dictionary(
                uniqueKeysWithValues: releases.enumerated().map { ($1, Int32($0 + 1)) })
            for old in used { places[Int(old)] = sorted[names[Int(old) - 1]] ?? 0 }
            for index in self.cells.indices where self.cells[index].place > 0 {
                self.cells[index].place = places[Int(self.cells[index].place)]
            }
        }
        sort()
    }

    private mutating func sort() {
        var isSorted = true
        for (one, next) in zip(cells, cells.dropFirst()) where !Cell.precedes(one, next) {
            isSorted = false
            break
        }
        if isSorted { return }
        cells.sort(by: Cell.precedes)
        var kept = 0
        for index in cells.indices.dropFirst() {
            let cell = cells[index]
            if cells[kept].day == cell.day, cells[kept].place == cell.place {
                cells[kept].counts = cells[kept].counts.join(cell.counts)
            } else {
                kept += 1
                cells[kept] = cell
            }
        }
        cells.removeSubrange((kept + 1)...)
    }

    /// This series and further readings.
    func adding(_ readings: [Reading]) -> DaySeries {
        var names = releases
        var all = cells
        for reading in readings {
            let place = reading.share.place { name in
                if let known = names.firstIndex(of: name) { return known }
                names.append(name)
                return names.count - 1
            }
            all.append(Cell(day: Int32(reading.day), place: place, counts: reading.counts))
        }
        return DaySeries(all, names: names)
    }

    /// What one share of a day is known to have; nil where it was not read. Costs O(log cells).
    package func counts(_ day: Int, _ share: Share) -> Counts? {
        // no cell has the place behind all names
        let place = share.place { releases.firstIndex(of: $0) ?? releases.count }
        return cells[first(day)...].prefix { $0.day == day }.first { $0.place == place }?.counts
    }

    /// The first index whose day is not before `day`.
    func first(_ day: Int) -> Int {
        var low = 0
        var high = cells.count
        while low < high {
            let middle = (low + high) / 2
            if cells[middle].day < day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What is known of some days, in their order. Costs O(log cells) and what is left out.
    /// - Parameter wanted: only what names one of these releases; nil: everything.
    func cells(of days: Range<Int>, releases wanted: Set<String>?) -> ArraySlice<Cell> {
        let known = cells[first(days.lowerBound)..<first(days.upperBound)]
        guard let wanted else { return known }
        let isWanted = [false] + releases.map(wanted.contains)
        // a whole day cannot be told apart by release
        return known.filter { $0.place >= 0 && isWanted[Int($0.place)] }[...]
    }

    /// The last day of which something is known and that is wanted.
    package func lastDay(where isWanted: (Int) -> Bool) -> Int? {
        cells.last { isWanted(Int($0.day)) }.map { Int($0.day) }
    }

    /// The first day of which each release is known, by its place from 1.
    var firstDays: [Int] {
        var days = [Int](repeating: .max, count: releases.count)
        for cell in cells where cell.place > 0 {
            days[Int(cell.place) - 1] = min(days[Int(cell.place) - 1], Int(cell.day))
        }
        return days
    }
}

/// What a component wrote on one day.
package struct ComponentCounts: DayCounts {
    /// All records, whatever their level.
    package var records: Int
    /// Those that are errors.
    package var errors: Int
    /// Errors for which no skill was ever approved.
    package var untouched: Int

    package init(records: Int, errors: Int, untouched: Int) {
        self.records = records
        self.errors = errors
        self.untouched = untouched
    }

    /// Of equal readings the one that knows of more skills holds: it has fewer untouched errors.
    package func join(_ other: ComponentCounts) -> ComponentCounts {
        (records, errors, -untouched) < (other.records, other.errors, -other.untouched)
            ? other : self
    }
}
