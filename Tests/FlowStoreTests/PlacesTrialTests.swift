import FlowEngine
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// Eight processes that share a pool of three and a group, and are killed at any moment.
///
/// Each proves what it holds by a lock of its own, which nobody else can have. `FLOW_SOAK` tries
/// thousands of rounds instead of some hundred.
@Suite struct PlacesTrialTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let owners = 8
    /// Times that each run is killed and taken up again.
    private static let lives = isSoak ? 70 : 4

    @Test("killed at random, no two have one place, nobody waits for ever, the order is kept")
    func trial() async throws {
        let sandbox = try Sandbox()
        let seed = UInt64.random(in: 0...(.max))
        print("places trial: seed \(seed)")
        // Every grant is written down in the order of the commits.
        _ = try StorePlaces(sandbox.state, run: "nobody") { _ in true }
        let watcher = try Database(path: sandbox.state.placesDatabase)
        try watcher.execute(
            """
            CREATE TABLE grants (place INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT, number INTEGER);
            CREATE TRIGGER granted AFTER UPDATE OF held ON tickets WHEN NEW.held = 1 BEGIN
              INSERT INTO grants (pool, number) VALUES (NEW.pool, NEW.number);
            END;
            """)
        await withTaskGroup { group in
            for owner in 0..<Self.owners {
                group.addTask { [path = sandbox.state.path] in
                    for life in 0..<Self.lives {
                        let own = seed &+ UInt64(owner * 1_000_003 + life)
                        await #expect(processExitsWith: .signal(SIGKILL)) {
                            [path = path as String, owner = owner as Int, own = own as UInt64] in
                            var worker = try PlacesWorker(path, owner: owner, seed: own)
                            try worker.work()
                        }
                    }
                }
            }
        }
        let notes = try Files.text(sandbox.folder.at(".flow/notes")).split(separator: "\n")
        let rounds = notes.count { $0 == "round" }
        #expect(notes.filter { $0 != "round" && $0 != "waited" } == [], "seed \(seed)")
        #expect(rounds >= (Self.isSoak ? 2000 : 100), "seed \(seed)")
        #expect(notes.contains("waited"), "they met")
        for pool in ["p", "group:g"] {
            let numbers = try watcher.run(
                "SELECT number FROM grants WHERE pool = ? ORDER BY place", [.text(pool)]
            ).compactMap { $0[0].int }
            #expect(numbers == numbers.sorted(), "seed \(seed)")
            #expect(Set(numbers).count == numbers.count)
        }
        print("places trial: \(rounds) rounds, \(Self.owners * Self.lives) kills")
        // All are dead, so whoever comes next gets everything.
        let lock = try RunLock(sandbox.state, run: "last")
        let places = try StorePlaces(sandbox.state, run: "last") { _ in true }
        for pool in ["p", "group:g"] {
            try places.ask(for: pool, size: 1)
            #expect(try places.granted() == [pool])
        }
        withExtendedLifetime(lock) {}
    }
}

/// One life of a run in the trial: takes places and gives them back until it is killed.
private struct PlacesWorker {
    private let state: StateFolder
    private let run: String
    private let notes: AppendingFile
    private let lock: RunLock
    private let woken = Mailbox<Int>()
    private let pipe: ControlPipe
    private let places: StorePlaces
    private var generator: SeededGenerator

    init(_ path: String, owner: Int, seed: UInt64) throws {
        state = try StateFolder(path)
        run = "r\(owner)"
        generator = SeededGenerator(seed: seed)
        notes = try AppendingFile(Path.join(path, "notes"))
        lock = try #require(try RunLock(state, run: run))
        try Files.write("\(getpid())", to: Path.join(path, "pid-\(run)"))
        pipe = try ControlPipe(state, run: run) { [woken] in woken.send(1) }
        places = try StorePlaces(state, run: run) { Self.isGone($0, below: path) }
    }

    /// Waits until a killed process has nothing open: the run's lock may be free before the lock that
    /// proves its place, as a command may outlive its flow.
    private static func isGone(_ run: String, below path: String) -> Bool {
        let text = try? Files.text(Path.join(path, "pid-\(run)"))
        guard let process = text.flatMap({ pid_t($0) }) else { return true }
        while !isEmpty(process) { Glibc.usleep(200) }
        return true
    }

    /// Whether a process is gone, or only its parent has not looked yet: its last thread is a zombie.
    private static func isEmpty(_ process: pid_t) -> Bool {
        guard let threads = try? Files.list("/proc/\(process)/task"),
            let status = try? Files.text("/proc/\(process)/stat")
        else { return true }
        let state = status.split(separator: ")").last?.split(separator: " ").first
        return threads.count <= 1 && (state == "Z" || state == "X")
    }

    mutating func work() throws {
        for _ in 0..<Int.random(in: 2...8, using: &generator) { try rounds() }
        let rest = UInt32.random(in: 0...5000, using: &generator)
        try Thread {
            usleep(rest)
            kill(getpid(), SIGKILL)
        }.detach()
        while true { try rounds() }
    }

    private mutating func rounds() throws {
        try round("group:g", size: 1)
        try round("p", size: 3)
    }

    private mutating func round(_ pool: String, size: Int) throws {
        try places.ask(for: pool, size: size)
        try wait(for: pool)
        try use(pool, size: size)
        try places.release(pool)
        try note("round")
    }

    private mutating func use(_ pool: String, size: Int) throws {
        for place in 0..<size {
            guard let proof = try LockedFile(Path.join(state.path, "\(pool)-\(place)")) else {
                continue
            }
            usleep(UInt32.random(in: 0...1500, using: &generator))
            return withExtendedLifetime(proof) {}
        }
        try note("two have one place of \(pool)")
    }

    private func wait(for pool: String) throws {
        for look in 0..<600 {
            let granted = try places.granted()
            if granted == [pool] { return }
            if !granted.isEmpty { try note("got \(granted) instead of \(pool)") }
            if look == 0 { try note("waited") }
            woken.wait(until: SystemClock().monotonic() + 100_000_000)
            _ = woken.takeAll()
        }
        try note("waited for ever")
    }

    private func note(_ text: String) throws { try notes.append(Array("\(text)\n".utf8)) }
}
