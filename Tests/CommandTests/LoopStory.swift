import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The loop once round and on, told once for all tests that look at it: each turn's repository is
/// kept as it stood.
struct LoopStory {
    /// After the first run: proposals.
    let first: Demo
    /// After the reviewer's verdicts.
    let reviewed: Demo
    /// After the second run: skills.
    let second: Demo
    /// After a third run with nothing new.
    let third: Demo
    /// After a fourth, in which training was due.
    let trained: Demo

    /// Approved with flow.
    let approved: [String]
    /// Merged with git.
    let merged: String
    let rejected: String

    static let told = Result { try LoopStory() }

    private init() throws {
        let demo = try Demo(sample: true)
        try demo.integrate().checked()
        first = try Demo(copying: demo)
        let open = try demo.flow("proposals", "list", "--json").checked().jsonLines
            .compactMap { $0["id"]?.stringValue }
        // Both kinds, whatever the order is.
        let fixers = open.filter { $0.hasPrefix("FX-") }
        let guardrails = open.filter { $0.hasPrefix("GR-") }
        try #require(fixers.count >= 3 && guardrails.count >= 2)
        approved = [fixers[0], fixers[1], guardrails[0]]
        merged = guardrails[1]
        rejected = fixers[2]
        try demo.flow.run(["proposals", "approve"] + approved).checked()
        try demo.git("merge", "-q", "--no-ff", "-m", "Merge a proposal", "proposal/\(merged)")
            .checked()
        try demo.flow("proposals", "reject", rejected, "--reason", "the caller is at fault")
            .checked()
        reviewed = try Demo(copying: demo)
        try demo.integrate().checked()
        second = try Demo(copying: demo)
        try demo.integrate().checked()
        third = try Demo(copying: demo)
        try demo.integrate("-p", "retrain_threshold=3", "-p", "min_samples=4").checked()
        trained = demo
    }

    /// All that were accepted.
    var accepted: Set<String> { Set(approved + [merged]) }
}
