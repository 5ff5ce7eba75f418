package import FlowJSON

extension JudgedSeries {
    /// A line that is no series, in words.
    package struct LineError: Error, Sendable, Hashable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// Reads `{id, before: [[hits, exposure]…], after: [[hits, exposure]…], control?: {before,
    /// after}}`: one pair a day, oldest first, null for a day that was not read.
    ///
    /// The first day after deployment follows the last one before. The length of `after` says which
    /// look is meant.
    /// - Throws: `LineError`, naming the member and day.
    package init(json: JSON) throws(LineError) {
        guard let object = json.objectValue else {
            throw LineError(
                message: "this is of type \(json.typeName): give an object with id, before, after")
        }
        guard let id = object["id"]?.stringValue, !id.isEmpty else {
            throw LineError(message: "id is missing: a text that names the skill")
        }
        let before = try Self.days(object, "before", from: 0, in: "")
        let firstDay = before.length
        let after = try Self.days(object, "after", from: firstDay, in: "")
        var control: Control?
        if let value = object["control"], !value.isNull {
            guard let object = value.objectValue else {
                throw LineError(message: "control is \(value.typeName), not {before, after}")
            }
            control = Control(
                before: try Self.days(object, "before", from: 0, in: "control.").days,
                after: try Self.days(object, "after", from: firstDay, in: "control.").days)
        }
        self.init(
            id: id, before: before.days, after: after.days, control: control, firstDay: firstDay,
            closedDays: after.length)
    }

    private static func days(
        _ object: JSONObject, _ key: String, from first: Int, in owner: String
    ) throws(LineError) -> (days: [DayRate], length: Int) {
        guard let value = object[key] else {
            throw LineError(
                message: "\(owner)\(key) is missing: a list of [hits, exposure], one a day")
        }
        guard let list = value.arrayValue else {
            throw LineError(
                message: "\(owner)\(key) is \(value.typeName), not a list of [hits, exposure]")
        }
        var days: [DayRate] = []
        for (offset, pair) in list.enumerated() where !pair.isNull {
            let place = "\(owner)\(key)[\(offset)]"
            days.append(try day(pair, first + offset, place: place))
        }
        return (days, list.count)
    }

    private static func day(
        _ pair: JSON, _ day: Int, place: String
    ) throws(LineError) -> DayRate {
        guard let values = pair.arrayValue, values.count == 2 else {
            throw LineError(
                message:
                    "\(place) is not a pair [hits, exposure], or null for a day that was not read")
        }
        guard let hits = values[0].intValue, (0...1_000_000_000).contains(hits) else {
            throw LineError(
                message: "\(place) has \(values[0].text()) hits: give a whole number from 0 to 10^9"
            )
        }
        guard let exposure = values[1].doubleValue, exposure >= 1e-9, exposure <= 1e15 else {
            throw LineError(
                message:
                    "\(place) has exposure \(values[1].text()): give a number above 0, between "
                    + "10^-9 and 10^15, 1 where it is not known, or null for a day that was not read"
            )
        }
        return DayRate(day: day, hits: hits, exposure: exposure)
    }
}
