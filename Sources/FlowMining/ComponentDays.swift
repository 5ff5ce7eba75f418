package import FlowJSON
internal import FlowSystem

/// What one component wrote on the closed days that were read of it; a day that is missing was not
/// read, which is not zero.
package struct ComponentDays: Sendable, Hashable {
    package let component: String
    /// All records, whatever their level, the oldest day first.
    package let records: [Signature.DayCount]
    /// Those that are errors; a day of `records` that is missing here had none.
    package let errors: [Signature.DayCount]

    package init(
        component: String, records: [Signature.DayCount], errors: [Signature.DayCount]
    ) {
        self.component = component
        self.records = records
        self.errors = errors
    }

    package var json: JSON {
        [
            "component": .string(component),
            "records": Signature.DayCount.json(records, "count"),
            "errors": Signature.DayCount.json(errors, "count"),
        ]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument`.
    package init(json: JSON) throws(MiningError) {
        guard let component = json["component"]?.stringValue,
            let records = Signature.DayCount.list(json["records"], "count"),
            let errors = Signature.DayCount.list(json["errors"], "count")
        else {
            throw MiningError(
                .badDocument, doing: "read a component's days",
                "a member is missing or of the wrong type; mine again")
        }
        self.init(component: component, records: records, errors: errors)
    }
}

extension MinedGroups {
    /// What each component wrote within a window, by name.
    package func components(_ window: Miner.Window) -> [ComponentDays] {
        miner.components(window)
    }
}

extension Miner {
    fileprivate func components(_ window: Window) -> [ComponentDays] {
        var errors: [String: DayTotals] = [:]
        for (part, entries) in parts {
            for entry in entries.values {
                errors[part.component, default: DayTotals()].merge(entry.days, center: center)
            }
        }
        let today = window.now.day
        return exposure.sorted { $0.key < $1.key }.map { component, days in
            ComponentDays(
                component: component,
                records: Self.list(days.byDay, before: today, days: window.days),
                errors: Self.list(
                    errors[component]?.byDay ?? [:], before: today, days: window.days))
        }
    }
}
