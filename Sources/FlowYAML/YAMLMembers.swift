/// The members of one mapping while it is read.
struct YAMLMembers {
    private var members: [(key: YAMLNode, value: YAMLNode)] = []
    /// The last place of each key among the members; empty while they are few.
    private var places: [String: Int] = [:]
    /// Places of members that a merge key brought.
    private var merged: Set<Int> = []
    private var mergeKey: YAMLNode?
    /// From so many members on, looking in a table costs less than looking at each.
    private static let indexed = 12

    /// The members in order; what the mapping says itself stands instead of what it merges.
    var resolved: [(key: YAMLNode, value: YAMLNode)] {
        if merged.isEmpty { return members }
        return members.enumerated().compactMap { index, member in
            place(of: member.key.scalar?.text ?? "") == index ? member : nil
        }
    }

    mutating func add(_ name: String, _ key: YAMLNode, _ value: YAMLNode) throws(YAMLError) {
        if let place = place(of: name), !merged.contains(place) {
            throw Self.twice(name, first: members[place].key, again: key)
        }
        append(name, key, value)
    }

    private func place(of name: String) -> Int? {
        members.count < Self.indexed
            ? members.lastIndex { $0.key.scalar?.text == name } : places[name]
    }

    private mutating func append(_ name: String, _ key: YAMLNode, _ value: YAMLNode) {
        if members.isEmpty { members.reserveCapacity(3) }
        members.append((key, value))
        if members.count > Self.indexed {
            places[name] = members.count - 1
        } else if members.count == Self.indexed {
            for (place, member) in members.enumerated() {
                places[member.key.scalar?.text ?? ""] = place
            }
        }
    }

    mutating func addMerge(_ key: YAMLNode) throws(YAMLError) {
        if let mergeKey { throw Self.twice("<<", first: mergeKey, again: key) }
        mergeKey = key
    }

    /// Adds a merged member unless the mapping has one of this name already.
    mutating func merge(_ key: YAMLNode, _ value: YAMLNode) {
        let name = key.scalar?.text ?? ""
        guard place(of: name) == nil else { return }
        merged.insert(members.count)
        append(name, key, value)
    }

    private static func twice(_ name: String, first: YAMLNode, again: YAMLNode) -> YAMLError {
        let line = first.written.start.line
        return YAMLError(
            code: .duplicateKey,
            message: "the key \(quoted(name)) is given twice, first on line \(line); keep one",
            mark: again.written.start)
    }
}
