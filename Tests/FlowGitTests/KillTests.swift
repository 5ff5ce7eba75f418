import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// Real deaths of real processes, at moments that nobody chose.
@Suite(.serialized) struct KillTests {
    /// Publishes and proposes without end, each under a key of its own, until a timer kills it.
    private static func work(in path: String, from round: Int, microseconds: Int) throws {
        let repository = try Repository.open(at: path)
        _ = try repository.mainTip()
        var timer = itimerval()
        timer.it_value.tv_usec = microseconds
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        for number in round... {
            _ = try repository.publish(
                repository.publication(
                    [
                        ("counter", "\(number)\n"), ("out/\(number % 7)/file", "\(number)\n"),
                        ("out/\((number + 3) % 7)/file", nil),
                    ], key: "k\(number)"))
            let tip = try repository.mainTip()
            _ = try repository.propose(
                branch: "proposal/\(number)", base: tip,
                changes: [repository.change("proposed/\(number)", "x\n", at: tip)],
                message: CommitMessage("propose"), signature: flow, time: noon)
        }
    }

    @Test("killed at any moment, flow loses nothing and leaves nothing behind")
    func killed() async throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let sandbox = try Sandbox()
        try sandbox.write("README", "mine\n")
        var round = 0
        for _ in 0..<12 {
            let path = sandbox.path
            let microseconds = Int.random(in: 300...60_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGALRM)) {
                [path = path as String, round = round as Int, microseconds = microseconds as Int] in
                try KillTests.work(in: path, from: round, microseconds: microseconds)
            }
            let repository = try sandbox.open()
            try repository.recover()
            #expect(try sandbox.status() == " M README")
            let left = try sandbox.intents()
            #expect(left == [])
            #expect(try sandbox.isWhole())
            let keys = try repository.history(from: repository.mainTip()).flatMap(\.trailers)
                .filter { $0.name == "Flow-Key" }.map(\.value)
            #expect(Set(keys).count == keys.count)
            round += 1_000
        }
        try sandbox.git("commit", "-qam", "mine")
        #expect(try sandbox.status() == "")
    }
}
