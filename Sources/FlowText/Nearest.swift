/// Which known name a mistyped one was meant to be.
package enum Nearest {
    /// The name with the smallest Damerau-Levenshtein distance (one swap of neighbours counts one;
    /// Damerau 1964, in the form in which no piece is edited twice), without case; nil where none is
    /// nearer than a third of the length. Of equals the first.
    package static func name(to typed: String, among names: some Sequence<String>) -> String? {
        let typed = Array(typed.lowercased().unicodeScalars)
        guard (1...64).contains(typed.count) else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let known = Array(name.lowercased().unicodeScalars)
            let longest = max(known.count, typed.count)
            // Of one letter nothing is left when it is changed.
            let limit = min((longest + 2) / 3, longest - 1)
            guard abs(known.count - typed.count) <= limit else { continue }
            let distance = distance(typed, known)
            if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// `; did you mean 'uses'?` or nothing, for the end of a message.
    package static func hint(_ typed: String, among names: some Sequence<String>) -> String {
        name(to: typed, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    private static func distance(_ one: [Unicode.Scalar], _ two: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...two.count)
        for i in one.indices {
            var row = [i + 1]
            for j in two.indices {
                let cost = one[i] == two[j] ? 0 : 1
                var value = min(last[j] + cost, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, one[i] == two[j - 1], one[i - 1] == two[j] {
                    value = min(value, beforeLast[j - 1] + 1)
                }
                row.append(value)
            }
            (beforeLast, last) = (last, row)
        }
        return last[two.count]
    }
}
