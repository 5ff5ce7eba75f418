internal import FlowJSON
internal import FlowMining
package import FlowStore
internal import FlowSystem

/// Errors and their groups for people.
package enum ErrorDesk {
    /// Groups the lines of a file, each a message of its own.
    /// - Parameter path: `-` for standard input.
    package static func group(_ path: String, _ workspace: Workspace) throws -> GroupedLines {
        var messages = MessageGroups(masks: try MessageMasks(of: workspace.root))
        var file = try SourceFile.open(path)
        while true {
            let chunk = try file.next()
            if chunk.isEmpty { break }
            messages.read(chunk)
        }
        messages.finish()
        return GroupedLines(messages, damage: file.damage)
    }
}

/// The lines of a text in their groups.
package struct GroupedLines {
    /// Messages with one template.
    package struct Group {
        package let fingerprint: String
        package let template: String
        /// Lines in it.
        package let count: Int
    }

    /// The largest first; of the same size the one that came first.
    package let groups: [Group]
    /// Lines of which only the beginning was looked at.
    package let cut: Int
    /// Why the text ended before the file did; nil: it did not.
    package let damage: String?
    package static var longestLine: Int { MessageGroups.longestLine }

    private let found: [MessageGroups.Group]
    /// For each line the place of its group in `found`.
    private let places: [Int32]

    init(_ messages: MessageGroups, damage: String?) {
        self.damage = damage
        (found, places) = messages.groups()
        cut = messages.cut
        groups = found.sorted { ($1.count, $0.first) < ($0.count, $1.first) }.map {
            Group(fingerprint: $0.fingerprint.text, template: $0.template, count: $0.count)
        }
    }

    /// Hands over one JSON object a line, `{line, group, template}`, in the order of the lines, in
    /// pieces.
    package func jsonLines(_ write: ([UInt8]) -> Void) {
        // Of a group all but the number of the line is the same.
        let ends = found.map { group -> [UInt8] in
            let rest: JSON = [
                "group": .string(group.fingerprint.text), "template": .string(group.template),
            ]
            return Array(rest.bytes(.compact).dropFirst()) + [UInt8(ascii: "\n")]
        }
        var buffer: [UInt8] = []
        for (line, place) in places.enumerated() {
            buffer += "{\"line\":\(line + 1),".utf8
            buffer += ends[Int(place)]
            if buffer.count > 1 << 16 {
                write(buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        write(buffer)
    }
}
