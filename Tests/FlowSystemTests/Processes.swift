import FlowSystem
import Glibc

/// A process as `/proc` shows it.
struct ProcessEntry {
    let pid: Int32
    let name: String
    let state: Character
    let parent: Int32
    let group: Int32

    /// All processes of the machine, zombies included.
    static var all: [ProcessEntry] {
        ((try? Files.list("/proc")) ?? []).compactMap { Int32($0) }.compactMap(ProcessEntry.init)
    }

    /// `pid (name) state parent group …` (proc(5)).
    init?(_ pid: Int32) {
        guard let text = try? Files.text("/proc/\(pid)/stat"),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let rest = text[close...].split(separator: " ")
        guard rest.count > 3, let state = rest[1].first, let parent = Int32(rest[2]),
            let group = Int32(rest[3])
        else { return nil }
        self.pid = pid
        name = String(text[text.index(after: open)..<close])
        self.state = state
        self.parent = parent
        self.group = group
    }

    /// The members of a process group that are alive.
    static func living(inGroup group: Int32) -> [Int32] {
        all.filter { $0.group == group && $0.state != "Z" && $0.state != "X" }.map(\.pid)
    }
}

/// Looks again and again until something holds, for ten seconds at most.
func eventually(_ holds: () -> Bool) -> Bool {
    for _ in 0..<1000 {
        if holds() { return true }
        Thread.pause(milliseconds: 10)
    }
    return false
}

/// A finished command with what it printed.
struct Ran {
    let result: CommandResult
    let output: String
    let pid: Int32
}

/// Runs a script for `sh` on a lane.
func run(
    _ script: String, environment: CStrings = ["PATH=/usr/bin:/bin"], folder: String = "/",
    timeout: Duration? = nil, grace: Duration = .seconds(5), on lane: Lane? = nil,
    started: (Lane) -> Void = { _ in }
) throws -> Ran {
    try run(
        Command(
            program: "/bin/sh", arguments: ["sh", "-c", script], environment: environment,
            folder: folder, timeout: timeout, grace: grace), on: lane, started: started)
}

func run(_ command: Command, on lane: Lane? = nil, started: (Lane) -> Void = { _ in }) throws -> Ran
{
    let lane = try lane ?? Lane(processGuard: nil)
    var bytes: [UInt8] = []
    var pid: Int32 = 0
    let result = lane.run(command) { id, _ in
        pid = id
        started(lane)
    } output: {
        bytes += $0
    }
    return Ran(result: result, output: String(decoding: bytes, as: UTF8.self), pid: pid)
}
