internal import FlowMining
internal import FlowSystem

/// The closed days of a signature as bars: one a day or, over more than a month, one a week.
package struct Timeline {
    package struct Bar {
        /// The day, or the first of the week.
        package let date: String
        /// nil: nothing of the component was read.
        package let hits: Int?
    }

    package let isWeekly: Bool
    /// Oldest first, from the first day with an error on.
    package let bars: [Bar]

    /// Days of a month at most.
    private static let most = 31

    /// - Parameter last: the last day of the picture.
    init(_ signature: Signature, until last: Int) {
        guard let first = signature.daily.first?.day, first <= last else {
            (isWeekly, bars) = (false, [])
            return
        }
        let read = Set(signature.exposure.map(\.day))
        isWeekly = last - first >= Self.most
        let length = isWeekly ? 7 : 1
        // weeks end on the last day
        let start = last + 1 - (last - first + length) / length * length
        bars = stride(from: start, through: last, by: length).map { from in
            let days = from..<(from + length)
            let hits = signature.daily.filter { days.contains($0.day) }.reduce(0) { $0 + $1.count }
            let isKnown = hits > 0 || days.contains(where: read.contains)
            return Bar(date: Timestamp(day: from).date, hits: isKnown ? hits : nil)
        }
    }
}

extension Signature {
    /// Errors in 1,000 records of the component, on the days of which its records are counted; nil
    /// where there are none.
    var ratePer1000: Double? {
        let read = Set(exposure.map(\.day))
        let records = exposure.reduce(0) { $0 + $1.count }
        let hits = daily.filter { read.contains($0.day) }.reduce(0) { $0 + $1.count }
        return records > 0 ? Double(hits) / Double(records) * 1_000 : nil
    }
}
