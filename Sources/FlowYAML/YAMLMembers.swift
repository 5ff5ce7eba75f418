/// The members of one mapping while it is read.
struct YAMLMembers {
    private var members: [(key: YAMLNode, value: YAMLNode)] = []
    /// The place of each key among the members, and whether a merge key brought it.
    private var places: [String: (index: Int, isMerged: Bool)] = [:]
    private var mergeKey: YAMLNode?

    /// The members in order; what the mapping says itself stands instead of what it merges.
    var resolved: [(key: YAMLNode, value: YAMLNode)] {
        members.enumerated().compactMap { index, member in
            places[member.key.scalar?.text ?? ""]?.index == index ? member : nil
        }
    }

    mutating func add(_ name: String, _ key: YAMLNode, _ value: YAMLNode) throws(YAMLError) {
        if let place = places[name], !place.isMerged {
            throw Self.twice(name, first: members[place.index].key, again: key)
        }
        places[name] = (members.count, false)
        members.append((key, value))
    }

    mutating func addMerge(_ key: YAMLNode) throws(YAMLError) {
        if let mergeKey { throw Self.twice("<<", first: mergeKey, again: key) }
        mergeKey = key
    }

    /// Adds a merged member unless the mapping has one of this name already.
    mutating func merge(_ key: YAMLNode, _ value: YAMLNode) {
        let name = key.scalar?.text ?? ""
        guard places[name] == nil else { return }
        places[name] = (members.count, true)
        members.append((key, value))
    }

    private static func twice(_ name: String, first: YAMLNode, again: YAMLNode) -> YAMLError {
        let line = first.written.start.line
        return YAMLError(
            code: .duplicateKey,
            message: "the key \(quoted(name)) is given twice, first on line \(line); keep one",
            mark: again.written.start)
    }
}
