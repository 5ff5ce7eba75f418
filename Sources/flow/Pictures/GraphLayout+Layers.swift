extension GraphLayout {
    /// Nodes and the bends of long lines in their layers; bends are numbered after the nodes.
    struct Layers {
        struct Path {
            let from, to: Int
            var bends: [Int] = []
        }

        /// The layer of each node and bend; -1: it stands alone.
        private(set) var layer: [Int]
        /// Of each layer, from top to bottom.
        private(set) var members: [[Int]] = []
        private(set) var paths: [Path] = []
        /// The upper side of each node and bend.
        private(set) var tops: [Double] = []
        private var heights: [Double]
        private let nodeCount: Int
        private let gaps: Gaps
        /// Neighbours in the layer before and in the layer after.
        private var before: [[Int]]
        private var after: [[Int]]

        init(_ needs: [[Int]], alone: [Bool], heights: [Double], _ gaps: Gaps) {
            nodeCount = needs.count
            self.heights = heights
            self.gaps = gaps
            layer = Self.longestPaths(needs)
            for place in needs.indices where alone[place] { layer[place] = -1 }
            before = needs.map { _ in [] }
            after = before
            thread(needs)
            members = .init(repeating: [], count: (layer.max() ?? -1) + 1)
            for (item, layer) in layer.enumerated() where layer >= 0 { members[layer].append(item) }
        }

        /// Nodes on the longest path from a start to each node (Kahn 1962).
        private static func longestPaths(_ needs: [[Int]]) -> [Int] {
            var dependents = [[Int]](repeating: [], count: needs.count)
            for (place, needed) in needs.enumerated() {
                for need in needed { dependents[need].append(place) }
            }
            var layer = [Int](repeating: 0, count: needs.count)
            var open = needs.map(\.count)
            var ready = open.indices.filter { open[$0] == 0 }
            while let place = ready.popLast() {
                for dependent in dependents[place] {
                    layer[dependent] = max(layer[dependent], layer[place] + 1)
                    open[dependent] -= 1
                    if open[dependent] == 0 { ready.append(dependent) }
                }
            }
            return layer
        }

        /// Gives long lines a bend in each layer that they pass, the shortest lines first while the
        /// budget lasts.
        private mutating func thread(_ needs: [[Int]]) {
            for (place, needed) in needs.enumerated() {
                paths += needed.map { Path(from: $0, to: place) }
            }
            let spans = paths.map { layer[$0.to] - layer[$0.from] }
            var budget = GraphLayout.bendBudget
            for path in paths.indices.sorted(by: { (spans[$0], $0) < (spans[$1], $1) }) {
                let passed = spans[path] - 1
                guard passed <= budget else { break }
                budget -= passed
                var last = paths[path].from
                for step in 0..<passed {
                    let bend = layer.count
                    layer.append(layer[paths[path].from] + step + 1)
                    heights.append(0)
                    before.append([])
                    after.append([])
                    paths[path].bends.append(bend)
                    join(last, bend)
                    last = bend
                }
                join(last, paths[path].to)
            }
        }

        private mutating func join(_ one: Int, _ next: Int) {
            after[one].append(next)
            before[next].append(one)
        }

        func middle(of item: Int) -> Double { tops[item] + heights[item] / 2 }

        // MARK: Order

        /// Orders the layers and gives every item its height.
        mutating func arrange() {
            let isLarge = layer.count > 5_000
            var rank = ranks()
            var best = (members, crossings(rank))
            for sweep in 0..<(isLarge ? 4 : 16) where best.1 > 0 {
                let isForward = sweep % 2 == 0
                for place in isForward ? Array(members.indices) : members.indices.reversed() {
                    order(place, by: isForward ? before : after, &rank)
                }
                let count = crossings(rank)
                if count < best.1 { best = (members, count) }
            }
            members = best.0
            level(passes: isLarge ? 4 : 12)
        }

        private func ranks() -> [Int] {
            var rank = [Int](repeating: 0, count: layer.count)
            for members in members {
                for (place, item) in members.enumerated() { rank[item] = place }
            }
            return rank
        }

        /// Sorts a layer by the mean place of each item's neighbours; items without any stay.
        private mutating func order(_ place: Int, by neighbours: [[Int]], _ rank: inout [Int]) {
            let keys = members[place].map { item in
                let near = neighbours[item]
                guard !near.isEmpty else { return Double(rank[item]) }
                return Double(near.reduce(0) { $0 + rank[$1] }) / Double(near.count)
            }
            let sorted = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            members[place] = sorted.map { members[place][$0] }
            for (number, item) in members[place].enumerated() { rank[item] = number }
        }

        /// Crossings between neighbouring layers, counted with a Fenwick tree (Barth, Mutzel,
        /// Jünger 2004).
        private func crossings(_ rank: [Int]) -> Int {
            var count = 0
            for (one, next) in zip(members, members.dropFirst()) {
                var tree = [Int](repeating: 0, count: next.count + 1)
                var seen = 0
                for item in one {
                    let ends = after[item].map { rank[$0] }.sorted()
                    for end in ends {
                        var before = 0
                        var place = end + 1
                        while place > 0 {
                            before += tree[place]
                            place &= place - 1
                        }
                        count += seen - before
                    }
                    for end in ends {
                        var place = end + 1
                        while place < tree.count {
                            tree[place] += 1
                            place += place & -place
                        }
                    }
                    seen += ends.count
                }
            }
            return count
        }

        // MARK: Heights

        /// Moves every item towards its neighbours, forwards and backwards in turn.
        private mutating func level(passes: Int) {
            tops = .init(repeating: 0, count: layer.count)
            for members in members {
                var y = 0.0
                for item in members {
                    tops[item] = y
                    y += heights[item] + gaps.boxes
                }
            }
            for pass in 0..<passes {
                let isForward = pass % 2 == 0
                let isLast = pass >= passes - 2
                for place in isForward ? Array(members.indices) : members.indices.reversed() {
                    let neighbours = members[place].map { item in
                        isLast ? before[item] + after[item] : isForward ? before[item] : after[item]
                    }
                    settle(place, neighbours)
                }
            }
        }

        /// Puts a layer's items as near to the mean of their neighbours as the gaps allow: isotonic
        /// regression by pooling neighbours that conflict (Best, Chakravarti 1990).
        private mutating func settle(_ place: Int, _ neighbours: [[Int]]) {
            struct Pool { var sum, weight: Double; var count: Int }
            var offsets: [Double] = []
            var offset = 0.0
            var pools: [Pool] = []
            for (number, item) in members[place].enumerated() {
                if number > 0 { offset += distance(members[place][number - 1], item) }
                offsets.append(offset)
                let near = neighbours[number]
                let wish =
                    near.isEmpty
                    ? middle(of: item)
                    : near.reduce(0) { $0 + middle(of: $1) } / Double(near.count)
                // Long lines that run straight are easier to follow than boxes in the middle.
                let weight = near.isEmpty ? 0.1 : item < nodeCount ? 1 : 4
                var pool = Pool(sum: (wish - offset) * weight, weight: weight, count: 1)
                while let last = pools.last, last.sum / last.weight >= pool.sum / pool.weight {
                    pool.sum += last.sum
                    pool.weight += last.weight
                    pool.count += last.count
                    pools.removeLast()
                }
                pools.append(pool)
            }
            var number = 0
            for pool in pools {
                for _ in 0..<pool.count {
                    let item = members[place][number]
                    tops[item] = pool.sum / pool.weight + offsets[number] - heights[item] / 2
                    number += 1
                }
            }
        }

        /// From middle to middle of two neighbours in a layer.
        private func distance(_ one: Int, _ next: Int) -> Double {
            let areBoxes = one < nodeCount && next < nodeCount
            return (heights[one] + heights[next]) / 2 + (areBoxes ? gaps.boxes : gaps.lines)
        }
    }
}
