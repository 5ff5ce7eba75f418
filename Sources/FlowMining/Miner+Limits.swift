/// The bound on what is kept.
///
/// What is given up, in this order, and only as far as it must be:
/// 1. texts in columns that are variables whatever else comes (`MessageShape.folded`): no signature
///    changes, only the values that an explanation lists are fewer;
/// 2. the ends of messages in the parts that have the most shapes (`ShapeTree`);
/// 3. where there are too many components, or too many parts, their names.
///
/// What people have taken out of groups stays apart through all of it: a key that becomes coarser
/// keeps the mark of each split that finds it (`SplitGuard`). Only where that does not bound what is
/// kept are splits given up, and named (`Coarseness.splits`).
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
        if keys > limits.keys { fold(all: true) }
        if keys > limits.keys {
            cutParts(givesUp: true)
            fold(all: true, givesUp: true)
        }
    }

    /// Puts names together.
    /// - Parameters:
    ///   - all: also those that may join templates; else nothing is lost.
    ///   - givesUp: whether what people have taken out may be lost.
    mutating func fold(all: Bool = false, givesUp: Bool = false) {
        for (part, entries) in parts {
            var kinds = SplitGuard(part, splits, givesUp: givesUp)
            var names = MessageShape.folded(Array(entries.keys), all: all) { kinds.kind(of: $0) }
            if givesUp {
                for key in entries.keys where names[key] == nil { names[key] = key.unmarked }
            }
            rename(names, in: part, &kinds)
        }
    }

    /// Gives entries other keys; those with equal ones are one.
    private mutating func rename(
        _ names: [MessageKey: MessageKey], in part: Part, _ kinds: inout SplitGuard
    ) {
        for (key, name) in names {
            guard let new = kinds.kept(key, as: name), new != key,
                var entry = parts[part]?.removeValue(forKey: key)
            else { continue }
            keys -= 1
            entry.traits = new.traits(entry.traits)
            add(entry, part, new)
        }
        coarseness.splits.formUnion(kinds.lost)
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

    private mutating func cutParts(givesUp: Bool = false) {
        guard keys > limits.shapes || coarseness.room != nil || !coarseness.breadths.isEmpty
        else { return }
        let trees = parts.mapValues { ShapeTree($0.keys) }
        var room = coarseness.room ?? limits.shapes
        while room > 0, weight(trees, room) > limits.shapes { room /= 2 }
        if room < limits.shapes { coarseness.room = room }
        if room == 0 { return joinParts(givesUp: givesUp) }
        for (part, tree) in trees where coarseness.breadths[part] != nil || tree.count > room {
            var breadth = coarseness.breadths[part] ?? limits.breadth
            while breadth > 1, tree.count(cutAt: breadth) > room { breadth /= 2 }
            coarseness.breadths[part] = breadth
            var kinds = SplitGuard(part, splits, givesUp: givesUp)
            rename(tree.cuts(breadth), in: part, &kinds)
        }
    }

    /// Shapes of all parts, of each as many as it has room for.
    private func weight(_ trees: [Part: ShapeTree], _ room: Int) -> Int {
        trees.reduce(0) {
            $0 + (coarseness.breadths[$1.key] == nil ? min($1.value.count, room) : room)
        }
    }

    private mutating func joinParts(givesUp: Bool) {
        coarseness.breadths = [:]
        // while the type of each is known
        for (part, entries) in parts {
            var kinds = SplitGuard(part, splits, givesUp: givesUp)
            rename(
                Dictionary(uniqueKeysWithValues: entries.keys.map { ($0, $0.cut(after: 0)) }),
                in: part, &kinds)
        }
        move { _ in Part.all }
    }
}
