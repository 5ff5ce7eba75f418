import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `kill -9` of `skills/mine` at any moment, while its log grows and is rotated: in the end every error
/// is counted once.
///
/// The log is written piece by piece, cut anywhere, by the shell that also starts the miner and kills
/// it, and is rotated in the two ways there are: renamed, or copied and emptied. `FLOW_SOAK=1` kills
/// five hundred times instead of twenty, another number as often as it says.
@Suite(.serialized) struct MineKillTests {
    private static let kills: Int = {
        guard let soak = Environment["FLOW_SOAK"].flatMap({ Int($0) }) else { return 20 }
        return soak > 1 ? soak : 500
    }()

    @Test(
        "a miner that is killed at any moment counts what an undisturbed one counts",
        arguments: ["auto", "log"])
    func killed(_ format: String) throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        let place = try MinePlace(format: format)
        var log = GrowingLog(seed: seed)
        // beyond what is needed to be sure of a format
        try place.script(log.steps(records: 900))
        // the first has more to read than those that follow
        _ = try place.turns()
        let turns = try place.turns()
        var killed = 0
        var rounds = 0
        // a loaded machine may end many a miner before its moment has come
        while killed < Self.kills / 2, rounds < Self.kills * 20 {
            rounds += 1
            var script = "rm -f done; \(place.command) > /dev/null 2>&1 & miner=$!\n"
            let steps = log.steps(records: Int.random(in: 0...4, using: &log.generator))
            let rest = Int.random(in: 0...(3 * turns / 2), using: &log.generator)
            for step in steps + [""] { script += place.wait(rest / (steps.count + 1)) + step }
            script += "kill -9 $miner 2> /dev/null; wait $miner; [ $? != 137 ] || echo killed\n"
            killed += try place.script([script]).lines.count
        }
        try place.script(log.end())
        let kept = try place.counts(state: "state")
        let fresh = try place.counts(state: "fresh")
        print("killed \(killed) miners of \(rounds)")
        for (one, other) in zip(kept, fresh) where one != other {
            let place = zip(one, other).prefix { $0 == $1 }.count
            let words = [one, other].map { String($0.dropFirst(place).prefix(80)) }
            Issue.record("seed \(seed): \(words[0]), not \(words[1])")
        }
        #expect(kept.count == fresh.count)
        #expect(killed == Self.kills / 2, "seed \(seed)")
    }
}

/// A folder with a log, and the miner's side of the node contract.
private struct MinePlace {
    let folder: TemporaryFolder
    let command: String

    init(format: String) throws {
        folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("logs"))
        let input: JSON = [
            "source": "logs/*", "format": .string(format), "min-hits": 1, "window": 30,
            "top": 1_000_000, "self-check": "off",
        ]
        try folder.write("input.json", input.text())
        command = "'\(Path.join(BuiltPrograms.folder, "flow-stage"))' skills/mine"
    }

    private func shell(state: String) -> TestProgram {
        TestProgram(
            "sh", in: folder.path,
            environment: [
                "FLOW_WORKSPACE": folder.path, "FLOW_STATE": folder.at(state),
                "FLOW_NOW": "2025-11-08T02:00:00Z", "FLOW_RUN_ID": "r1", "FLOW_NODE": "mine",
                "FLOW_INPUT": folder.at("input.json"), "FLOW_OUTPUT": folder.at("output"),
            ])
    }

    @discardableResult
    func script(_ steps: [String]) throws -> TestResult {
        try shell(state: "state").run([], input: steps.joined()).checked()
    }

    /// A loop that does nothing, at most until the miner has ended.
    func wait(_ turns: Int) -> String {
        "i=0; while [ $i -lt \(turns) ] && [ ! -e done ]; do i=$((i+1)); done\n"
    }

    /// For how many turns of that loop a miner lives that nobody kills.
    func turns() throws -> Int {
        let text = "rm -f done; (\(command) > /dev/null; : > done) &\n\(wait(.max))echo $i\n"
        return try #require(Int(script([text]).text))
    }

    /// What an undisturbed run gives of all that is counted.
    func counts(state: String) throws -> [String] {
        try Files.remove(folder.at("output"))
        try shell(state: state)("-c", command).checked()
        return try Files.text(folder.at("output")).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("new=") && !$0.hasPrefix("skipped=") }
    }
}

/// A log that a shell writes.
private struct GrowingLog {
    var generator: SeededGenerator
    private var records = 0
    private var rotations = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Commands that write some records in pieces, and now and then rotate the log.
    mutating func steps(records count: Int) -> [String] {
        var text = ""
        for _ in 0..<count { text += record() }
        var steps: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...(text.count / 3 + 1), using: &generator))
            rest = rest.dropFirst(piece.count)
            steps.append("printf %s '\(piece)' >> logs/shop.log\n")
            if Int.random(in: 0..<12, using: &generator) == 0 { steps.append(rotation()) }
        }
        return steps
    }

    /// One last record whose lines are all there.
    mutating func end() -> [String] { ["printf %s '\(record())' >> logs/shop.log\n"] }

    private mutating func record() -> String {
        records += 1
        let minute = records / 60 % 60
        let time =
            "2025-11-0\(3 + records % 4) 0\(records / 3600 % 10):"
            + "\(minute < 10 ? "0" : "")\(minute):\(10 + records % 50),\(100 + records % 900)"
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return "\(time) INFO shop.cart: order \(records) placed\n"
        case 1:
            return """
                \(time) ERROR shop.cart: order \(records) failed
                Traceback (most recent call last):
                  File "/srv/shop/cart.py", line \(records % 7), in place
                    raise KeyError(name)
                KeyError: "customer \(records % 5)"

                """
        default:
            return "\(time) ERROR shop.stock: item \(records % 9) of shelf S\(records) is missing\n"
        }
    }

    /// Renames the log, or copies it and empties it.
    private mutating func rotation() -> String {
        rotations += 1
        var lines = (0..<rotations).reversed().map { number in
            number == 0 ? "" : "mv logs/shop.log.\(number) logs/shop.log.\(number + 1)\n"
        }
        lines.append(
            Bool.random(using: &generator)
                ? "mv logs/shop.log logs/shop.log.1\n: > logs/shop.log\n"
                : "cp logs/shop.log logs/shop.log.1\n: > logs/shop.log\n")
        return lines.joined()
    }
}
