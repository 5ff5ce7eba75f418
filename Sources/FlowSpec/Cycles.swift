/// Finds circles among nodes that need each other.
enum Cycles {
    /// Each circle once, beginning with its first node in the file: `[a, b, c]` where a needs b,
    /// b needs c and c needs a. Costs O(nodes + needs).
    static func find(_ needs: [[Int]]) -> [[Int]] {
        var state = [State](repeating: .new, count: needs.count)
        var found: [[Int]] = []
        for start in needs.indices where state[start] == .new {
            var path: [Int] = [start]
            var next: [Int] = [0]
            state[start] = .open
            while let node = path.last, let at = next.last {
                guard at < needs[node].count else {
                    state[node] = .done
                    path.removeLast()
                    next.removeLast()
                    continue
                }
                next[next.count - 1] += 1
                let need = needs[node][at]
                switch state[need] {
                case .new:
                    state[need] = .open
                    path.append(need)
                    next.append(0)
                case .open:
                    if let begin = path.lastIndex(of: need) {
                        found.append(rotated(path[begin...]))
                    }
                case .done: break
                }
            }
        }
        return found
    }

    private enum State { case new, open, done }

    private static func rotated(_ circle: ArraySlice<Int>) -> [Int] {
        guard let first = circle.min(), let place = circle.firstIndex(of: first) else { return [] }
        return Array(circle[place...] + circle[..<place])
    }
}
