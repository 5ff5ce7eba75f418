package import FlowJSON
internal import FlowSystem

/// Which messages were in which group when a source was last mined: so that it is known what became of
/// a group that there is no more.
///
/// Messages are kept as hashes of what is left of them once masked, eight bytes each. They say nothing
/// of the version of the grouping, so a new version finds what an older one has left.
package struct GroupMemory: Sendable, Equatable {
    /// Hashes by fingerprint, sorted.
    private var groups: [String: [UInt64]] = [:]

    /// Nothing was mined yet.
    package init() {}

    /// The fingerprints of groups that there are, or were.
    package var fingerprints: Set<String> { Set(groups.keys) }

    func messages(of fingerprint: String) -> [UInt64] { groups[fingerprint] ?? [] }

    /// Takes the present groups in, but for some; what is known of groups that there are no more stays.
    package mutating func remember(_ mined: MinedGroups, except left: Set<String> = []) {
        for (fingerprint, messages) in mined.messages where !left.contains(fingerprint) {
            groups[fingerprint] = messages.sorted()
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

    /// One member a group, the hashes as 16 hexadecimal digits each.
    package var json: JSON {
        .object(
            JSONObject(
                groups.sorted { $0.key < $1.key }.map { fingerprint, messages in
                    let digits = messages.map { hash in
                        let text = String(hash, radix: 16)
                        return String(repeating: "0", count: 16 - text.utf8.count) + text
                    }
                    return (fingerprint, .string(digits.joined()))
                }))
    }

    /// Reads what `json` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let members = json.objectValue?.members else { return nil }
        for (fingerprint, value) in members {
            guard let digits = value.stringValue.map({ Array($0.utf8) }), digits.count % 16 == 0
            else { return nil }
            groups[fingerprint] = stride(from: 0, to: digits.count, by: 16).compactMap {
                UInt64(String(decoding: digits[$0..<($0 + 16)], as: UTF8.self), radix: 16)
            }
        }
    }
}
