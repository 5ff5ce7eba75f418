internal import FlowJSON
internal import FlowSystem

extension DayTotals {
    /// A row a day, oldest first: `[day, count, first, last]`, and where there are releases their
    /// rows, `[name, count, first, last]`; times in microseconds.
    var json: JSON {
        .array(
            byDay.sorted { $0.key < $1.key }.map { day, total in
                let releases = total.releases.totals.map { total -> JSON in
                    .array(
                        [.string(total.release.text)]
                            + Self.numbers(total.count, total.first, total.last))
                }
                return .array(
                    [.integer(day)] + Self.numbers(total.count, total.first, total.last)
                        + (releases.isEmpty ? [] : [.array(releases)]))
            })
    }

    private static func numbers(_ count: Int, _ first: Timestamp, _ last: Timestamp) -> [JSON] {
        [
            .integer(count), .integer(Int(first.microseconds)), .integer(Int(last.microseconds)),
        ]
    }

    /// Reads what `json` wrote; nil where it is damaged.
    init?(json: JSON) {
        guard let rows = json.arrayValue else { return nil }
        for row in rows {
            guard let fields = row.arrayValue, fields.count == 4 || fields.count == 5,
                let day = fields[0].intValue, let total = Self.total(fields[1...])
            else { return nil }
            set(total, on: day)
        }
    }

    private static func total(_ fields: ArraySlice<JSON>) -> DayTotal? {
        let numbers = fields.prefix(3).compactMap(\.intValue)
        guard numbers.count == 3 else { return nil }
        var total = DayTotal(
            count: numbers[0], first: Timestamp(microseconds: Int64(numbers[1])),
            last: Timestamp(microseconds: Int64(numbers[2])))
        for release in fields.dropFirst(3).first?.arrayValue ?? [] {
            guard let row = release.arrayValue, row.count == 4, let name = row[0].stringValue,
                let own = Self.total(row[1...])
            else { return nil }
            total.releases.add(
                ReleaseTotals.Total(
                    release: ReleaseName(name), count: own.count, first: own.first, last: own.last))
        }
        return total
    }
}
