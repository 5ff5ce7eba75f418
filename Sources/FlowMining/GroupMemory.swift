package import FlowJSON
internal import FlowSystem

/// Which messages were in which group when a source was last mined: so that it is known what became of
/// a group that there is no more.
///
/// Messages are kept as hashes of what is left of them once masked, eight bytes each. They say nothing
/// of the version of the grouping, so a new version finds what an older one has left.
package struct GroupMemory: Sendable, Equatable {
    struct Group: Sendable, Equatable {
        /// nil: an earlier flow did not keep it.
        let part: Miner.Part?
        /// Hashes, sorted.
        let messages: [UInt64]
    }

    private var groups: [String: Group] = [:]

    /// Nothing was mined yet.
    package init() {}

    /// The fingerprints of groups that there are, or were.
    package var fingerprints: Set<String> { Set(groups.keys) }

    func messages(of fingerprint: String) -> [UInt64] { groups[fingerprint]?.messages ?? [] }

    /// The parts of groups that go by a fingerprint.
    /// - Parameter name: the fingerprint that a group goes by.
    func parts(of fingerprint: String, named name: (String) -> String = { $0 }) -> Set<Miner.Part> {
        Set(groups.filter { name($0.key) == name(fingerprint) }.values.compactMap(\.part))
    }

    /// Takes the present groups in, but for some; what is known of groups that there are no more stays.
    package mutating func remember(_ mined: MinedGroups, except left: Set<String> = []) {
        for (fingerprint, group) in mined.remembered where !left.contains(fingerprint) {
            groups[fingerprint] = group
        }
    }

    /// Drops what is known of groups.
    package mutating func forget(_ fingerprints: some Sequence<String>) {
        for fingerprint in fingerprints { groups[fingerprint] = nil }
    }

    /// What stands for a masked message.
    static func hash(_ part: Miner.Part, _ key: MessageKey) -> UInt64 {
        var hash = SHA256()
        for name in [part.component, part.type, part.frame] {
            hash.update(Array(name.utf8) + [0])
        }
        hash.update(key.packed)
        return hash.finish().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// One member a group: where it was, and the hashes as 16 hexadecimal digits each.
    package var json: JSON {
        .object(
            JSONObject(
                groups.sorted { $0.key < $1.key }.map { fingerprint, group in
                    (fingerprint, group.json)
                }))
    }

    /// Reads what `json` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let members = json.objectValue?.members else { return nil }
        for (fingerprint, value) in members {
            guard let group = Group(json: value) else { return nil }
            groups[fingerprint] = group
        }
    }
}

extension GroupMemory.Group {
    fileprivate var json: JSON {
        let digits = JSON.string(messages.map(Self.digits).joined())
        guard let part else { return digits }
        return [
            "component": .string(part.component), "type": .string(part.type),
            "frame": .string(part.frame), "messages": digits,
        ]
    }

    /// Reads what `json` wrote, or an earlier flow: the digits alone.
    fileprivate init?(json: JSON) {
        guard let text = json.stringValue ?? json["messages"]?.stringValue,
            let messages = Self.hashes(text)
        else { return nil }
        self.messages = messages
        if let component = json["component"]?.stringValue, let type = json["type"]?.stringValue,
            let frame = json["frame"]?.stringValue
        {
            part = Miner.Part(component: component, type: type, frame: frame)
        } else {
            part = nil
        }
    }

    private static func digits(_ hash: UInt64) -> String {
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    private static func hashes(_ text: String) -> [UInt64]? {
        let digits = Array(text.utf8)
        guard digits.count % 16 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 16).compactMap {
            UInt64(String(decoding: digits[$0..<($0 + 16)], as: UTF8.self), radix: 16)
        }
    }
}
