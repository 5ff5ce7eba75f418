package import FlowJSON

/// All errors of one source, counted over any number of readings.
///
/// What is counted and how far it was read are one value, so that whoever keeps it whole or not at
/// all counts nothing twice and loses nothing, whatever ends a reading. After each reading the counts
/// are those of one reading of all that was ever there: what stands unfinished at the end of a file
/// (a line without its end, a record whose next lines may still come) counts too, and is counted
/// again, instead, when there is more of it.
package struct MinedSource: Sendable {
    private var settled = Miner()
    private var state = SourceState()
    /// From standard input, which is kept nowhere.
    private var passing = Miner()

    package init() {}

    /// Counts what is new.
    /// - Throws: for the first file that cannot be read; the value is then as it was.
    package mutating func read(_ patterns: [String], _ reader: SourceReader) throws(MiningError)
        -> [SourceReader.FileReport]
    {
        var state = state
        var new = Miner()
        var passing = Miner()
        let (reports, replaced) = try reader.read(patterns, &state) { record in
            if record.source.file == "-" { passing.add(record) } else { new.add(record) }
        }
        for report in reports where report.path == "-" {
            for record in report.unfinished { passing.add(record) }
        }
        settled.merge(new)
        for counts in replaced { settled.merge(counts) }
        self.passing = passing
        self.state = state
        return reports
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

    package var json: JSON {
        ["version": 1, "counts": settled.json, "state": state.json]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` for another version or a damaged document; then the source must be
    ///   read again from its start.
    package init(json: JSON) throws(MiningError) {
        guard json["version"]?.intValue == 1, let counts = json["counts"], let state = json["state"]
        else {
            throw MiningError(
                .badDocument, doing: "go on with what was mined before",
                "it is damaged or of another version")
        }
        settled = try Miner(json: counts)
        self.state = try SourceState(json: state)
    }
}
