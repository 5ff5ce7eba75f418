import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Synchronization
import Testing

/// Eight flows propose and commit at once to one repository, while a proposal is approved in it and a
/// person commits with git: nothing is lost and nothing is there twice.
///
/// `FLOW_SOAK` plays 500 rounds instead of ten. The seed says what each flow is given; which of them is
/// faster is the machine's.
@Suite(.serialized) struct ContentionTests {
    private static let rounds = Environment["FLOW_SOAK"] == nil ? 10 : 500

    @Test("of eight flows at once in one repository all succeed, each with one commit")
    func atOnce() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("contention: seed \(seed)")
        let arena = try ContentionArena()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<Self.rounds {
            let sharing = (0..<ContentionArena.flows).map { _ in Bool.random(using: &generator) }
            try arena.play(round, sharing)
            guard (round + 1).isMultiple(of: ContentionArena.period) else { continue }
            try arena.expectProposals()
            try arena.tidy()
        }
        arena.show(rounds: Self.rounds)
        #expect(arena.faults == [], "seed \(seed)")
        try arena.expectHistory(rounds: Self.rounds)
    }
}

/// The repository of such rounds, what its flows are given, and what became of them.
private final class ContentionArena: Sendable {
    /// Flows that run at once.
    static let flows = 8
    /// Rounds until all proposals are looked at and cleared away.
    static let period = 10
    /// Whose turn a proposal is comes round so often; each turn it has more evidence.
    private static let turns = 4
    /// Hits of the 7 days in a proposal's first offer, its second and its third.
    private static let hits = [4, 7, 12]

    private let demo: Demo
    private let inputs: TemporaryFolder
    /// The skills to propose by their component's number, in each state of their evidence.
    private let offers: [[Int: Offer]]
    private let seen = Mutex(Seen())

    private struct Offer {
        let id: String
        let json: JSON
    }

    private struct Seen {
        /// What was answered, and how often.
        var answers: [String: Int] = [:]
        var faults: [String] = []
        /// Commits that added a line to the file that flows share.
        var lines: [String] = []
    }

    /// Of a round: which skills its flows offer.
    private enum Numbers {
        /// One that nobody else offers.
        static func own(_ flow: Int, _ round: Int) -> Int { flow * turns + round % turns }
        /// One that all offer.
        static func shared(_ round: Int) -> Int { flows * turns + round % turns }
        /// One that is proposed in a round and approved five rounds later.
        static func approved(_ round: Int) -> Int { (flows + 1) * turns + round }
        static let count = (flows + 2) * turns
    }

    init() throws {
        let things = ["order", "disk", "route", "mail", "cache", "queue", "token", "image"]
        let states = ["lost", "full", "late", "broken", "locked"]
        let messages = states.flatMap { state in things.map { "the \($0) is \(state)" } }
        try #require(messages.count == Numbers.count)
        demo = try Demo(copying: Demo(messages: messages), inMemory: true)
        inputs = try TemporaryFolder(inMemory: true)
        try demo.write("gather.yaml", Self.mining)
        try demo.commitAll("gather")
        var offers: [[Int: Offer]] = []
        for (number, hits) in Self.hits.enumerated() {
            if number > 0 {
                try Self.happen(hits - Self.hits[number - 1], at: number, messages, in: demo)
            }
            offers.append(try Self.mine(demo))
        }
        self.offers = offers
        try demo.write("contend.yaml", Self.workflow)
        try demo.write("log.txt", "")
        try demo.commitAll("contend")
    }

    private static func happen(
        _ count: Int, at hour: Int, _ messages: [String], in demo: Demo
    ) throws {
        let records = messages.enumerated().flatMap { number, message in
            (0..<count).map { hit -> JSON in
                [
                    "time": .string("2025-11-07T0\(hour):\(10 + hit):00Z"), "level": "error",
                    "component": .string("app\(number)"), "message": .string(message),
                ]
            }
        }
        try Files.write(JSONLines.write(records), to: demo.at("datasets/samples/more\(hour).jsonl"))
        try demo.commitAll("more errors")
    }

