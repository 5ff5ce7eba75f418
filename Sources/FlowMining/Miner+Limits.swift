/// The bound on what is kept.
///
/// What is given up, in this order, and only as far as it must be:
/// 1. texts in columns that are variables whatever else comes (`MessageShape.folded`): no signature
///    changes, only the values that an explanation lists are fewer;
/// 2. the ends of messages in the parts that have the most shapes (`ShapeTree`);
/// 3. where there are too many components, or too many parts, their names.
///
/// Which part is cut is a function of the set of all messages: the room that each may have is the
/// largest for which all of them, each counted up to it, are no more than `limits.shapes`. That sum
/// never falls when messages are added, and a part that was cut counts as full, so neither order
/// nor shards change it. Nor do they change where a part is cut, unless it has more shapes than its
/// room after all beginnings with `limits.breadth` words after them were cut.
extension Miner {
    /// Makes room where there is too much; costs a fraction of what adding so much has cost.
    mutating func keepWithin() {
        if keys > limits.keys + limits.keys / 2 || exposure.count > limits.components { coarsen() }
    }

    /// This, as coarse as all that was added makes it.
    var bounded: Miner {
        guard keys > limits.shapes || coarseness.isAny else { return self }
        var bounded = self
        bounded.coarsen()
        return bounded
    }

    private mutating func coarsen() {
        if exposure.count > limits.components || coarseness.isOneComponent { joinComponents() }
        cutParts()
        if keys > limits.keys { fold() }
        if keys > limits.keys { rename { MessageShape.folded($0, all: true) } }
    }

    /// Folds what loses nothing.
    mutating func fold() { rename { MessageShape.folded($0, all: false) } }

    /// Gives entries other keys; those with equal ones are one.
    private mutating func rename(_ names: ([MessageKey]) -> [MessageKey: MessageKey]) {
        for (part, entries) in parts {
            let renamed = names(Array(entries.keys))
            if !renamed.isEmpty { rename(renamed, in: part) }
        }
    }

    private mutating func rename(_ names: [MessageKey: MessageKey], in part: Part) {
        for (key, new) in names where key != new {
            guard var entry = parts[part]?.removeValue(forKey: key) else { continue }
            keys -= 1
            entry.traits = new.traits(entry.traits)
            add(entry, part, new)
        }
    }

    private mutating func joinComponents() {
        coarseness.isOneComponent = true
        let days = exposure
        exposure = [:]
        for total in days.values {
            exposure[MessageKey.mask, default: DayTotals()].merge(total, center: center)
        }
        move { Part(component: MessageKey.mask, type: $0.type, frame: $0.frame) }
    }

    private mutating func move(_ place: (Part) -> Part) {
        let old = parts
        parts = [:]
        keys = 0
        for (part, entries) in old {
            for (key, entry) in entries { add(entry, place(part), key) }
        }
        coarseness.breadths = Dictionary(
            coarseness.breadths.map { (place($0.key), $0.value) }, uniquingKeysWith: min)
    }

    private mutating func cutParts() {
        guard keys > limits.shapes || coarseness.room != nil || !coarseness.breadths.isEmpty
        else { return }
        let trees = parts.mapValues { ShapeTree($0.keys) }
        var room = coarseness.room ?? limits.shapes
        while room > 0, weight(trees, room) > limits.shapes { room /= 2 }
        if room < limits.shapes { coarseness.room = room }
        if room == 0 { return joinParts() }
        for (part, tree) in trees where coarseness.breadths[part] != nil || tree.count > room {
            var breadth = coarseness.breadths[part] ?? limits.breadth
            while breadth > 1, tree.count(cutAt: breadth) > room { breadth /= 2 }
            coarseness.breadths[part] = breadth
            rename(tree.cuts(breadth), in: part)
        }
    }

    /// Shapes of all parts, of each as many as it has room for.
    private func weight(_ trees: [Part: ShapeTree], _ room: Int) -> Int {
        trees.reduce(0) {
            $0 + (coarseness.breadths[$1.key] == nil ? min($1.value.count, room) : room)
        }
    }

    private mutating func joinParts() {
        let one = Part(component: MessageKey.mask, type: "", frame: "")
        coarseness.breadths = [:]
        move { _ in one }
        rename(
            Dictionary(
                uniqueKeysWithValues: (parts[one] ?? [:]).keys.map { ($0, $0.cut(after: 0)) }),
            in: one)
    }
}
