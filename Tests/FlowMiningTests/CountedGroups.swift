import FlowSystem

@testable import FlowMining

/// The groups of a miner as mining makes them, asked which one counts a record.
struct CountedGroups {
    private let mined: MinedGroups
    private let lookup: GroupLookup

    init(_ miner: Miner) {
        mined = MinedGroups(miner, MinerTests.window)
        lookup = GroupLookup(mined)
    }

    /// nil where no error like it was counted.
    func fingerprint(of record: ErrorRecord) -> Fingerprint? {
        let (coarseness, masks) = (mined.miner.coarseness, mined.miner.masks)
        let (part, message) = Miner.masked(record, coarseness.component(of: record), masks)
        var lexer = MessageLexer(quotes: .masked)
        let key = lexer.lex(message.text, isCut: message.isCut).key
        return lookup.fingerprint(of: key, in: coarseness.room == 0 ? .all : part)
            .map { Fingerprint(text: $0) }
    }
}