    /// Keeps what the miner offers; an event would have it by reference only.
    private static let mining = #"""
        flow: 1
        name: gather
        nodes:
          mine:
            uses: skills/mine
            with: {source: datasets/samples/*, top: COUNT, self-check: "off"}
          keep:
            needs: mine
            env: {SKILLS: "${{ needs.mine.outputs.candidates }}"}
            run: printf '%s' "$SKILLS" > .flow/offers.json

        """#.replacing("COUNT", with: "\(Numbers.count)")

    private static func mine(_ demo: Demo) throws -> [Int: Offer] {
        try demo.flow("run", "gather.yaml", "--now", Demo.now).checked()
        let found = try JSON.read(Files.read(demo.at(".flow/offers.json"))).arrayValue ?? []
        var offers: [Int: Offer] = [:]
        for json in found {
            let text = try #require(json["text"]?.stringValue)
            let skill = try YAMLDocument.read(Array(text.utf8)).root?.json ?? nil
            let component = try #require(skill["match"]?["component"]?.stringValue)
            let id = try #require(skill["id"]?.stringValue)
            offers[try #require(Int(component.dropFirst(3)))] = Offer(id: id, json: json)
        }
        try #require(offers.count == Numbers.count)
        return offers
    }

    /// Proposes, then commits a file of its own and, `SHARED`, a line of a file that others change too.
    private static let workflow = #"""
        flow: 1
        name: contend
        params:
          name: {type: string}
          offers: {type: string}
          shared: {type: boolean}
        nodes:
          offer:
            env: {OFFERS: "${{ params.offers }}"}
            run: printf 'skills=%s\n' "$(cat "$OFFERS")" >> "$FLOW_OUTPUT"
            outputs: {skills: {type: array}}
          propose: {needs: offer, uses: git/propose, with: {skills: "${{ needs.offer.outputs.skills }}"}}
          change:
            needs: propose
            env: {NAME: "${{ params.name }}", SHARED: "${{ params.shared }}"}
            run: |
              set -e
              blob=$(echo "$NAME" | git hash-object -w --stdin)
              all="{\"path\": \"notes/$NAME\", \"blob\": \"$blob\", \"base\": null}"
              if [ "$SHARED" = true ]; then
                base=$(git rev-parse main:log.txt)
                blob=$({ git cat-file blob "$base"; echo "$NAME"; } | git hash-object -w --stdin)
                all="$all, {\"path\": \"log.txt\", \"blob\": \"$blob\", \"base\": \"$base\"}"
              fi
              echo "changes=[$all]" >> "$FLOW_OUTPUT"
            outputs: {changes: {type: array}}
          commit:
            needs: change
            uses: git/commit
            with: {changes: "${{ needs.change.outputs.changes }}", message: "Add ${{ params.name }}"}

        """#

    // MARK: A round

    /// - Parameter sharing: which flows change the file that they share.
    func play(_ round: Int, _ sharing: [Bool]) throws {
        try inParallel(Self.flows + 2) { [self] worker in
            switch worker {
            case Self.flows: try commitByHand(round)
            case Self.flows + 1: try approve(round % Self.period - 5)
            default: try run(worker, round, isShared: sharing[worker])
            }
        }
    }

    private func run(_ worker: Int, _ round: Int, isShared: Bool) throws {
        let place = round % Self.period
        let evidence = offers[place / Self.turns]
        var numbers = [Numbers.own(worker, place), Numbers.shared(place)]
        if worker == 0, place < Self.turns { numbers.append(Numbers.approved(place)) }
        let name = "r\(round)-f\(worker)"
        try inputs.write(name, JSON.array(numbers.compactMap { evidence[$0]?.json }).text())
        let words = [
            "run", "contend.yaml", "--now", Demo.now, "-p", "name=\(name)", "-p",
            "offers=\(inputs.at(name))", "-p", "shared=\(isShared)",
        ]
        try again("a flow", "log.txt changed since flow read it; run again") {
            try demo.flow.run(words)
        }
        if isShared { seen.withLock { $0.lines.append(name) } }
    }

    /// Approves what was proposed in an earlier round.
    private func approve(_ round: Int) throws {
        guard (0..<Self.turns).contains(round) else { return }
        let id = try #require(offers[0][Numbers.approved(round)]?.id)
        try again("an approval", "run again") { try demo.flow("proposals", "approve", id) }
    }

    private func commitByHand(_ round: Int) throws {
        let name = "hand/\(round)"
        try demo.write(name, "\(round)\n")
        let add = { [self] in
            try again("git add", "index.lock': File exists") { try demo.git("add", name) }
        }
        try add()
        try again("git commit", "index.lock': File exists", "cannot lock ref 'HEAD'") {
            let result = try demo.git("commit", "-q", "-m", "by hand \(round)")
            // It had read the index from before, and may have put that back.
            if result.errors.contains("cannot lock ref 'HEAD'") {
                try again("git reset", "index.lock': File exists") { try demo.git("reset", "-q") }
                try add()
            }
            return result
        }
    }

    /// Does what may find somebody else at it until it is done, and counts the answers.
    private func again(_ who: String, _ signs: String..., act: () throws -> TestResult) throws {
        for _ in 0..<1_000 {
            let result = try act()
            if result.exit == 0 { return count("\(who) succeeded") }
            guard let busy = signs.first(where: (result.output + result.errors).contains) else {
                return seen.withLock { $0.faults.append("\(who): \(result)") }
            }
            count("\(who) was told: \(busy)")
        }
        seen.withLock { $0.faults.append("\(who) never got its turn") }
    }

    private func count(_ answer: String) { seen.withLock { $0.answers[answer, default: 0] += 1 } }

    // MARK: What must hold

    var faults: [String] { seen.withLock { $0.faults } }

    func show(rounds: Int) {
        print("contention: \(rounds) rounds of \(Self.flows) flows")
        for (answer, count) in seen.withLock({ $0.answers }).sorted(by: { $0.key < $1.key }) {
            print("  \(count)\t\(answer)")
        }
    }

    /// Looks at the proposals of a period: one branch for each skill, with a commit for each state of
    /// its evidence, the newest last.
    func expectProposals() throws {
        let numbers = 0..<(Self.flows + 1) * Self.turns
        let expected = numbers.compactMap { offers[0][$0]?.id }
        #expect(try demo.proposals() == expected.sorted())
        for (number, id) in zip(numbers, expected) {
            let offered = (Self.period - 1 - number % Self.turns) / Self.turns
            // Not `main..proposal`: git goes by dates, and flow's are those of the runs.
            let base = try demo.git("merge-base", "main", "proposal/\(id)").checked().text
            let commits = try demo.git("log", "--format=%h %s", "\(base)..proposal/\(id)").lines
            #expect(commits.count == offered + 1, "\(id): \(commits)")
            let document = try demo.document(
                demo.document(ofProposal: id), at: "proposal/\(id)")
            #expect(document["metadata"]?["hits_7d"]?.intValue == Self.hits[offered], "\(id)")
            count("proposals")
            for _ in 0..<offered { count("updates of proposals") }
        }
        let approved = (0..<Self.turns).compactMap { offers[0][Numbers.approved($0)]?.id }
        let arrived = try arrived()
        #expect(arrived.count == Self.turns)
        #expect(approved.allSatisfy { id in arrived.contains { $0.contains(id) } })
    }

    private func arrived() throws -> [String] {
        try demo.paths("skills/proposed").filter { $0.hasSuffix(".yaml") }
    }

    /// Clears the proposals of a period away, as a person may, so that they can be made once more.
    func tidy() throws {
        try demo.git.run(["branch", "-q", "-D"] + demo.proposals().map { "proposal/\($0)" })
            .checked()
        try demo.git.run(["rm", "-q"] + arrived()).checked()
        try demo.git("commit", "-q", "-m", "tidy").checked()
    }

    /// Looks at the default branch: one commit for each flow with what that flow changed and nothing
    /// else, one for each of the person's, the index and the work tree as HEAD has it.
    func expectHistory(rounds: Int) throws {
        let trailers = "--format=%(trailers:key=Flow-Key,valueonly,separator=%x2C)"
        let keys = try demo.git("log", trailers, "main").checked().output.split(separator: "\n")
        #expect(keys.count == rounds * Self.flows)
        #expect(Set(keys).count == keys.count, "one commit for each key")
        let lines = seen.withLock { $0.lines }
        let logged = try demo.text("log.txt").split(separator: "\n").map(String.init)
        #expect(logged.sorted() == lines.sorted())

        var expected: [String: [String]] = [:]
        for round in 0..<rounds {
            expected["by hand \(round)"] = ["hand/\(round)"]
            for worker in 0..<Self.flows {
                expected["Add r\(round)-f\(worker)"] = ["notes/r\(round)-f\(worker)"]
            }
        }
        for name in lines { expected["Add \(name)"]?.insert("log.txt", at: 0) }
        #expect(try changes() == expected)
        try demo.expectSound()
        let locks = try TestProgram("find", in: demo.at(".git"))(".", "-name", "*.lock")
        #expect(locks.lines == [])
        #expect(try Files.list(demo.at(".git/flow")) == [])
    }

    /// The files that each commit of flows and by hand changes, by its subject.
    private func changes() throws -> [String: [String]] {
        var changes: [String: [String]] = [:]
        let log = try demo.git("log", "--first-parent", "--format=%x00%s", "--name-only", "main")
        for commit in try log.checked().output.split(separator: "\0") {
            let lines = commit.split(separator: "\n").map(String.init)
            guard let subject = lines.first,
                subject.hasPrefix("Add r") || subject.hasPrefix("by hand")
            else { continue }
            #expect(changes[subject] == nil, "\(subject) is there once")
            changes[subject] = lines.dropFirst().sorted()
        }
        return changes
    }
}
