internal import FlowJSON
internal import FlowSystem

/// How much a miner keeps, whatever it is fed.
struct MinerLimits: Sendable {
    /// Shapes of messages: masked messages whose names are masked too.
    var shapes = 8_000
    /// Different masked messages. Half as many more are taken before something is done about it.
    var keys = 16_000
    var components = 5_000
    /// Different words that may follow one beginning in a part that has too many shapes.
    var breadth = 1_000
}

/// What is no longer told apart, because there was too much of it. It only ever grows.
struct Coarseness: Sendable, Hashable {
    /// Whether there were too many components to tell them apart.
    var isOneComponent = false
    /// Shapes that a part may have; a part with more is cut. nil: as many as there may be of all.
    var room: Int?
    /// Parts that were cut, and how many different words a beginning may have after it there.
    var breadths: [Miner.Part: Int] = [:]

    var isAny: Bool { isOneComponent || room != nil || !breadths.isEmpty }

    /// The component that a record counts for.
    func component(of record: ErrorRecord) -> String {
        isOneComponent
            ? MessageKey.mask : Miner.Kept(record.component, limit: Self.longestComponent).text
    }

    /// Bytes of a component's name that count.
    private static let longestComponent = 200

    mutating func merge(_ other: Coarseness) {
        isOneComponent = isOneComponent || other.isOneComponent
        room = [room, other.room].compactMap { $0 }.min()
        breadths.merge(other.breadths, uniquingKeysWith: min)
    }
}

extension Miner {
    /// What people should know of what is no longer told apart; empty where nothing is lost.
    package var coarsenings: [String] {
        let coarseness = bounded.coarseness
        var notes: [String] = []
        if coarseness.isOneComponent {
            notes.append(
                "there are more than \(limits.components) components, so they are counted as one")
        }
        if coarseness.room == 0 {
            notes.append(
                "there are more than \(limits.shapes) components, types and places in the code, so "
                    + "all errors are counted as one group")
        }
        let cut = coarseness.breadths.keys.sorted()
        for part in cut.prefix(3) {
            let type = part.type.isEmpty ? "" : " of type \(part.type)"
            notes.append(
                "\(part.component) has too many different messages\(type), so those that begin alike "
                    + "are counted as one group")
        }
        if cut.count > 3 { notes.append("so have \(cut.count - 3) more components or types") }
        return notes
    }
}

extension Coarseness {
    var json: JSON {
        [
            "one_component": .bool(isOneComponent), "room": room.map { .integer($0) } ?? .null,
            "breadths": .array(
                breadths.sorted { $0.key < $1.key }.map { part, breadth -> JSON in
                    [
                        .string(part.component), .string(part.type), .string(part.frame),
                        .integer(breadth),
                    ]
                }),
        ]
    }

    /// Reads what `json` wrote; nil where it is damaged.
    init?(json: JSON) {
        guard let isOneComponent = json["one_component"]?.boolValue,
            let rows = json["breadths"]?.arrayValue
        else { return nil }
        self.isOneComponent = isOneComponent
        room = json["room"]?.intValue
        for row in rows {
            guard let fields = row.arrayValue, fields.count == 4,
                let component = fields[0].stringValue, let type = fields[1].stringValue,
                let frame = fields[2].stringValue, let breadth = fields[3].intValue
            else { return nil }
            breadths[Miner.Part(component: component, type: type, frame: frame)] = breadth
        }
    }
}
