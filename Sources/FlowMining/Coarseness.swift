internal import FlowJSON
internal import FlowSystem
internal import FlowText

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
    /// What people took out of groups (`GroupSplits.Rule.part`) and is not told from the rest any more.
    var splits: Set<String> = []

    var isAny: Bool { isOneComponent || room != nil || !breadths.isEmpty }

    /// The component that a record counts for.
    func component(of record: ErrorRecord) -> String {
        isOneComponent ? MessageKey.mask : Self.component(named: record.component)
    }

    private static func component(named name: String) -> String {
        Miner.Kept(name, limit: longestComponent).text
    }

    /// Whether a part's groups are not what they were before there was too much.
    func isCoarse(_ part: Miner.Part) -> Bool {
        isOneComponent || room == 0 || breadths[part] != nil
    }

    /// Whether a part holds what a component, or any (nil), has written; all parts do where
    /// components are no longer told apart.
    func isComponent(_ name: String?, of part: Miner.Part) -> Bool {
        guard let name, !isOneComponent, room != 0 else { return true }
        return part.component == Self.component(named: name)
    }

    /// Bytes of a component's name that count.
    private static let longestComponent = 200

    mutating func merge(_ other: Coarseness) {
        isOneComponent = isOneComponent || other.isOneComponent
        room = [room, other.room].compactMap { $0 }.min()
        breadths.merge(other.breadths, uniquingKeysWith: min)
        splits.formUnion(other.splits)
    }
}

extension Miner.Part {
    /// What all errors are of where not even their components, types and places are told apart.
    static let all = Miner.Part(component: MessageKey.mask, type: "", frame: "")
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
        for rule in splits.rules where coarseness.splits.contains(rule.part) {
            notes.append(
                "\(rule.part), which flow errors split took out of \(rule.of) with "
                    + "\(rule.regex.pattern), is no longer told from it: too many different messages "
                    + "differ in what that pattern looks at")
        }
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
            "splits": .array(splits.sorted().map { .string($0) }),
        ]
    }

    /// Reads what `json` wrote; nil where it is damaged.
    init?(json: JSON) {
        guard let isOneComponent = json["one_component"]?.boolValue,
            let rows = json["breadths"]?.arrayValue
        else { return nil }
        self.isOneComponent = isOneComponent
        room = json["room"]?.intValue
        // not there in what an earlier flow has kept
        splits = Set((json["splits"]?.arrayValue ?? []).compactMap(\.stringValue))
        for row in rows {
            guard let fields = row.arrayValue, fields.count == 4,
                let component = fields[0].stringValue, let type = fields[1].stringValue,
                let frame = fields[2].stringValue, let breadth = fields[3].intValue
            else { return nil }
            breadths[Miner.Part(component: component, type: type, frame: frame)] = breadth
        }
    }
}
