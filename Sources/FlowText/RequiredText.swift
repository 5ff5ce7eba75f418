extension Pattern {
    /// The longest text that stands in every match, in UTF-8; empty where the pattern tells of none.
    ///
    /// Looking for it first spares most texts the machine. Texts in one branch of a choice, or in
    /// what may be left out, do not count.
    var requiredText: [UInt8] {
        var runs: [[UInt8]] = [[]]
        collect(into: &runs)
        return runs.max { $0.count < $1.count } ?? []
    }

    private func collect(into runs: inout [[UInt8]]) {
        switch self {
        case .empty, .assertion: break
        case .set(let set):
            if let scalar = set.only {
                runs[runs.count - 1] += Array(String(scalar).utf8)
            } else {
                runs.append([])
            }
        case .sequence(let parts): for part in parts { part.collect(into: &runs) }
        case .choice: runs.append([])
        case .repetition(let part, let least, _, _):
            runs.append([])
            if least > 0 { part.collect(into: &runs) }
            runs.append([])
        }
    }
}
