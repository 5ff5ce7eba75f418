/// An object's members in the order in which they were written.
///
/// Looking a key up costs O(keys) below 12 members and O(1) from there on. Two objects are equal
/// when they have equal members, whatever the order.
package struct JSONObject: Sendable {
    package private(set) var keys: [String] = []
    package private(set) var values: [JSON] = []
    private var index: [String: Int] = [:]
    private static let indexed = 12

    package init() {}

    /// Members in this order; a repeated key keeps its first place and its last value.
    package init(_ members: some Sequence<(String, JSON)>) {
        keys.reserveCapacity(members.underestimatedCount)
        values.reserveCapacity(members.underestimatedCount)
        for (key, value) in members { self[key] = value }
    }

    package var count: Int { keys.count }
    package var isEmpty: Bool { keys.isEmpty }
    package var members: Zip2Sequence<[String], [JSON]> { zip(keys, values) }

    /// The member `key`; setting nil removes it (O(keys)), setting a new key appends it.
    package subscript(key: String) -> JSON? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// The same members sorted by the bytes of their keys, for canonical text.
    package var sorted: JSONObject {
        JSONObject(members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
    }

    private func position(of key: String) -> Int? {
        keys.count < Self.indexed ? keys.firstIndex(of: key) : index[key]
    }

    private mutating func append(_ key: String, _ value: JSON) {
        keys.append(key)
        values.append(value)
        if keys.count == Self.indexed {
            index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        } else if keys.count > Self.indexed {
            index[key] = keys.count - 1
        }
    }

    private mutating func remove(at place: Int) {
        keys.remove(at: place)
        values.remove(at: place)
        index =
            keys.count < Self.indexed
            ? [:] : Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    }
}

extension JSONObject: Hashable {
    package static func == (one: JSONObject, other: JSONObject) -> Bool {
        one.count == other.count && one.members.allSatisfy { other[$0] == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
