internal import FlowSystem

/// Which runs go, decided from what each takes.
struct PrunePlan {
    /// A run and what it takes.
    struct Run {
        let id: String
        let number: Int
        /// Nil for a run that has not ended or that somebody owns: it stays.
        let ended: Timestamp?
        /// Of its folder and its events.
        let bytes: Int
        let events: Int
        /// Places of the values that it refers to.
        let objects: Set<Int>
    }

    /// Places in `runs`, oldest first.
    private(set) var removed: [Int] = []
    /// Places of the values that go because only removed runs refer to them, or nobody.
    private(set) var freed: [Int] = []

    /// - Parameters:
    ///   - runs: oldest first.
    ///   - objects: what each value takes; nil for one that stays whoever refers to it.
    ///   - total: what everything takes now.
    init(
        _ runs: [Run], objects: [Int?], total: Int, rules: PruneRules, now: Timestamp
    ) {
        var users = [Int](repeating: 0, count: objects.count)
        for run in runs { for place in run.objects { users[place] += 1 } }
        var total = total
        for place in objects.indices where users[place] == 0 {
            guard let bytes = objects[place] else { continue }
            freed.append(place)
            total -= bytes
        }
        let eldest = rules.days.map { now.adding(seconds: -86_400 * Double($0)) }
        for (place, run) in runs.enumerated() {
            guard let ended = run.ended else { continue }
            let isOld = eldest.map { ended < $0 } ?? false
            let isTooMuch = rules.quotaBytes.map { total > $0 } ?? false
            guard isOld || isTooMuch else { continue }
            removed.append(place)
            total -= run.bytes
            for object in run.objects {
                users[object] -= 1
                guard users[object] == 0, let bytes = objects[object] else { continue }
                freed.append(object)
                total -= bytes
            }
        }
    }
}
