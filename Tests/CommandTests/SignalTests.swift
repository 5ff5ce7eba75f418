import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// INT, TERM and KILL to flow while a node has grandchildren of every awkward kind: nothing is left.
///
/// `FLOW_SOAK=full` (or 1) makes 200 trials of each signal and prints how long the last process lived
/// after the signal; what counts is that nothing lives when flow, or after KILL its guard and the next
/// command, has ended.
@Suite(.serialized) struct SignalTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let trials = isSoak ? 200 : 5

    /// A node with a grandchild deaf to TERM, one in a session of its own, one in a session of its own
    /// without an environment, and one that waits for room in a full pipe.
    private static let workflow = """
        flow: 1
        name: w
        nodes:
          first: {run: "true"}
          long:
            needs: first
            grace: 200ms
            run: |
              setsid sh -c 'trap "" TERM INT; : > own; while :; do sleep 1000; done' &
              setsid env -i /bin/sh -c ': > bare; exec /bin/sleep 1000' &
              sh -c 'trap "" TERM INT; : > deaf; while :; do sleep 1000; done' &
              mkfifo full
              sh -c 'exec 3<>full; : > pipe; exec cat /dev/zero >&3' &
              wait
          watch:
            needs: first
            run: |
              for name in own bare deaf pipe; do
                while [ ! -e $name ]; do :; done
              done
          ready: {needs: watch, run: "true"}

        """

    private struct Trial {
        let folder: TemporaryFolder
        let id: String

        init(number: Int) throws {
            folder = try TemporaryFolder()
            try folder.write("w.yaml", SignalTests.workflow)
            id = "\(getpid())-\(number)-\(folder.path)"
        }

        /// Sees what flow has but nodes have not, and so tells flow and its guard.
        var flow: TestProgram { Demo.flow(in: folder.path, environment: ["TRIAL": id]) }

        /// flow itself and its guard.
        var owners: [Int32] { Processes.started(with: "TRIAL=\(id)") }

        /// What nodes have started: by their variables, or, without any, by where they work.
        var left: [Int32] {
            let named = Processes.started(with: "FLOW_WORKSPACE=\(folder.path)")
            return named + Processes.working(in: folder.path, without: ["TRIAL=\(id)"])
        }

        func run(signal: Int32, turns: Int) throws -> (result: TestResult, at: Int64) {
            var at: Int64 = 0
            let result = try flow.run(["run", "w.yaml", "--max-parallel", "3"], signal: signal) {
                guard $0.contains("ready ") else { return false }
                for _ in 0..<turns { sched_yield() }
                at = SystemClock().monotonic()
                return true
            }
            return (result, at)
        }
    }

    @Test("after INT or TERM nothing is left when flow has ended", arguments: [SIGINT, SIGTERM])
    func asked(_ signal: Int32) throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var times: [Int] = []
        for round in 0..<Self.trials {
            let trial = try Trial(number: round)
            let turns = Int.random(in: 0..<3_000, using: &generator)
            let (result, at) = try trial.run(signal: signal, turns: turns)
            times.append(Int(SystemClock().monotonic() - at) / 1_000_000)
            #expect(result.exit == 130, "seed \(seed), round \(round): \(result)")
            #expect(trial.left == [], "seed \(seed), round \(round)")
        }
        Self.show(times, "signal \(signal): flow ended")
    }

    @Test("after KILL the guard ends the groups and the next command the rest")
    func killed() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var times: [Int] = []
        for round in 0..<Self.trials {
            let trial = try Trial(number: round)
            let turns = Int.random(in: 0..<3_000, using: &generator)
            let (result, at) = try trial.run(signal: SIGKILL, turns: turns)
            #expect(result.exit == nil)
            #expect(Processes.eventually { trial.owners.isEmpty }, "the guard ends")
            // A killed process is there until the kernel has cleared it away.
            #expect(
                Processes.eventually { trial.left.allSatisfy(Processes.hasOwnSession) },
                "seed \(seed), round \(round)")
            times.append(Int(SystemClock().monotonic() - at) / 1_000_000)
            let list = try trial.flow("runs", "--json").checked()
            #expect(try list.jsonLines.first?["status"] == "interrupted", "\(list)")
            let marked = Processes.started(with: "FLOW_WORKSPACE=\(trial.folder.path)")
            #expect(marked == [], "seed \(seed), round \(round)")
            // Nothing tells whose a process without an environment is, once flow is gone.
            for process in trial.left { kill(process, SIGKILL) }
        }
        Self.show(times, "KILL: the groups ended")
    }

    @Test("Ctrl-C twice ends flow at once, whatever the grace, and leaves nothing")
    func twice() throws {
        let trial = try Trial(number: 0)
        let slow = "flow: 1\nnodes:\n  long:\n    grace: 10h\n    run: |\n"
        let lines = [
            "trap ': > asked' TERM",
            "setsid sh -c 'echo $$ > own; exec sleep 1000' &",
            "while [ ! -s own ]; do :; done; : > ready",
            "while :; do sleep 1000 & wait $! || true; done",
        ]
        try trial.folder.write("w.yaml", slow + lines.map { "      \($0)\n" }.joined())
        // With job control, without which a shell makes its jobs ignore INT.
        let script = """
            set -m
            '\(BuiltPrograms.flow)' run w.yaml & flow=$!
            while [ ! -e ready ]; do :; done; kill -TERM $flow
            while [ ! -e asked ]; do :; done; kill -INT $flow; kill -INT $flow
            while kill -INT $flow 2> /dev/null; do :; done
            wait $flow
            """
        let ended = try TestProgram(
            "bash", in: trial.folder.path, environment: ["TRIAL": trial.id])(
                "-c", script)
        #expect(ended.exit == 130, "\(ended)")
        #expect(Processes.eventually { trial.left.isEmpty })
    }

    private static func show(_ times: [Int], _ what: String) {
        guard isSoak else { return }
        let counts = Dictionary(times.map { ($0 / 20 * 20, 1) }, uniquingKeysWith: +)
        print("\(what), milliseconds after the signal (trials):")
        for (time, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("  \(time)–\(time + 19): \(count)")
        }
    }
}

/// Processes of this machine, as `/proc` shows them.
enum Processes {
    static func started(with variable: String) -> [Int32] {
        let wanted = Array(variable.utf8)
        return all.filter { process in
            let bytes = (try? Files.read("/proc/\(process)/environ")) ?? []
            return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }

    /// Those whose working folder this is and that were started without some variables.
    static func working(in folder: String, without variables: [String]) -> [Int32] {
        let spared = Set(variables.flatMap(started))
        return all.filter {
            (try? Files.real("/proc/\($0)/cwd")) == folder && !spared.contains($0)
        }
    }

    static func hasOwnSession(_ process: Int32) -> Bool { getsid(process) != getsid(0) }

    private static var all: [Int32] {
        ((try? Files.list("/proc")) ?? []).compactMap { Int32($0) }
    }

    /// Looks until something holds, for a minute at most.
    static func eventually(_ holds: () -> Bool) -> Bool {
        for _ in 0..<30_000 {
            if holds() { return true }
            Thread.pause(milliseconds: 2)
        }
        return false
    }
}
