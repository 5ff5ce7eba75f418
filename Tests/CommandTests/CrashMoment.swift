import FlowSystem
import FlowTestSupport
import Glibc

/// When flow is killed, or its disk fails.
enum CrashMoment: CustomStringConvertible {
    /// After a line of its output and some turns of an empty loop.
    case line(Int, turns: Int)
    /// Milliseconds after the first line of its output.
    case time(Int)
    /// When it is about to write the number after this one.
    case writes(Int)
    /// Not killed: from this write on all fail, with an error of the system.
    case fails(String, at: Int)
    /// Not killed: no file can have more blocks of 512 bytes, a write across that is cut short.
    case limited(Int)

    var description: String {
        switch self {
        case .line(let line, let turns): "killed \(turns) turns after line \(line)"
        case .time(let time): "killed \(time) ms after its first line"
        case .writes(let count): "killed after \(count) writes"
        case .fails(let error, let first): "\(error) from write \(first) on"
        case .limited(let blocks): "files of \(blocks) blocks at most"
        }
    }

    func run(_ flow: TestProgram, _ words: [String]) throws -> TestResult {
        switch self {
        case .line(let line, let turns):
            var printed = 0
            return try flow.run(words) { _ in
                printed += 1
                guard printed == line else { return false }
                for _ in 0..<turns { sched_yield() }
                return true
            }
        case .time(let time): return try flow.run(words, after: time)
        case .writes(let count):
            return try Self.disturbed(flow, "kill:\(count)").run(words)
        case .fails(let error, let first):
            return try Self.disturbed(flow, "\(error):\(first)").run(words)
        case .limited(let blocks):
            let script = "trap '' XFSZ; ulimit -f \(blocks); exec \"$0\" \"$@\""
            return try TestProgram(
                "sh", in: flow.folder, prefix: ["-c", script, flow.program],
                environment: flow.environment
            ).run(words)
        }
    }

    /// What flow should say where the moment is one at which the disk fails.
    var words: [String] {
        switch self {
        case .fails("ENOSPC", _): ["make room", "No space left on device"]
        case .fails: ["Input/output error"]
        case .limited: ["File too large"]
        default: []
        }
    }

    /// The program with a disk that does what is wished (`Tests/FaultyDisk`).
    private static func disturbed(_ flow: TestProgram, _ wish: String) -> TestProgram {
        var flow = flow
        flow.environment["LD_PRELOAD"] = Path.join(BuiltPrograms.folder, "libFaultyDisk.so")
        flow.environment["FAULTY_DISK"] = wish
        return flow
    }

    /// Whether a disk can be disturbed: sanitizers want to be loaded first themselves, and a program
    /// that is linked whole loads nothing.
    static func canDisturb(_ flow: TestProgram) -> Bool {
        (try? disturbed(flow, "kill:0").run(["version"]).exit) == .some(nil)
    }
}
