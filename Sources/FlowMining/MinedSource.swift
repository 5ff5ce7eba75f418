package import FlowJSON
internal import FlowSystem

/// All errors of one source, counted over any number of readings.
///
/// What is counted and how far it was read are one value, so that whoever keeps it whole or not at
/// all counts nothing twice and loses nothing, whatever ends a reading. After each reading the counts
/// are those of one reading of all that was ever there: what stands unfinished at the end of a file
/// (a line without its end, a record whose next lines may still come) counts too, and is counted
/// again, instead, when there is more of it.
package struct MinedSource: Sendable {
    private let masks: MessageMasks
    private let splits: GroupSplits
    private var settled: Miner
    private var state = SourceState()
    /// How far tables were read, by their address.
    private var positions: [String: TableSource.Position] = [:]
    /// From standard input, which is kept nowhere.
    private var passing = Miner()

    /// - Parameters:
    ///   - masks: what the team masks.
    ///   - splits: what people have taken out of groups, which stays apart however much is read.
    package init(masks: MessageMasks = MessageMasks(), splits: GroupSplits = .none) {
        self.masks = masks
        self.splits = splits
        settled = Miner(masks: masks, splits: splits)
    }

    /// What was read of one table.
    package struct TableReport: Sendable {
        package let address: String
        package let report: ReadReport
    }

    /// Counts what is new.
    /// - Parameter patterns: files (`SourcePattern`) and tables (`TableSource`).
    /// - Throws: for the first of them that cannot be read; the value is then as it was.
    package mutating func read(_ patterns: [String], _ reader: SourceReader) throws(MiningError)
        -> (files: [SourceReader.FileReport], tables: [TableReport])
    {
        var state = state
        var positions = positions
        var new = Miner(masks: masks, splits: splits)
        var passing = Miner(masks: masks, splits: splits)
        (new.center, passing.center) = (
            reader.settings.reference.day, reader.settings.reference.day
        )
        var reader = reader
        reader.empty = Miner(masks: masks, splits: splits)
        var tables: [TableReport] = []
        for address in patterns where TableSource.isTable(address) {
            guard !tables.contains(where: { $0.address == address }) else { continue }
            let report = try TableSource(address, reader.settings).read(&positions[address]) {
                new.add($0)
            }
            tables.append(TableReport(address: address, report: report))
        }
        let files = patterns.filter { !TableSource.isTable($0) }
        let (reports, gone) = try reader.read(files, &state) { record in
            if record.source.file == "-" { passing.add(record) } else { new.add(record) }
        }
        for report in reports where report.path == "-" {
            for record in report.unfinished { passing.add(record) }
        }
        settled.center = reader.settings.reference.day
        settled.merge(new)
        for counts in gone { settled.merge(counts) }
        self.passing = passing
        self.state = state
        self.positions = positions
        return (reports, tables)
    }

    /// All that is counted.
    package var miner: Miner {
        var miner = settled
        for mark in state.marks {
            if let unfinished = mark.unfinished { miner.merge(unfinished) }
        }
        miner.merge(passing)
        return miner
    }

    /// The number of errors that are counted; costs less than all counts.
    package var errors: Int {
        state.marks.reduce(settled.errors + passing.errors) { $0 + ($1.unfinished?.errors ?? 0) }
    }

    /// 2: counts by release.
    private static let version = 2

    package var json: JSON {
        let tables = positions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
        return [
            "version": .integer(Self.version), "counts": settled.json, "state": state.json,
            "tables": .object(JSONObject(tables)), "masks": masks.json,
        ]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` for another version, other masks or a damaged document; then the source
    ///   must be read again from its start.
    package init(
        json: JSON, masks: MessageMasks = MessageMasks(), splits: GroupSplits = .none
    ) throws(MiningError) {
        guard json["version"]?.intValue == Self.version, let counts = json["counts"],
            let state = json["state"],
            let tables = json["tables"]?.objectValue
        else { throw Self.damaged }
        // of a document that is older than masks are
        guard json["masks"] ?? [] == masks.json else {
            throw MiningError(
                .badDocument, doing: "go on with what was mined before",
                "it was mined with other masks than flow.yaml has now")
        }
        self.masks = masks
        self.splits = splits
        settled = try Miner(json: counts)
        (settled.masks, settled.splits) = (masks, splits)
        self.state = try SourceState(json: state)
        for (address, position) in tables.members {
            guard let position = TableSource.Position(json: position) else { throw Self.damaged }
            positions[address] = position
        }
    }

    private static let damaged = MiningError(
        .badDocument, doing: "go on with what was mined before",
        "it is damaged or of another version")
}
